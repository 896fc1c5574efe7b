"""Scheduled triggers: when they are due, and their runs."""
