"""Image and video files for `crd translate`."""
