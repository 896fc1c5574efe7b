"""What belongs to one `trigger` command: all that descends from its product events."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from forge_emu.records import (
    AnyBody,
    AppLoaded,
    AppReloaded,
    EventPushed,
    InvocationFinished,
    InvocationStarted,
    ProductEventSent,
    Record,
)

_IDS: Final = ("event_id", "product_event_id", "invocation_id")
"""Fields by which a record names what it is of."""


class BatchScope:
    """Tells for each record whether it belongs to a batch; costs a look-up or two each."""

    def __init__(self, batch: str) -> None:
        self._batch = batch
        self._ids: set[str] = set()
        self._checks: dict[type, Callable[[Any], bool]] = {
            AppLoaded: lambda body: True,
            AppReloaded: lambda body: True,
            ProductEventSent: self._on_sent,
            EventPushed: self._on_pushed,
            InvocationStarted: self._on_started,
            InvocationFinished: self._on_finished,
        }

    def add_record(self, record: Record) -> bool:
        """Whether `record` descends from the batch. Must see every record once, in order."""
        kind = type(record.body)
        if (check := self._checks.get(kind)) is None:
            fields = kind.__struct_fields__
            check = partial(self._names_one, tuple(name for name in _IDS if name in fields))
            self._checks[kind] = check
        return check(record.body)

    def _names_one(self, fields: tuple[str, ...], body: AnyBody) -> bool:
        return any(getattr(body, name) in self._ids for name in fields)

    def _on_sent(self, body: ProductEventSent) -> bool:
        if body.batch != self._batch:
            return False
        self._ids.add(body.product_event_id)
        return True

    def _on_pushed(self, body: EventPushed) -> bool:
        if body.invocation_id not in self._ids:
            return False
        self._ids.add(body.event_id)
        return True

    def _on_started(self, body: InvocationStarted) -> bool:
        ids = self._ids
        if body.event_id not in ids and body.product_event_id not in ids:
            return False
        ids.add(body.invocation_id)
        return True

    def _on_finished(self, body: InvocationFinished) -> bool:
        ids = self._ids
        if body.invocation_id not in ids:
            return body.event_id in ids or body.product_event_id in ids
        # No later record names it.
        ids.discard(body.invocation_id)
        return True

    def close(self) -> None:
        """All of the batch has ended: its ids are forgotten."""
        self._ids.clear()
