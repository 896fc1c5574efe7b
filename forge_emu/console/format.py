"""Spans, instants, ids and foreign text as the terminal shows them."""

from __future__ import annotations

import re

from forge_emu.model import Instant, Millis

# Control characters, and those that turn the direction of text: an app's log line must not be able
# to move the cursor, recolour the screen or read backwards. Lone surrogates cannot be written.
_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_UUID = re.compile(r"^[0-9a-f]{8}-[0-9a-f-]{27}$")


def escape(text: str) -> str:
    """Foreign text on one line, with its control characters made visible."""
    if text.isprintable():
        return text
    text = text.replace("\r\n", "\n").rstrip("\n").replace("\n", " ⏎ ").replace("\t", "  ")
    return _CONTROL.sub(_escape_character, text)


def _escape_character(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def short_id(id: str) -> str:
    """The first eight characters of a uuid; other ids as they are, up to twelve."""
    head, slash, rest = id.partition("/")
    head = head[:8] if _UUID.match(head) else head if len(head) <= 12 else head[:11] + "…"
    return escape(head + slash + rest)


def speed_text(speed: float | None) -> str:
    """`speed x60`, or `virtual time`."""
    return "virtual time" if speed is None else f"speed x{speed:g}"


def offset(at: Instant) -> str:
    """`+00:01:23.456`: emulated time since the run began."""
    seconds, ms = divmod(at, 1000)
    return f"+{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{ms:03d}"


def short_offset(at: Instant) -> str:
    """`1:23.456`, or `1:02:03.4` from an hour on: at most nine characters up to a day."""
    seconds, ms = divmod(at, 1000)
    if seconds < 3600:
        return f"{seconds // 60}:{seconds % 60:02d}.{ms:03d}"
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{ms // 100}"


def clock_text(at: Instant) -> str:
    """`+0:01:23`."""
    seconds = at // 1000
    return f"+{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def axis_label(at: Instant) -> str:
    """`1:23`, or `1:02:03` from an hour on: for an axis."""
    seconds = at // 1000
    if seconds < 3600:
        return f"{seconds // 60}:{seconds % 60:02d}"
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def span(ms: Millis) -> str:
    """`250 ms`, `2.5 s`, `40 s`, `12 min`, `1 h 05 min`."""
    if ms < 1_000:
        return f"{ms} ms"
    if ms < 10_000:
        return f"{ms / 1000:.1f}".rstrip("0").rstrip(".") + " s"
    if ms < 120_000:
        return f"{round(ms / 1000)} s"
    minutes = round(ms / 60_000)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def countdown(ms: Millis) -> str:
    """`40 s`, `1:20 min`: rounded up, so that it never says 0 before it is due."""
    seconds = -(-ms // 1000)
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60}:{seconds % 60:02d} min"
    return f"{seconds // 3600}:{seconds // 60 % 60:02d} h"


def amount(value: float) -> str:
    """`1,234`, `0.5`, `12.3k` above 99,999."""
    if value >= 100_000:
        return f"{value / 1000:,.0f}k"
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.1f}"


def plural(n: int, one: str, many: str | None = None) -> str:
    """`1 event`, `2 events`."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"
