"""`forge-emu open`: the live page of the running emulator, in the browser."""

from forge_emu.cli.open.open import open

__all__ = ["open"]
