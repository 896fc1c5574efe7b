"""Records as lines of coloured text."""

from forge_emu.console.lines.formatter import LineFormatter, record_line

__all__ = ["LineFormatter", "record_line"]
