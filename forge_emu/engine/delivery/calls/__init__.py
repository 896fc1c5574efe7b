"""Calls of functions whose callers wait for the answer."""
