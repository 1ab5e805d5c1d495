"""What several parts of the package need, and no part is the home of."""
