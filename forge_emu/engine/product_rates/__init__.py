"""Limits of the products on calls of an app."""
