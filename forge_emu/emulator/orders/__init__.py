"""What a developer orders of a running emulator by hand, beside product events."""
