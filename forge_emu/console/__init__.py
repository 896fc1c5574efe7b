"""Terminal output: lines of records, the live console, the summary."""

from forge_emu.console.lines import LineFormatter, LineWriter, record_line, record_parts
from forge_emu.console.live.live_console import Actions, LiveConsole
from forge_emu.console.live.state import Screen, Snapshot, ViewState
from forge_emu.console.live.view import render
from forge_emu.console.summary import render_summary

__all__ = [
    "Actions",
    "LineFormatter",
    "LineWriter",
    "LiveConsole",
    "Screen",
    "Snapshot",
    "ViewState",
    "record_line",
    "record_parts",
    "render",
    "render_summary",
]
