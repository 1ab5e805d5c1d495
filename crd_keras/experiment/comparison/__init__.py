"""Compares the networks of runs that differ in their seed alone."""
