"""What every collector has in common: handlers by type of record, and a result."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from forge_emu.records import Record
from forge_emu.timeline.handlers import Handlers, MergedHandlers, merge_handlers


class Collector:
    """Collects one part of the summary. A subclass sets `handlers`."""

    handlers: Handlers

    def add_record(self, record: Record) -> None:
        """Add the next record; those without a handler change nothing."""
        if handle := self.handlers.get(type(record.body)):
            handle(record.body, record.at)

    def result(self) -> dict[str, Any]:
        """Its fields of the summary, by name."""
        return {}


def handlers_of(parts: Iterable[Collector]) -> MergedHandlers:
    """All handlers of each type of record, in the order of `parts`."""
    return merge_handlers(part.handlers for part in parts)
