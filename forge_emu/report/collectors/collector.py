"""What every collector has in common: handlers by type of record, and a result."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from forge_emu.model import Instant
from forge_emu.records import Record

Handler: TypeAlias = Callable[[Any, Instant], None]
"""Takes the body of a record and its instant."""


class Collector:
    """Collects one part of the summary. A subclass sets `handlers`."""

    handlers: Mapping[type, Handler]

    def add_record(self, record: Record) -> None:
        """Add the next record; those without a handler change nothing."""
        if handle := self.handlers.get(type(record.body)):
            handle(record.body, record.at)

    def result(self) -> dict[str, Any]:
        """Its fields of the summary, by name."""
        return {}


def merge_handlers(parts: Iterable[Collector]) -> dict[type, tuple[Handler, ...]]:
    """All handlers of each type of record, in the order of `parts`."""
    merged: dict[type, tuple[Handler, ...]] = {}
    for part in parts:
        for kind, handler in part.handlers.items():
            merged[kind] = (*merged.get(kind, ()), handler)
    return merged
