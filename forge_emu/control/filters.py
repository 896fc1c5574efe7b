"""Filters records by type, queue, event and outcome."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from forge_emu.errors import UserError
from forge_emu.nearest import nearest_hint
from forge_emu.records import RECORD_TYPES, AnyBody, Record
from forge_emu.timeline.lineage import Lineage, RecordContext

# fmt: off
OUTCOMES = {
    "success": (), "retry_requested": (), "error": (), "timeout": (), "out_of_memory": (),
    "platform_error": (), "interrupted": (),
    "succeeded": ("event.succeeded", "product_event.succeeded"),
    "dropped": ("event.dropped", "product_event.dropped"),
    "expired": ("event.expired",),
    "cancelled": ("event.cancelled",),
    "refused": ("push.refused", "kvs.refused", "control.refused"),
}
# fmt: on
"""Outcomes of invocations, and words for the ends of events and for refusals."""

SHORTEST_ID = 4


class RecordFilter:
    """Add every record in order: it learns what a record concerns from those before.

    `types` are full names or their first part (`event`, `event.*`); `event_id` an event, or a
    product event with everything that descends from it, by id, start of an id, or issue key. Raises
    UserError for words that do not exist.
    """

    def __init__(
        self,
        types: Sequence[str] = (),
        queue: str | None = None,
        event_id: str | None = None,
        outcome: str | None = None,
    ) -> None:
        self._types = _parse_types(types)
        self._queue = queue
        self._event = event_id
        self._outcome = outcome
        self._lineage = Lineage()
        if event_id is not None and len(event_id) < SHORTEST_ID:
            raise UserError(
                f"--event {event_id!r} is too short", f"Give at least {SHORTEST_ID} characters."
            )
        if outcome is not None and outcome not in OUTCOMES:
            raise UserError(
                f"there is no outcome {outcome!r}",
                nearest_hint(outcome, OUTCOMES, f"It is one of: {', '.join(OUTCOMES)}."),
            )

    @property
    def needs_history(self) -> bool:
        """Whether its choice depends on what only older records tell."""
        return self._queue is not None or self._event is not None

    def add_record(self, record: Record) -> bool:
        """Add a record; returns whether it matches the filter."""
        self._lineage.add_record(record)
        return (
            (self._types is None or record.type in self._types)
            and (self._outcome is None or _has_outcome(record, self._outcome))
            and (self._queue is None or self._is_of_queue(record, self._queue))
            and (self._event is None or self._concerns(record, self._event))
        )

    def who(self, record: Record) -> RecordContext:
        """What a record that was added concerns, as far as that is known."""
        return self._lineage.context_of(record)

    def _is_of_queue(self, record: Record, queue: str) -> bool:
        own = getattr(record.body, "queue", None)
        if isinstance(own, str):
            return own == queue
        who = self._lineage.context_of(record)
        return who.event_id is not None and who.place == queue

    def _concerns(self, record: Record, event_id: str) -> bool:
        who = self._lineage.context_of(record)
        ids: Iterable[object] = (
            who.event_id,
            who.product_event_id,
            getattr(record.body, "event_id", None),
            getattr(record.body, "job_id", None),
        )
        if who.subject == event_id:
            return True
        return any(isinstance(id, str) and id.startswith(event_id) for id in ids)


def _has_outcome(record: Record, outcome: str) -> bool:
    body: AnyBody = record.body
    return getattr(body, "outcome", None) == outcome or record.type in OUTCOMES[outcome]


def _parse_types(names_given: Sequence[str]) -> frozenset[str] | None:
    names = [name.strip() for word in names_given for name in word.split(",") if name.strip()]
    if not names:
        return None
    found: set[str] = set()
    for name in names:
        stem = name.removesuffix("*").removesuffix(".")
        matching = [t for t in RECORD_TYPES if t == stem or t.startswith(f"{stem}.")]
        if not matching:
            there = f"There are: {', '.join(RECORD_TYPES)}."
            hint = nearest_hint(name, RECORD_TYPES, there, cutoff=0.4)
            raise UserError(f"there is no record type {name!r}", hint)
        found.update(matching)
    return frozenset(found)
