"""How commands reach a running emulator, and follow what it records."""
