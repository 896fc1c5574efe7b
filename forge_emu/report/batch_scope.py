"""What belongs to one `trigger` command: all that descends from its product events."""

from __future__ import annotations

from forge_emu.records import (
    AppLoaded,
    AppReloaded,
    EventPushed,
    InvocationFinished,
    InvocationStarted,
    ProductEventSent,
    Record,
)


class BatchScope:
    """Tells for each record whether it belongs to a batch; costs one look-up each."""

    def __init__(self, batch: str) -> None:
        self._batch = batch
        self._ids: set[str] = set()

    def add_record(self, record: Record) -> bool:
        """Whether `record` descends from the batch. Must see every record once, in order."""
        body = record.body
        if isinstance(body, ProductEventSent):
            if body.batch != self._batch:
                return False
            self._ids.add(body.product_event_id)
            return True
        if isinstance(body, AppLoaded | AppReloaded):
            return True
        if isinstance(body, EventPushed):
            if body.invocation_id not in self._ids:
                return False
            self._ids.add(body.event_id)
            return True
        ids = self._ids
        mine = (
            getattr(body, "event_id", None) in ids
            or getattr(body, "product_event_id", None) in ids
            or getattr(body, "invocation_id", None) in ids
        )
        if mine and isinstance(body, InvocationStarted):
            ids.add(body.invocation_id)
        elif mine and isinstance(body, InvocationFinished):
            # No later record names it.
            ids.discard(body.invocation_id)
        return mine

    def close(self) -> None:
        """All of the batch has ended: its ids are forgotten."""
        self._ids.clear()
