"""Instants as text: positions in emulated time, counted from the beginning of the run."""

from __future__ import annotations

from forge_emu.model import Instant


def offset_text(at: Instant) -> str:
    """`+00:01:23.456`: the same length up to a hundred hours."""
    seconds, ms = divmod(at, 1000)
    return f"+{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{ms:03d}"


def short_offset_text(at: Instant) -> str:
    """`1:23.456`, or `1:02:03.4` from an hour on: at most nine characters up to a day."""
    seconds, ms = divmod(at, 1000)
    return f"{axis_label(at)}.{ms:03d}" if seconds < 3600 else f"{axis_label(at)}.{ms // 100}"


def clock_text(at: Instant) -> str:
    """`+0:01:23`: whole seconds."""
    return f"+{hours_text(at)}"


def hours_text(at: Instant) -> str:
    """`0:01:23`: whole seconds, always with hours."""
    seconds = at // 1000
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def axis_label(at: Instant) -> str:
    """`1:23`, or `1:02:03` from an hour on: whole seconds, on an axis.

    The report's page writes the same: report/page/web/offset.js.
    """
    seconds = at // 1000
    return f"{seconds // 60}:{seconds % 60:02d}" if seconds < 3600 else hours_text(at)
