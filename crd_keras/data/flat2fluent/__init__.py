"""flat2fluent: emoji drawn flat, and the same emoji rendered in 3-D."""
