"""Collects the records of one event from a running emulator."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from forge_emu import records
from forge_emu.control.client import Client
from forge_emu.control.stream import WireWho
from forge_emu.errors import UserError
from forge_emu.records import Record
from forge_emu.timeline.lineage import RecordContext


@dataclass(frozen=True)
class EventRecord:
    """A record, what it concerns, and its own line of JSON."""

    record: Record
    context: RecordContext
    line: bytes


class _AnnotatedLine(msgspec.Struct):
    type: str
    who: WireWho = WireWho()


def records_of_event(client: Client, id: str) -> list[EventRecord]:
    """The records of the event that `id` names. Raises UserError where there are none."""
    with client.stream_records({"event": id, "since": 0, "who": "1"}) as lines:
        event_records = [event_record for line in lines if (event_record := _event_record(line))]
    names = _matching_ids(event_records, id)
    if len(names) > 1:
        raise UserError(f"{id!r} is the start of {len(names)} ids: {', '.join(sorted(names)[:5])}")
    if not event_records:
        raise UserError(
            f"there are no records of an event {id!r}",
            "See `forge-emu queue` for those that are open; old records are not kept for ever.",
        )
    return event_records


def _event_record(line: bytes) -> EventRecord | None:
    place = msgspec.json.decode(line, type=_AnnotatedLine)
    if place.type == "tail.dropped":
        return None
    record = records.decode_record(line)
    return EventRecord(record, place.who.to_who(), records.encode_record(record))


def _matching_ids(event_records: list[EventRecord], id: str) -> set[str]:
    """The ids that `id` is the start of; one of them, or an issue key, needs no more."""
    found: set[str] = set()
    for event_record in event_records:
        if event_record.context.subject == id:
            return {id}
        body = event_record.record.body
        own = (getattr(body, name, None) for name in ("event_id", "job_id", "product_event_id"))
        for name in (event_record.context.event_id, event_record.context.product_event_id, *own):
            if isinstance(name, str) and name.startswith(id):
                found.add(name)
    return {id} if id in found else found
