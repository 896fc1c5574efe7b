"""Payloads over the control API: what is in events."""
