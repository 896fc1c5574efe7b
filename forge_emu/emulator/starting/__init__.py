"""What a start needs before there is an emulator. Quick to import."""
