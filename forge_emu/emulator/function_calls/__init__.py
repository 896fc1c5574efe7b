"""Calls of functions from outside, whose callers wait for the answer."""
