"""Reads when the events or orders of a step begin, how many they are and how they follow."""

from __future__ import annotations

import re
from typing import Final

from forge_emu.arrivals import (
    AT_ONCE,
    LONGEST_SPREAD,
    MAX_EVENTS,
    Bursts,
    Pace,
    Ramp,
    at_rate,
    read_rate,
    spread_over,
)
from forge_emu.durations import read_duration
from forge_emu.model import Instant, Millis
from forge_emu.yamlsource import MappingNode, Part, ScalarNode, describe
from forge_emu.yamlsource.findings import Findings

PACE_KEYS: Final = ("burst", "count", "ramp", "rate", "spread")
"""The keys of a step that say how many there are, and how they follow."""

_RAMP_HINT: Final = "Write `ramp: 1/s..50/s` with a count, or {from: 1/s, to: 50/s, over: 10m}."
_BURST_HINT: Final = "Write `burst: 100 every 30s`."
_BURST = re.compile(r"(\d{1,7})(?:\s*(?:every|/)\s*(.+))?")


class PaceReader:
    """Reads paces, counts and spans of steps, and reports what is wrong with them."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings

    def read_start(self, part: Part) -> Instant:
        """When a step begins, in milliseconds."""
        at, time = part.get("at"), part.get("time")
        if at is not None and time is not None:
            self._findings.error_at_key(time, "at and time mean the same", "Keep one.")
        found = at or time
        if found is None or (isinstance(found.node, ScalarNode) and found.node.text == "0"):
            return 0
        return self.read_span(found) or 0

    def read_text(self, part: Part | None) -> str | None:
        """The text of a single value; None where there is none."""
        if part is None:
            return None
        if isinstance(part.node, ScalarNode) and part.node.text:
            return part.node.text
        self.error(part, "must be a single value")
        return None

    def read_pace(self, part: Part) -> tuple[int, Pace]:
        """How many, and how they follow each other."""
        given = {name: part.get(name) for name in ("rate", "spread", "ramp", "burst")}
        present = [name for name, inner in given.items() if inner is not None]
        count = self.read_count(part.get("count"))
        clash = len(present) > 1 and not (present == ["rate", "spread"] and count is None)
        if clash:
            last = part.get(present[-1])
            assert last is not None
            self._findings.error_at_key(
                last, f"{' and '.join(present)} exclude each other", "Keep one of them."
            )
            return count or 1, AT_ONCE
        if (ramp := given["ramp"]) is not None:
            return self._ramp(ramp, count)
        if (burst := given["burst"]) is not None:
            return self._burst(burst, count)
        rate = self._rate(given["rate"]) if given["rate"] is not None else None
        spread = self.read_span(given["spread"]) if given["spread"] is not None else None
        if rate and spread and given["rate"] is not None:
            return self._checked_count(given["rate"], rate * spread / 1000), at_rate(rate)
        if rate:
            return count or 1, at_rate(rate)
        return count or 1, spread_over(spread, count or 1) if spread else AT_ONCE

    def _ramp(self, part: Part, count: int | None) -> tuple[int, Pace]:
        span: Millis | None = None
        if isinstance(part.node, MappingNode):
            ends = [self._rate(end) if (end := part.get(n)) else None for n in ("from", "to")]
            lasting = part.get("over")
            span = self.read_span(lasting) if lasting else None
            for name, inner in part.properties():
                if name not in ("from", "to", "over"):
                    self._findings.error_at_key(inner, f"a ramp has no {name!r}", _RAMP_HINT)
        else:
            text = part.node.text if isinstance(part.node, ScalarNode) else ""
            ends = [read_rate(end) for end in text.split("..")]
        known = [end for end in ends if end is not None]
        if len(ends) != 2 or len(known) != 2:
            self.error(part, "is no ramp from one rate to another", _RAMP_HINT)
            return count or 1, AT_ONCE
        first, last = known
        if (span is None) == (count is None):
            both = "has both a count and `over`" if count else "has neither a count nor `over`"
            self._findings.error(part, f"the ramp {both}", _RAMP_HINT)
            return count or 1, AT_ONCE
        if span is not None:
            count = self._checked_count(part, (first + last) / 2 * span / 1000)
        assert count is not None
        return count, Ramp(first, last, count)

    def _burst(self, part: Part, count: int | None) -> tuple[int, Pace]:
        size, every = 0, None
        if isinstance(part.node, MappingNode):
            inner = part.get("size")
            size = self.read_count(inner) or 0
            often = part.get("every")
            every = self.read_span(often) if often else None
            for name, other in part.properties():
                if name not in ("size", "every"):
                    self._findings.error_at_key(other, f"a burst has no {name!r}", _BURST_HINT)
        elif isinstance(part.node, ScalarNode) and (match := _BURST.fullmatch(part.node.text)):
            size = int(match[1])
            every = read_duration(match[2]) if match[2] else None
            if match[2] and every is None:
                size = 0
        if size < 1 or (every is not None and every > LONGEST_SPREAD):
            self.error(part, "is no burst", _BURST_HINT)
            return count or 1, AT_ONCE
        if every is None and count is not None and count > size:
            self._findings.error(
                part,
                f"the burst of {size} does not say when the next one of {count} comes",
                _BURST_HINT,
            )
        return count or size, Bursts(size, every or 0)

    def _checked_count(self, part: Part, amount: float) -> int:
        if not 1 <= amount <= MAX_EVENTS:
            self._findings.error(
                part, f"that makes {amount:,.0f} events, not from 1 to {MAX_EVENTS:,}"
            )
            return 1
        return round(amount)

    def read_count(self, part: Part | None) -> int | None:
        """How many; None where nothing is said, or nothing right."""
        if part is None:
            return None
        value = part.node.value if isinstance(part.node, ScalarNode) else None
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_EVENTS:
            self.error(part, f"must be a whole number from 1 to {MAX_EVENTS:,}")
            return None
        return value

    def _rate(self, part: Part) -> float | None:
        rate = read_rate(part.node.text) if isinstance(part.node, ScalarNode) else None
        if rate is None:
            self.error(part, "must be a rate", "Write 50/s or 600/min.")
        return rate

    def read_span(self, part: Part) -> Millis | None:
        """A span of time, in milliseconds; None where it is none."""
        span = read_duration(part.node.text) if isinstance(part.node, ScalarNode) else None
        if span is None or span > LONGEST_SPREAD:
            self.error(part, "must be a span of time", "Write 500ms, 10s, 5m or 2h.")
            return None
        return span

    def error(self, part: Part, what: str, hint: str | None = None) -> None:
        """Report that a value is not `what` it must be."""
        self._findings.error(part, f"{part.name} {what}, found {describe(part.node)}", hint)
