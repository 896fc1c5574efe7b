"""How long a service takes to answer, as a model that a person can write in one word."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from math import exp
from statistics import NormalDist

from forge_emu.model import Millis

LATENCY_FORMS = "0, 50ms, uniform(10ms,200ms) or lognormal(50ms,0.5), which are median and sigma"

LONGEST_LATENCY: Millis = 86_400_000
"""No answer takes longer than a day."""

_UNITS = {"ms": 1.0, "s": 1_000.0, "m": 60_000.0}
_SPAN = r"(\d{1,9}(?:\.\d{1,6})?)\s*(ms|s|m)"
_FIXED = re.compile(_SPAN)
_UNIFORM = re.compile(rf"uniform\(\s*{_SPAN}\s*,\s*{_SPAN}\s*\)")
_LOGNORMAL = re.compile(rf"lognormal\(\s*{_SPAN}\s*,\s*(\d{{1,2}}(?:\.\d{{1,6}})?)\s*\)")
_NORMAL = NormalDist()
_EDGE = 1e-12


@dataclass(frozen=True)
class Latency:
    """From `low` to `high` ms with equal chance; with a `sigma`, lognormal around the median `low`.

    A fixed latency has equal ends.
    """

    low: float = 0.0
    high: float = 0.0
    sigma: float = 0.0

    def sample(self, chance: Callable[[], float]) -> Millis:
        """One answer's time in whole milliseconds. A fixed one asks no `chance`."""
        if self.sigma:
            deviation = _NORMAL.inv_cdf(min(max(chance(), _EDGE), 1 - _EDGE))
            return min(round(self.low * exp(self.sigma * deviation)), LONGEST_LATENCY)
        if self.low == self.high:
            return round(self.low)
        return round(self.low + chance() * (self.high - self.low))


def parse_latency(text: str) -> Latency:
    """The model that `text` names. Raises ValueError where it names none."""
    text = text.strip()
    if re.fullmatch(r"0+(\.0+)?", text):
        return Latency()
    if found := _FIXED.fullmatch(text):
        ms = _ms(found[1], found[2])
        return Latency(ms, ms)
    if found := _UNIFORM.fullmatch(text):
        low, high = _ms(found[1], found[2]), _ms(found[3], found[4])
        if low > high:
            raise ValueError(text)
        return Latency(low, high)
    if found := _LOGNORMAL.fullmatch(text):
        median = _ms(found[1], found[2])
        sigma = float(found[3])
        return Latency(median, median, sigma if median else 0.0)
    raise ValueError(text)


def _ms(number: str, unit: str) -> float:
    ms = float(number) * _UNITS[unit]
    if ms > LONGEST_LATENCY:
        raise ValueError(number)
    return ms
