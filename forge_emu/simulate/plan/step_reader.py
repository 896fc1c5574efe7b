"""Reads one step of a scenario file from its YAML nodes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from forge_emu import events
from forge_emu.arrivals import (
    AT_ONCE,
    LONGEST_SPREAD,
    MAX_EVENTS,
    Bursts,
    Pace,
    Ramp,
    at_rate,
    spread_over,
)
from forge_emu.durations import read_duration
from forge_emu.errors import UserError
from forge_emu.model import Instant, Json, Millis, RecordedEvents
from forge_emu.simulate.plan.steps import Step, read_rate
from forge_emu.yamlsource import MappingNode, Part, ScalarNode, describe, to_json
from forge_emu.yamlsource.findings import Findings, join_names

_KEYS: Final = (
    "at",
    "burst",
    "count",
    "data",
    "event",
    "from",
    "key",
    "payload",
    "ramp",
    "rate",
    "spread",
    "time",
    "to",
)
_RAMP_HINT: Final = "Write `ramp: 1/s..50/s` with a count, or {from: 1/s, to: 50/s, over: 10m}."
_BURST_HINT: Final = "Write `burst: 100 every 30s`."
_BURST = re.compile(r"(\d{1,7})(?:\s*(?:every|/)\s*(.+))?")


LoadData = Callable[[str, str | None], Json | RecordedEvents]
"""From a file's name, and the event of lines that say none, to the payload or the payloads in it.
Raises UserError."""


class StepReader:
    """Reads steps and reports what is wrong with them."""

    def __init__(self, findings: Findings, load_data: LoadData) -> None:
        self._findings = findings
        self._load_data = load_data

    def read_step(self, part: Part) -> Step | None:
        """The step of `part`; None where it has none to speak of."""
        if not isinstance(part.node, MappingNode):
            self._error(part, "must be a mapping", "Write `- event: issue-created`.")
            return None
        for name, inner in part.properties():
            if name not in _KEYS:
                hint = (
                    self._findings.did_you_mean(name, _KEYS) or f"It has {join_names(_KEYS, 10)}."
                )
                self._findings.error_at_key(inner, f"a step has no {name!r}", hint)
        data = self._data(part)
        has_lines = isinstance(data, tuple)
        recorded = data if isinstance(data, tuple) else ()
        event = None if has_lines and part.get("event") is None else self._event(part)
        count, pace = self._pace(part)
        texts = {name: self._text(part.get(name)) for name in ("key", "from", "to")}
        step = Step(
            event or "",
            len(recorded) or count,
            self._start(part),
            pace,
            self._payload(part),
            None if has_lines else data,
            texts["key"],
            texts["from"],
            texts["to"],
            recorded,
        )
        if has_lines:
            self._check_recorded(part)
        elif event is not None:
            self._check_event(part, step)
        return step

    def _check_recorded(self, part: Part) -> None:
        """Report what has no meaning for payloads that are sent once."""
        for name in ("count", "key", "from", "to", "ramp", "burst"):
            if (inner := part.get(name)) is not None:
                self._findings.error_at_key(
                    inner, f"{name} is not for a file of payloads, each sent once", "Remove it."
                )

    def _text(self, part: Part | None) -> str | None:
        if part is None:
            return None
        if isinstance(part.node, ScalarNode) and part.node.text:
            return part.node.text
        self._error(part, "must be a single value")
        return None

    def _check_event(self, part: Part, step: Step) -> None:
        """Report where no event can be built from the step."""
        try:
            template = events.find_template(step.event, has_data=step.data is not None)
            if step.key is not None:
                events.number_of(template.anchor, step.key)
            events.EventFactory(
                template,
                sets=step.sets,
                data=step.data,
                from_status=step.from_status,
                to_status=step.to_status,
            )
        except UserError as error:
            self._findings.error(part.get("event") or part, error.message, error.hint)

    def _event(self, part: Part) -> str | None:
        event = part.get("event")
        if event is None:
            self._findings.error_missing(part, "event", "Such as `event: issue-created`.")
            return None
        if not isinstance(event.node, ScalarNode) or not event.node.text:
            self._error(event, "must be an event's name", "Such as issue-created.")
            return None
        return event.node.text

    def _start(self, part: Part) -> Instant:
        at, time = part.get("at"), part.get("time")
        if at is not None and time is not None:
            self._findings.error_at_key(time, "at and time mean the same", "Keep one.")
        found = at or time
        if found is None or (isinstance(found.node, ScalarNode) and found.node.text == "0"):
            return 0
        return self._span(found) or 0

    def _data(self, part: Part) -> Json | RecordedEvents:
        data = part.get("data")
        if data is None:
            return None
        if isinstance(data.node, MappingNode):
            return to_json(data.node)
        if isinstance(data.node, ScalarNode) and data.node.text:
            try:
                event = part.get("event")
                name = event.node.text if event and isinstance(event.node, ScalarNode) else None
                return self._load_data(data.node.text, name)
            except UserError as error:
                self._findings.error(data, error.message, error.hint)
                return () if data.node.text.lower().endswith((".jsonl", ".ndjson")) else {}
        self._error(data, "must be a mapping or the name of a JSON file")
        return {}

    def _payload(self, part: Part) -> tuple[tuple[str, str], ...]:
        payload = part.get("payload")
        if payload is None:
            return ()
        if not isinstance(payload.node, MappingNode):
            hint = "Write paths and values below it: `issue.fields.summary: No. {n}`."
            self._error(payload, "must be a mapping", hint)
            return ()
        sets = []
        for name, inner in payload.properties():
            if not isinstance(inner.node, ScalarNode):
                self._error(inner, "must be a single value", "Use `data:` for more.")
                continue
            try:
                sets.append(events.parse_set(f"{name}={inner.node.text}"))
            except UserError as error:
                self._findings.error_at_key(inner, error.message, error.hint)
        return tuple(sets)

    def _pace(self, part: Part) -> tuple[int, Pace]:
        """How many, and how they follow each other."""
        given = {name: part.get(name) for name in ("rate", "spread", "ramp", "burst")}
        present = [name for name, inner in given.items() if inner is not None]
        count = self._count(part.get("count"))
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
        spread = self._span(given["spread"]) if given["spread"] is not None else None
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
            span = self._span(lasting) if lasting else None
            for name, inner in part.properties():
                if name not in ("from", "to", "over"):
                    self._findings.error_at_key(inner, f"a ramp has no {name!r}", _RAMP_HINT)
        else:
            text = part.node.text if isinstance(part.node, ScalarNode) else ""
            ends = [read_rate(end) for end in text.split("..")]
        known = [end for end in ends if end is not None]
        if len(ends) != 2 or len(known) != 2:
            self._error(part, "is no ramp from one rate to another", _RAMP_HINT)
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
            size = self._count(inner) or 0
            often = part.get("every")
            every = self._span(often) if often else None
        elif isinstance(part.node, ScalarNode) and (match := _BURST.fullmatch(part.node.text)):
            size = int(match[1])
            every = read_duration(match[2]) if match[2] else None
            if match[2] and every is None:
                size = 0
        if size < 1 or (every is not None and every > LONGEST_SPREAD):
            self._error(part, "is no burst", _BURST_HINT)
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

    def _count(self, part: Part | None) -> int | None:
        if part is None:
            return None
        value = part.node.value if isinstance(part.node, ScalarNode) else None
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_EVENTS:
            self._error(part, f"must be a whole number from 1 to {MAX_EVENTS:,}")
            return None
        return value

    def _rate(self, part: Part) -> float | None:
        rate = read_rate(part.node.text) if isinstance(part.node, ScalarNode) else None
        if rate is None:
            self._error(part, "must be a rate", "Write 50/s or 600/min.")
        return rate

    def _span(self, part: Part) -> Millis | None:
        span = read_duration(part.node.text) if isinstance(part.node, ScalarNode) else None
        if span is None or span > LONGEST_SPREAD:
            self._error(part, "must be a span of time", "Write 500ms, 10s, 5m or 2h.")
            return None
        return span

    def _error(self, part: Part, what: str, hint: str | None = None) -> None:
        self._findings.error(part, f"{part.name} {what}, found {describe(part.node)}", hint)
