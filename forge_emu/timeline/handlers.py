"""What a reader of records does with each type of record, and several readers as one table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from forge_emu.model import Instant
from forge_emu.records import Record

Handler: TypeAlias = Callable[[Any, Instant], None]
"""Takes the body of a record and its instant."""

Handlers: TypeAlias = Mapping[type, Handler]
"""By type of record."""

MergedHandlers: TypeAlias = dict[type, tuple[Handler, ...]]
"""Those of several readers, by type of record."""


def merge_handlers(tables: Iterable[Handlers]) -> MergedHandlers:
    """All handlers of each type of record, in the order of `tables`."""
    merged: MergedHandlers = {}
    for handlers in tables:
        for kind, handler in handlers.items():
            merged[kind] = (*merged.get(kind, ()), handler)
    return merged


def hand_out(records: Iterable[Record], handlers: MergedHandlers) -> None:
    """Give each record to all that want its type, before the next one to any."""
    for record in records:
        body, at = record.body, record.at
        for handle in handlers.get(type(body), ()):
            handle(body, at)
