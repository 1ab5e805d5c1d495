"""The built-in sample: drawn plain and striped animals."""
