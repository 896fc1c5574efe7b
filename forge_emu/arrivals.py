"""How the events of a step follow each other."""

from __future__ import annotations

import re
from math import sqrt
from typing import Final, TypeAlias

import msgspec

from forge_emu.durations import MILLIS_PER_UNIT
from forge_emu.model import Millis

MAX_EVENTS: Final = 1_000_000
"""Events in one order or step."""

_COUNT: Final = re.compile(r"(\d[\d_,]{0,14})(?:\.(\d{1,3}))?(k?)", re.IGNORECASE)

SLOWEST: Final = 1e-6
FASTEST: Final = 1e6
"""Events per second."""

LONGEST_SPREAD: Final[Millis] = 31_536_000_000
"""A year. Instants far beyond it have no date."""


def read_count(text: str) -> int | None:
    """How many `1000`, `1_000`, `1,000`, `1k` or `2.5k` is; None for anything else."""
    found = _COUNT.fullmatch(text.strip())
    if found is None or (found[2] and not found[3]):
        return None
    whole = int(found[1].replace("_", "").replace(",", ""))
    return whole * 1000 + int((found[2] or "").ljust(3, "0")) if found[3] else whole


class Even(msgspec.Struct, frozen=True):
    """One event every `interval` milliseconds; 0 sends all at once."""

    interval: float = 0.0

    def offset(self, index: int) -> Millis:
        """How long after the step began event `index` (from 0) is sent."""
        return round(index * self.interval)


class Ramp(msgspec.Struct, frozen=True):
    """From `first` to `last` events a second over `count` events, growing or falling evenly."""

    first: float
    last: float
    count: int

    def offset(self, index: int) -> Millis:
        """How long after the step began event `index` (from 0) is sent."""
        # n events are sent when first*t + (last-first)*t*t/(2*total) = n.
        total = 2 * self.count / (self.first + self.last)
        bend = (self.last - self.first) / (2 * total)
        if abs(bend) < 1e-12:
            return round(1000 * index / self.first)
        root = sqrt(max(self.first**2 + 4 * bend * index, 0.0))
        return round(1000 * 2 * index / (self.first + root)) if index else 0


class Bursts(msgspec.Struct, frozen=True):
    """`size` events at once, and again every `every` milliseconds."""

    size: int
    every: Millis

    def offset(self, index: int) -> Millis:
        """How long after the step began event `index` (from 0) is sent."""
        return index // self.size * self.every


class Recorded(msgspec.Struct, frozen=True):
    """Each event at a time of its own: `offsets` from the beginning of the step, in order."""

    offsets: tuple[Millis, ...]

    def offset(self, index: int) -> Millis:
        """How long after the step began event `index` (from 0) is sent."""
        return self.offsets[index]


_RATE: Final = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)\s*(?:/\s*(s|min|m|h))?")

Pace: TypeAlias = Even | Ramp | Bursts | Recorded
AT_ONCE: Final = Even()


def at_rate(per_second: float) -> Even:
    """So many events a second."""
    return Even(1000 / per_second)


def read_rate(text: str) -> float | None:
    """`50/s`, `600/min` or a bare number a second, as events per second; None where it is no rate
    that can be sent at."""
    match = _RATE.fullmatch(text.strip())
    if match is None:
        return None
    value = float(match[1]) * 1_000 / MILLIS_PER_UNIT[match[2] or "s"]
    return value if SLOWEST <= value <= FASTEST else None


def spread_over(span: Millis, count: int) -> Even:
    """`count` events spread evenly over a span."""
    return Even(span / count)
