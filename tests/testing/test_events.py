"""Stories of events."""

from __future__ import annotations

from forge_emu.testing.events import Events
from tests.control.fakes import sample_records


def test_records_become_events(  # the records of two product events, each with a queue's event
) -> None:
    """With states, attempts and what they descend from."""
    events = Events()
    for record in sample_records():
        events.add_record(record)

    assert [(e.id, e.subject) for e in events.products.values()] == [
        ("product1", "EMU-1"),
        ("product2", "EMU-2"),
    ]
    assert [(e.id, e.queue, e.product_event_id) for e in events.queued.values()] == [
        ("event1", "slow", "product1"),
        ("event2", "fast", "product2"),
    ]
    assert events.find("event1") is not None
    assert events.find("nothing") is None


def test_a_long_story_is_cut_in_its_middle() -> None:
    """Nobody reads a thousand lines under a test."""
    events = Events()
    for record in sample_records():
        events.add_record(record)
    (event, _) = events.queued.values()
    event.records = event.records * 100
    lines = event.story.splitlines()

    assert len(lines) == 41
    assert lines[20].endswith(" more")
