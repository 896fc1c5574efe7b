"""The loop and the one place where the parts are put together."""

from forge_emu.emulator.options import RunOptions
from forge_emu.emulator.start import Terminal, run

__all__ = ["RunOptions", "Terminal", "run"]
