"""Numbers, ids and foreign text as the terminal shows them."""

from __future__ import annotations

import re
from typing import Final

from forge_emu.durations import duration_text
from forge_emu.model import Millis
from forge_emu.report.format import plural

__all__ = ["LAG_SHOWN", "amount", "escape", "lag_text", "plural", "short_id", "speed_text"]

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


def escape_lines(text: str) -> str:
    """Foreign text in its own lines, with its control characters made visible."""
    return _CONTROL.sub(_escape_character, text.replace("\r\n", "\n"))


def escape_json(text: bytes) -> bytes:
    """A JSON text with its control characters as escapes: it says the same."""
    if text.isascii() and b"\x7f" not in text:
        # JSON escapes the others itself.
        return text
    return _CONTROL.sub(_json_escape, text.decode("utf-8", "replace")).encode()


def _json_escape(found: re.Match[str]) -> str:
    return found[0] if found[0] in "\r\n" else f"\\u{ord(found[0]):04x}"


def short_id(id: str) -> str:
    """The first eight characters of a uuid; other ids as they are, up to twelve."""
    head, slash, rest = id.partition("/")
    head = head[:8] if _UUID.match(head) else head if len(head) <= 12 else head[:11] + "…"
    return escape(head + slash + rest)


def speed_text(speed: float | None) -> str:
    """`speed x60`, or `virtual time`."""
    return "virtual time" if speed is None else f"speed x{speed:g}"


def amount(value: float) -> str:
    """`1,234`, `0.5`, `12.3k` above 99,999."""
    if value >= 100_000:
        return f"{value / 1000:,.0f}k"
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.1f}"


LAG_SHOWN: Final[Millis] = 1_000
"""From this on, what waits for this machine is shown."""


def lag_text(waited: Millis) -> str:
    """That handlers wait for this machine, and how long."""
    return f"behind by {duration_text(waited)}: this machine, not your app"
