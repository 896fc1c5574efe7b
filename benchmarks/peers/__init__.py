"""Local emulators of other platforms, which run the same handlers."""
