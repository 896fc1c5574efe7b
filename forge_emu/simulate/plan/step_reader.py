"""Reads one step of a scenario file from its YAML nodes."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from forge_emu import events
from forge_emu.errors import UserError
from forge_emu.model import Json, RecordedEvents
from forge_emu.simulate.plan.order_step_reader import OrderStepReader
from forge_emu.simulate.plan.pace_reader import PACE_KEYS, PaceReader
from forge_emu.simulate.plan.steps import ORDER_KINDS, AnyStep, LoadData, Step
from forge_emu.yamlsource import MappingNode, Part, ScalarNode, to_json
from forge_emu.yamlsource.findings import Findings, join_names

EVENT_STEP_KEYS: Final = (
    *("at", "data", "event", "from", "key", "payload", "time", "to"),
    *PACE_KEYS,
)
_EVENT_OR: Final = ("event", *ORDER_KINDS)


class StepReader:
    """Reads steps and reports what is wrong with them. `heard` are the full names of the events
    that the app listens to."""

    def __init__(
        self, findings: Findings, load_data: LoadData, heard: Collection[str] = ()
    ) -> None:
        self._findings = findings
        self._load_data = load_data
        self._heard = heard
        self._paces = PaceReader(findings)
        self._orders = OrderStepReader(findings, load_data)

    def read_step(self, part: Part) -> AnyStep | None:
        """The step of `part`; None where it has none to speak of."""
        if not isinstance(part.node, MappingNode):
            self._paces.error(part, "must be a mapping", f"Write `- event: {self._example}`.")
            return None
        kinds = [kind for kind in _EVENT_OR if part.get(kind) is not None]
        if len(kinds) > 1 and (last := part.get(kinds[-1])) is not None:
            message = f"a step cannot have both {kinds[0]} and {kinds[-1]}"
            self._findings.error_at_key(last, message, "Make two steps of it.")
            return None
        if kinds and kinds[0] in ORDER_KINDS:
            return self._orders.read_step(part, kinds[0])
        return self._event_step(part)

    def _event_step(self, part: Part) -> Step:
        for name, inner in part.properties():
            if name not in EVENT_STEP_KEYS:
                hint = self._findings.did_you_mean(name, (*EVENT_STEP_KEYS, *ORDER_KINDS))
                hint = hint or f"It has {join_names(sorted(EVENT_STEP_KEYS), 10)}."
                self._findings.error_at_key(inner, f"a step has no {name!r}", hint)
        data = self._data(part)
        has_lines = isinstance(data, tuple)
        recorded = data if isinstance(data, tuple) else ()
        event = None if has_lines and part.get("event") is None else self._event(part)
        count, pace = self._paces.read_pace(part)
        texts = {name: self._paces.read_text(part.get(name)) for name in ("key", "from", "to")}
        step = Step(
            event or "",
            len(recorded) or count,
            self._paces.read_start(part),
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

    def _check_event(self, part: Part, step: Step) -> None:
        """Report where no event can be built from the step."""
        try:
            template = events.find_template(step.event, step.data is not None, self._heard)
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
            others = f"A step has this or one of {join_names(ORDER_KINDS)}."
            hint = f"Such as `event: {self._example}`. {others}"
            self._findings.error_missing(part, "event", hint)
            return None
        if not isinstance(event.node, ScalarNode) or not event.node.text:
            self._paces.error(event, "must be an event's name", f"Such as {self._example}.")
            return None
        return event.node.text

    @property
    def _example(self) -> str:
        """An event that the app listens to, where there is one."""
        known = events.known_events()
        return next((events.unique_name(e) for e in self._heard if e in known), "issue-created")

    def _data(self, part: Part) -> Json | RecordedEvents:
        data = part.get("data")
        if data is None:
            return None
        if isinstance(data.node, MappingNode):
            return to_json(data.node)
        if (
            isinstance(data.node, ScalarNode)
            and isinstance(data.node.value, str)
            and data.node.text
        ):
            try:
                event = part.get("event")
                name = event.node.text if event and isinstance(event.node, ScalarNode) else None
                return self._load_data(data.node.text, name)
            except UserError as error:
                self._findings.error(data, error.message, error.hint)
                return () if data.node.text.lower().endswith((".jsonl", ".ndjson")) else {}
        self._paces.error(data, "must be a mapping or the name of a JSON file")
        return {}

    def _payload(self, part: Part) -> tuple[tuple[str, str], ...]:
        payload = part.get("payload")
        if payload is None:
            return ()
        if not isinstance(payload.node, MappingNode):
            hint = "Write paths and values below it: `issue.fields.summary: No. {n}`."
            self._paces.error(payload, "must be a mapping", hint)
            return ()
        sets = []
        for name, inner in payload.properties():
            if not isinstance(inner.node, ScalarNode):
                self._paces.error(inner, "must be a single value", "Use `data:` for more.")
                continue
            try:
                sets.append(events.parse_set(f"{name}={inner.node.text}"))
            except UserError as error:
                self._findings.error_at_key(inner, error.message, error.hint)
        return tuple(sets)
