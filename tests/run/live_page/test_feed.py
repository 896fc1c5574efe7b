"""Whoever opens the page late sees what happened before, and each record once."""

from __future__ import annotations

import asyncio

import pytest

from forge_emu.control.hub import RecordHub
from forge_emu.records import EventPushed, Record, RecordBatch
from forge_emu.report.page import PageBuilder
from forge_emu.run.live_page.feed import PageFeed, wait_for_frame
from tests.emulator.harness import in_event_loop


def _pushed(first: int, last: int) -> RecordBatch:
    return RecordBatch(
        [
            Record(
                n,
                n,
                "2026-01-01T00:00:00.000Z",
                EventPushed(
                    event_id=f"e{n}",
                    job_id="j",
                    queue="q",
                    due_at=n,
                    size_bytes=1,
                    invocation_id="i",
                ),
            )
            for n in range(first, last)
        ]
    )


def _ids(feed: PageFeed) -> list[str]:
    found: list[str] = feed.builder.columns(0)["ids"]
    return found


async def _pass_time() -> None:
    for _ in range(50):
        await asyncio.sleep(0)


@in_event_loop
async def test_the_past_comes_first_and_nothing_twice() -> None:
    """From the archive, from memory, and then as it happens."""
    hub = RecordHub()
    archived = _pushed(1, 4)
    hub.read_archive = lambda after, most: archived.lines[after : after + most]
    hub.publish_batch(_pushed(4, 2_000))
    feed = PageFeed(hub, PageBuilder, pause=0)
    assert _ids(feed) == []

    starting = asyncio.create_task(feed.start())
    await asyncio.sleep(0)
    hub.publish_batch(_pushed(2_000, 2_003))
    await starting
    hub.publish_batch(_pushed(2_003, 2_005))
    await _pass_time()

    assert _ids(feed) == [f"e{n}" for n in range(1, 2_005)]
    assert feed.seq == 2_004
    assert not feed.done


@in_event_loop
async def test_a_second_reader_begins_nothing_anew() -> None:
    """They share what was collected."""
    hub = RecordHub()
    hub.publish_batch(_pushed(1, 3))
    feed = PageFeed(hub, PageBuilder, pause=0)
    await feed.start()
    await feed.start()

    assert _ids(feed) == ["e1", "e2"]


@in_event_loop
async def test_what_breaks_it_is_told_and_the_next_reader_begins_anew() -> None:
    """With a builder of its own."""

    class Broken(PageBuilder):
        """Takes no record."""

        def add_record(self, record: Record) -> None:
            raise ValueError("no")

    builders = iter([PageBuilder(), Broken(), PageBuilder()])
    hub = RecordHub()
    hub.publish_batch(_pushed(1, 3))
    feed = PageFeed(hub, lambda: next(builders), pause=0)
    with pytest.raises(ValueError, match="no"):
        await feed.start()
    assert feed.done

    await feed.start()
    assert _ids(feed) == ["e1", "e2"]
    assert not feed.done


@in_event_loop
async def test_who_catches_up_has_each_record_once() -> None:
    """What lies between two readings, in order; not before the past is there."""
    hub = RecordHub()
    hub.publish_batch(_pushed(1, 3))
    feed = PageFeed(hub, PageBuilder, pause=1_000)
    starting = asyncio.create_task(feed.start())
    await asyncio.sleep(0)
    feed.catch_up()
    await starting
    hub.publish_batch(_pushed(3, 5))
    await _pass_time()
    hub.publish_batch(_pushed(5, 2_000))
    assert _ids(feed) == [f"e{n}" for n in range(1, 5)]

    feed.catch_up()
    feed.catch_up()
    assert _ids(feed) == [f"e{n}" for n in range(1, 2_000)]
    assert feed.seq == 1_999


@in_event_loop
async def test_what_breaks_who_catches_up_breaks_the_collecting() -> None:
    """The next reader begins anew with all of it."""

    class Broken(PageBuilder):
        """Takes two records."""

        def add_record(self, record: Record) -> None:
            if record.seq > 2:
                raise ValueError("no")
            super().add_record(record)

    builders = iter([PageBuilder(), Broken(), PageBuilder()])
    hub = RecordHub()
    hub.publish_batch(_pushed(1, 3))
    feed = PageFeed(hub, lambda: next(builders), pause=0)
    await feed.start()
    hub.publish_batch(_pushed(3, 5))
    with pytest.raises(ValueError, match="no"):
        feed.catch_up()
    await _pass_time()
    assert feed.done

    await feed.start()
    assert _ids(feed) == ["e1", "e2", "e3", "e4"]


@in_event_loop
async def test_it_ends_with_the_hub() -> None:
    """And those who wait for it wait no more."""
    hub = RecordHub()
    feed = PageFeed(hub, PageBuilder, pause=0)
    await feed.start()
    hub.close()
    await _pass_time()

    assert feed.done


@in_event_loop
async def test_frames_end_when_it_is_closed() -> None:
    """At once, however long a frame is."""
    closed = asyncio.Event()
    frames = 0
    async for _ in wait_for_frame(closed, 1_000):
        frames += 1
        closed.set()

    assert frames == 1
