"""Snapshots of a run in memory, and going back to them."""
