"""The host process: its start, its wire, and what runs in it."""
