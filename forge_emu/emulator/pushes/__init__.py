"""Pushes that a user makes by hand."""
