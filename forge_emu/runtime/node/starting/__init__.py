"""Starts the host program, also before there is a runtime, or before the app was read."""
