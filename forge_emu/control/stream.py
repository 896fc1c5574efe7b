"""What a follower is sent: history, then what happens, filtered on the follower's own time.

Filtering happens where the lines are sent, in slices, so that neither a long history nor a follower
with few wishes holds up the loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import TypeAlias

import msgspec

from forge_emu.control.filters import RecordFilter
from forge_emu.control.hub import Item, RecordHub
from forge_emu.model import Instant
from forge_emu.records import decode_record
from forge_emu.timeline import RecordContext

_SLICE = 1_000

_LOOK_BACK = 20_000
"""Records before the wanted ones that are read to know whom those concern."""

Gone: TypeAlias = Callable[[], Awaitable[object]]
"""Returns once the follower has hung up."""


class Reading(msgspec.Struct, frozen=True):
    """Which records somebody reads: those after `since`, from the instant `since_at` on.

    With `who`, a line also says in `who` whom its record concerns, as far as that is known.
    """

    wanted: RecordFilter
    since: int = 0
    since_at: Instant = 0
    who: bool = False

    def lines(self, items: Sequence[Item]) -> bytes:
        """The wanted lines of `items`, each with its newline. The filter is fed all of them."""
        chosen = [
            self._with_who(item) if self.who else item[1]
            for item in items
            if self.wanted.feed(item[0])
            and item[0].seq > self.since
            and item[0].at >= self.since_at
        ]
        return b"\n".join(chosen) + b"\n" if chosen else b""

    def _with_who(self, item: Item) -> bytes:
        record, line = item
        who = Whom(*self.wanted.who(record))
        return line[:-1] + b',"who":' + msgspec.json.encode(who) + b"}"


class Whom(msgspec.Struct, frozen=True, omit_defaults=True):
    """`forge_emu.timeline.Who` on the wire."""

    event_id: str | None = None
    product_event_id: str | None = None
    subject: str | None = None
    function: str | None = None
    place: str | None = None

    def as_who(self) -> RecordContext:
        """As the console takes it."""
        return RecordContext(*msgspec.structs.astuple(self))


async def history(hub: RecordHub, reading: Reading) -> AsyncIterator[bytes]:
    """The kept lines that are wanted."""
    async for lines in _past(hub, hub.history(), reading):
        yield lines


async def follow(hub: RecordHub, reading: Reading, gone: Gone) -> AsyncIterator[bytes]:
    """The kept lines that are wanted, and then those to come, until `gone` or the hub's end.

    A follower that reads too slowly gets a `tail.dropped` line as its last one.
    """
    past = hub.history()
    subscription = hub.subscribe()

    async def watch() -> None:
        await gone()
        subscription.close()

    watching = asyncio.create_task(watch())
    try:
        async for lines in _past(hub, past, reading):
            yield lines
        del past
        async for items in subscription:
            if lines := reading.lines(items):
                yield lines
        if subscription.missed:
            yield notice(
                subscription.missed,
                f"this follower read too slowly: {subscription.missed:,} records were not sent",
            )
    finally:
        watching.cancel()
        hub.unsubscribe(subscription)


def _archived(hub: RecordHub, after: int, before: int) -> list[Item]:
    """Lines of the archive, up to the first that is still in memory."""
    found: list[Item] = []
    for line in hub.archive(after, _SLICE):
        try:
            record = decode_record(line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            # A line of another version of forge-emu, or a damaged one.
            continue
        if record.seq >= before:
            break
        found.append((record, line))
    return found


def notice(missed: int, message: str) -> bytes:
    """The line that says that records are missing from a stream."""
    fields = {"v": 1, "type": "tail.dropped", "missed": missed, "message": message}
    return msgspec.json.encode(fields) + b"\n"


async def _past(hub: RecordHub, items: list[Item], reading: Reading) -> AsyncIterator[bytes]:
    """The kept lines: those of the archive first, then `items`, which are still in memory."""
    first = items[0][0].seq if items else hub.last_seq + 1
    # Older ones are of use only for what they tell about later ones.
    start = 0 if reading.wanted.looks_back else max(reading.since - _LOOK_BACK, 0)
    after, oldest = start, first
    while archived := _archived(hub, after, first):
        oldest = min(oldest, archived[0][0].seq)
        after = archived[-1][0].seq
        if lines := reading.lines(archived):
            yield lines
        await asyncio.sleep(0)
    missed = oldest - 1 - max(reading.since, start)
    if missed > 0 and not reading.since_at:
        yield notice(missed, f"{missed:,} older records are no longer kept")
    for begin in range(max(start + 1 - first, 0), len(items), _SLICE):
        if lines := reading.lines(items[begin : begin + _SLICE]):
            yield lines
        # Everything else that the loop has to do goes between two slices.
        await asyncio.sleep(0)
