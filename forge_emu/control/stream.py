"""Streams records to a follower: history, then new records, filtered while they are sent.

Filtering happens where the lines are sent, in slices, so that neither a long history nor a follower
with few wishes holds up the loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TypeAlias

import msgspec

from forge_emu.control.filters import RecordFilter
from forge_emu.control.hub import EncodedRecord, RecordHub
from forge_emu.model import Instant
from forge_emu.records import Record, RecordLines, decode_record
from forge_emu.timeline.lineage import RecordContext

_SLICE = 1_000

_LOOK_BACK = 20_000
"""Records before the requested ones that are read to learn what those concern."""

WaitForDisconnect: TypeAlias = Callable[[], Awaitable[object]]
"""Returns once the client has disconnected."""


class RecordQuery(msgspec.Struct, frozen=True):
    """Which records a request reads: those after `since`, from the instant `since_at` on.

    With `who`, a line also says in `who` what its record concerns, as far as that is known.
    """

    record_filter: RecordFilter
    since: int = 0
    since_at: Instant = 0
    who: bool = False

    def lines_of(self, items: Sequence[EncodedRecord]) -> bytes:
        """The matching lines of `items`, each with its newline. Adds all of them to the filter."""
        chosen = [
            self._with_who(item) if self.who else item[1]
            for item in items
            if self.record_filter.add_record(item[0])
            and item[0].seq > self.since
            and item[0].at >= self.since_at
        ]
        return b"\n".join(chosen) + b"\n" if chosen else b""

    def _with_who(self, item: EncodedRecord) -> bytes:
        record, line = item
        who = WireWho(*msgspec.structs.astuple(self.record_filter.who(record)))
        return line[:-1] + b',"who":' + msgspec.json.encode(who) + b"}"


class WireWho(msgspec.Struct, frozen=True, omit_defaults=True):
    """`forge_emu.timeline.RecordContext` on the wire."""

    event_id: str | None = None
    product_event_id: str | None = None
    subject: str | None = None
    function: str | None = None
    place: str | None = None
    call_id: str | None = None

    def to_who(self) -> RecordContext:
        """The same as the console takes it."""
        return RecordContext(*msgspec.structs.astuple(self))


async def stream_history(hub: RecordHub, query: RecordQuery) -> AsyncIterator[bytes]:
    """The retained lines that match."""
    async for lines in _history_lines(hub, hub.history(), query):
        yield lines


async def follow_records(
    hub: RecordHub, query: RecordQuery, wait_for_disconnect: WaitForDisconnect
) -> AsyncIterator[bytes]:
    """The retained lines that match, then new ones, until the client or the hub is gone.

    A follower that reads too slowly gets a `tail.dropped` line as its last one.
    """
    past = hub.history()
    subscription = hub.subscribe()

    async def watch() -> None:
        await wait_for_disconnect()
        subscription.close()

    watching = asyncio.create_task(watch())
    try:
        async for lines in _history_lines(hub, past, query):
            yield lines
        del past
        async for items in subscription:
            if lines := query.lines_of(items):
                yield lines
        if subscription.missed:
            yield missing_records_line(
                subscription.missed,
                f"this follower read too slowly: {subscription.missed:,} records were not sent",
            )
    finally:
        watching.cancel()
        hub.unsubscribe(subscription)


async def read_records(hub: RecordHub, last: int) -> AsyncIterator[list[Record]]:
    """The records up to the number `last`: those of the archive, then those still in memory."""
    retained = hub.history()
    after = 0
    while archived := _archived_records(hub, after, retained[0].seq if retained else last + 1):
        after = archived[-1][0].seq
        yield [record for record, _ in archived]
        await asyncio.sleep(0)
    for lines in _slices(retained):
        yield [record for record, _ in _decoded(lines) if record.seq <= last]
        await asyncio.sleep(0)


def _archived_records(hub: RecordHub, after: int, before: int) -> list[EncodedRecord]:
    """Lines of the archive, up to the first that is still in memory."""
    found = _decoded(hub.read_archive(after, _SLICE))
    return [item for item in found if item[0].seq < before]


def _slices(retained: Sequence[RecordLines], after: int = 0) -> Iterator[list[bytes]]:
    """The lines of records with a number over `after`, some at a time."""
    lines: list[bytes] = []
    for each in retained:
        if (wanted := each.after(after)) is not None:
            lines += wanted.lines
        if len(lines) >= _SLICE:
            yield lines
            lines = []
    if lines:
        yield lines


def _decoded(lines: Iterable[bytes]) -> list[EncodedRecord]:
    found: list[EncodedRecord] = []
    for line in lines:
        # A line of another version of forge-emu, or a damaged one, is left out.
        with suppress(msgspec.DecodeError, UnicodeDecodeError):
            found.append((decode_record(line), line))
    return found


def missing_records_line(missed: int, message: str) -> bytes:
    """The line that says that records are missing from a stream."""
    fields = {"v": 1, "type": "tail.dropped", "missed": missed, "message": message}
    return msgspec.json.encode(fields) + b"\n"


async def _history_lines(
    hub: RecordHub, retained: list[RecordLines], query: RecordQuery
) -> AsyncIterator[bytes]:
    """The retained lines: those of the archive first, then `retained`, still in memory."""
    first = retained[0].seq if retained else hub.last_seq + 1
    # Older ones are of use only for what they tell about later ones.
    start = 0 if query.record_filter.needs_history else max(query.since - _LOOK_BACK, 0)
    after, oldest = start, first
    while archived := _archived_records(hub, after, first):
        oldest = min(oldest, archived[0][0].seq)
        after = archived[-1][0].seq
        if lines := query.lines_of(archived):
            yield lines
        await asyncio.sleep(0)
    missed = oldest - 1 - max(query.since, start)
    if missed > 0 and not query.since_at:
        yield missing_records_line(missed, f"{missed:,} older records are no longer kept")
    for slice_ in _slices(retained, start):
        if lines := query.lines_of(_decoded(slice_)):
            yield lines
        # Everything else that the loop has to do goes between two slices.
        await asyncio.sleep(0)
