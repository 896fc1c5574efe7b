"""Records as lines of coloured text."""

from forge_emu.console.lines.formatter import LineFormatter, record_line, record_parts
from forge_emu.console.lines.line_writer import LineWriter

__all__ = ["LineFormatter", "LineWriter", "record_line", "record_parts"]
