"""The manifest: its text becomes an App, or every problem in it with line, column and a hint."""

from forge_emu.manifest.reader import read_manifest

__all__ = ["read_manifest"]
