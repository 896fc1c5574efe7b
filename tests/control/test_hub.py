"""Followers get what they want, in order; one that does not read is dropped, alone."""

from __future__ import annotations

import asyncio
import json

from forge_emu.control.hub import RecordHub, RecordSubscription
from forge_emu.records import RecordBatch
from tests.control.fakes import log


async def read(subscription: RecordSubscription) -> list[dict[str, object]]:
    """All there is, up to its end."""
    lines = [line async for batch in subscription for _, line in batch]
    return [json.loads(line) for line in lines]


def test_records_come_in_order_from_the_subscription_on() -> None:
    """What was before is history."""

    async def run() -> None:
        hub = RecordHub()
        hub.publish_batch(RecordBatch([log(1)]))
        subscription = hub.subscribe()
        hub.publish_batch(RecordBatch([log(2), log(3)]))
        hub.publish_batch(RecordBatch([log(4)]))
        hub.close()
        assert [x["seq"] for x in await read(subscription)] == [2, 3, 4]
        assert [(part.seq, part.last) for part in hub.history()] == [(1, 1), (2, 3), (4, 4)]
        assert hub.last_seq == 4

    asyncio.run(run())


def test_a_follower_that_does_not_read_is_dropped() -> None:
    """It knows how much it missed; others go on."""

    async def run() -> None:
        hub = RecordHub()
        idle = hub.subscribe(most_lines=10)
        busy = hub.subscribe(most_lines=1000)
        hub.publish_batch(RecordBatch([log(n) for n in range(1, 11)]))
        before = idle.closed
        hub.publish_batch(RecordBatch([log(11)]))
        assert (before, idle.closed) == (False, True)
        hub.publish_batch(RecordBatch([log(12)]))
        assert (await read(idle), idle.missed) == ([], 11)
        hub.close()
        assert len(await read(busy)) == 12

    asyncio.run(run())


def test_bytes_count_as_well_as_lines() -> None:
    """A few huge lines fill a follower's line too."""

    async def run() -> None:
        hub = RecordHub()
        idle = hub.subscribe(most_bytes=1000)
        hub.publish_batch(RecordBatch([log(1, "x" * 2000)]))
        assert (await read(idle), idle.missed) == ([], 1)

    asyncio.run(run())


def test_history_is_bounded() -> None:
    """The oldest go first."""
    hub = RecordHub(capacity=3)
    hub.publish_batch(RecordBatch([log(n) for n in range(1, 6)]))
    (kept,) = hub.history()
    assert [json.loads(line)["seq"] for line in kept.lines] == [3, 4, 5]
    assert (kept.seq, kept.last) == (3, 5)
    hub.publish_batch(RecordBatch([log(6), log(7)]))
    assert [(part.seq, part.last) for part in hub.history()] == [(5, 5), (6, 7)]


def test_history_is_bounded_by_its_bytes() -> None:
    """What a turn has told goes together."""
    hub = RecordHub(capacity_bytes=5_000)
    for n in (1, 3, 5):
        hub.publish_batch(RecordBatch([log(n, "x" * 1_000), log(n + 1, "x" * 1_000)]))
    assert [(part.seq, part.last) for part in hub.history()] == [(3, 4), (5, 6)]
    hub.publish_batch(RecordBatch([log(7, "x" * 6_000)]))
    assert (hub.history(), hub.first_seq) == ([], 8)


def test_a_follower_that_comes_after_the_end_is_let_go() -> None:
    """Nothing hangs."""

    async def run() -> None:
        hub = RecordHub()
        hub.close()
        assert await read(hub.subscribe()) == []

    asyncio.run(run())
