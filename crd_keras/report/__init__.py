"""Reports, curves and grids of images."""
