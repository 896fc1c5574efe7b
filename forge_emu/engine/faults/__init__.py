"""Faults that a user asks for: their rules, and when they strike."""
