"""Durations as text: reads those that people write, writes those that people read.

What is written for the terminal, the report's page writes alike: report/page/web/duration.js.
"""

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
    "d": 24 * HOUR,
}

_DAYS_FROM: Final = 48 * 60
"""Minutes from which days are written."""
_DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)\s*(ms|s|min|m|h|d)")


def read_milliseconds(text: str) -> float | None:
    """`500ms`, `10s`, `2m`, `1.5h`, `7d` in milliseconds; None where `text` is no duration."""
    match = _DURATION.fullmatch(text.strip())
    return float(match[1]) * MILLIS_PER_UNIT[match[2]] if match else None


def read_duration(text: str) -> Millis | None:
    """The same in whole milliseconds."""
    ms = read_milliseconds(text)
    return None if ms is None else round(ms)


def duration_argument(ms: float) -> str:
    """The shortest text that `read_duration` reads as `ms`: `90s`, `1.5h`, `250ms`."""
    whole = round(ms)
    for unit, size in (("h", HOUR), ("m", MINUTE), ("s", SECOND)):
        if whole and whole % size == 0:
            return f"{whole // size}{unit}"
    return f"{whole / SECOND:.15g}s" if whole > SECOND else f"{whole}ms"


def duration_text(ms: Millis) -> str:
    """`250 ms`, `2.5 s`, `40 s`, `12 min`, `3:05 min`, `1 h 05 min`, `2 d 03 h`.

    Rounded to the last unit it shows; a negative duration is `0 ms`. Days begin at 48 hours.
    """
    ms = max(0, ms)
    if ms < SECOND:
        return f"{ms} ms"
    tenths = _rounded(ms, SECOND // 10)
    if tenths < 100:
        return f"{tenths // 10}.{tenths % 10} s" if tenths % 10 else f"{tenths // 10} s"
    seconds = _rounded(ms, SECOND)
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3_600:
        minutes, rest = divmod(seconds, 60)
        return f"{minutes}:{rest:02d} min" if rest else f"{minutes} min"
    minutes = _rounded(ms, MINUTE)
    if minutes < _DAYS_FROM:
        return f"{minutes // 60} h {minutes % 60:02d} min"
    days, hours = divmod(_rounded(ms, HOUR), 24)
    return f"{days:,} d {hours:02d} h"


def exact_duration_text(ms: Millis) -> str:
    """The same to the millisecond below 48 hours: `54.9 s`, `3:05.25 min`, `1 h 05:12 min`."""
    minutes, rest = divmod(max(0, ms), MINUTE)
    if rest == 0 or ms < SECOND or minutes >= _DAYS_FROM:
        return duration_text(ms)
    seconds = f"{rest / SECOND:g}"
    if not minutes:
        return f"{seconds} s"
    seconds = f"0{seconds}" if rest < 10 * SECOND else seconds
    if minutes < 60:
        return f"{minutes}:{seconds} min"
    return f"{minutes // 60} h {minutes % 60:02d}:{seconds} min"


def countdown_text(ms: Millis) -> str:
    """The time to something due: whole seconds, rounded up, so that it is 0 only when it is due."""
    return duration_text(-(-ms // SECOND) * SECOND)


def _rounded(ms: Millis, unit: Millis) -> int:
    """`ms` in units, halves up: as JavaScript rounds."""
    return (ms + unit // 2) // unit
