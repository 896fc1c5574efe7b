"""How long a service takes to answer, as a model that a person can write in one word."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from math import exp
from typing import TYPE_CHECKING

import msgspec

from forge_emu.durations import read_milliseconds
from forge_emu.model import Millis

if TYPE_CHECKING:
    from statistics import NormalDist

LATENCY_FORMS = "0, 50ms, uniform(10ms,200ms) or lognormal(50ms,0.5), which are median and sigma"

LONGEST_LATENCY: Millis = 86_400_000
"""No answer takes longer than a day."""

_ZERO = re.compile(r"0+(\.0+)?")
_UNIFORM = re.compile(r"uniform\(([^,()]+),([^,()]+)\)")
_LOGNORMAL = re.compile(r"lognormal\(([^,()]+),\s*(\d{1,2}(?:\.\d{1,6})?)\s*\)")
_EDGE = 1e-12


class Latency(msgspec.Struct, frozen=True):
    """From `low` to `high` ms with equal chance; with a `sigma`, lognormal around the median `low`.

    A fixed latency has equal ends.
    """

    low: float = 0.0
    high: float = 0.0
    sigma: float = 0.0

    @property
    def is_fixed(self) -> bool:
        """Whether each answer takes as long as the last one."""
        return self.low == self.high and not self.sigma

    def sample(self, chance: Callable[[], float]) -> Millis:
        """One answer's time in whole milliseconds. A fixed one asks no `chance`."""
        if self.sigma:
            deviation = _normal().inv_cdf(min(max(chance(), _EDGE), 1 - _EDGE))
            return min(round(self.low * exp(self.sigma * deviation)), LONGEST_LATENCY)
        if self.low == self.high:
            return round(self.low)
        return round(self.low + chance() * (self.high - self.low))


def parse_latency(text: str) -> Latency:
    """The model that `text` names. Raises ValueError where it names none."""
    text = text.strip()
    if _ZERO.fullmatch(text):
        return Latency()
    if found := _UNIFORM.fullmatch(text):
        low, high = _milliseconds(found[1]), _milliseconds(found[2])
        if low > high:
            raise ValueError(text)
        return Latency(low, high)
    if found := _LOGNORMAL.fullmatch(text):
        median = _milliseconds(found[1])
        return Latency(median, median, float(found[2]) if median else 0.0)
    ms = _milliseconds(text)
    return Latency(ms, ms)


def _milliseconds(text: str) -> float:
    ms = read_milliseconds(text)
    if ms is None or ms > LONGEST_LATENCY:
        raise ValueError(text)
    return ms


@cache
def _normal() -> NormalDist:
    """Python's, which takes long to import."""
    from statistics import NormalDist

    return NormalDist()
