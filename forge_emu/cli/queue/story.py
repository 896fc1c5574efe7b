"""Collects the records of one event from a running emulator."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from forge_emu import records
from forge_emu.control.client import Client
from forge_emu.control.stream import Whom
from forge_emu.errors import UserError
from forge_emu.records import Record
from forge_emu.timeline import Who


@dataclass(frozen=True)
class Told:
    """A record, what it concerns, and its own line of JSON."""

    record: Record
    who: Who
    line: bytes


class _Annotated(msgspec.Struct):
    type: str
    who: Whom = Whom()


def story_of(client: Client, id: str) -> list[Told]:
    """The records of the event that `id` names. Raises UserError where there are none."""
    with client.records({"event": id, "since": 0, "who": "1"}) as lines:
        story = [told for line in lines if (told := _told(line))]
    names = _named(story, id)
    if len(names) > 1:
        raise UserError(f"{id!r} is the start of {len(names)} ids: {', '.join(sorted(names)[:5])}")
    if not story:
        raise UserError(
            f"there are no records of an event {id!r}",
            "See `forge-emu queue` for those that are open; old records are not kept for ever.",
        )
    return story


def _told(line: bytes) -> Told | None:
    place = msgspec.json.decode(line, type=_Annotated)
    if place.type == "tail.dropped":
        return None
    record = records.decode_record(line)
    return Told(record, place.who.as_who(), records.encode_record(record))


def _named(story: list[Told], id: str) -> set[str]:
    """The ids that `id` is the start of; one of them, or an issue key, needs no more."""
    found: set[str] = set()
    for told in story:
        if told.who.subject == id:
            return {id}
        body = told.record.body
        own = (getattr(body, name, None) for name in ("event_id", "job_id", "product_event_id"))
        for name in (told.who.event_id, told.who.product_event_id, *own):
            if isinstance(name, str) and name.startswith(id):
                found.add(name)
    return {id} if id in found else found
