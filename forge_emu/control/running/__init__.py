"""Which emulators of this user run on this machine."""
