"""Faults that a user asks for: their rules, and their injection."""
