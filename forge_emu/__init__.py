"""forge-emu: a local emulator for Atlassian Forge apps."""

__version__ = "0.1.0"
