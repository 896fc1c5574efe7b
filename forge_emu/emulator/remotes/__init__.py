"""What remotes ask of a running emulator."""
