"""The state of an app's emulator on disk: written with every turn, read at the next start."""
