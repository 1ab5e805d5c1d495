"""State dicts: the named arrays of a PyTorch module, read, written and compared."""
