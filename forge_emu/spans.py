"""Spans of time as people write them: `500ms`, `10s`, `2m`, `1.5h`."""

from __future__ import annotations

import re
from typing import Final

from forge_emu.model import HOUR, MINUTE, SECOND, Millis

MILLIS_PER_UNIT: Final[dict[str, Millis]] = {
    "ms": 1,
    "s": SECOND,
    "m": MINUTE,
    "min": MINUTE,
    "h": HOUR,
}

_SPAN = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)\s*(ms|s|min|m|h)")


def read_span(text: str) -> Millis | None:
    """`text` in milliseconds; None where it is no span of time."""
    match = _SPAN.fullmatch(text.strip())
    return round(float(match[1]) * MILLIS_PER_UNIT[match[2]]) if match else None


def write_span(ms: float) -> str:
    """The shortest form that `read_span` reads back: `90s`, `1.5h`, `250ms`."""
    whole = round(ms)
    for unit, size in (("h", HOUR), ("m", MINUTE), ("s", SECOND)):
        if whole and whole % size == 0:
            return f"{whole // size}{unit}"
    return f"{whole / SECOND:g}s" if whole > SECOND else f"{whole}ms"
