"""Summary and timeline of a run share what they can, and each sees what it would see alone."""

from __future__ import annotations

from forge_emu.emulator.views.record_views import RecordViews
from forge_emu.records import Record
from forge_emu.report.summary_builder import SummaryBuilder
from forge_emu.timeline.timeline import Timeline
from tests.timeline.stream import BOOM, Stream


def _records() -> list[Record]:
    """Events that succeed, wait, are dropped at once, and a product event under way."""
    records: list[Record] = []
    stream = Stream(records.append)
    stream.loaded()
    stream.sent(0, "p")
    stream.pushed(0, "a", by=stream.triggered(0, "p"))
    stream.pushed(1, "b")
    stream.dropped(1, "b", "no_consumer")
    stream.failed(500, "a", outcome="error", error=BOOM)
    stream.retry(520, "a", 5_520, by="platform")
    stream.pushed(600, "c")
    stream.failed(700, "c")
    stream.retry(700, "c", 1_700)
    stream.finished(1_700, stream.started(1_700, "c"), "c", "success")
    stream.succeeded(1_700, "c")
    return records


def _stories(timeline: Timeline) -> list[dict[str, object]]:
    """All that is told of the events in trouble."""
    tracks = [*timeline.tracks.values(), *timeline.ended]
    return [{name: getattr(track, name) for name in track.__slots__} for track in tracks]


def test_both_see_together_what_each_sees_alone() -> None:
    """Also of what begins and ends in one turn."""
    records = _records()
    summary, timeline = SummaryBuilder(), Timeline()
    summary.add_records(records)
    timeline.add_records(records)
    for size in (1, 5, len(records)):
        shared = SummaryBuilder()
        followed = Timeline(shared.states, shared.invocations)
        views = RecordViews(shared, followed)
        for begin in range(0, len(records), size):
            views.add_records(records[begin : begin + size])

        assert shared.summary(now=9_000) == summary.summary(now=9_000)
        assert (followed.total, followed.products) == (timeline.total, timeline.products)
        assert followed.queues == timeline.queues
        assert _stories(followed) == _stories(timeline)
        assert [track.id for track in followed.ended] == ["b", "c"]
        assert list(followed.recent) == records
        assert followed.version == len(records)


def test_a_run_that_nobody_follows_has_its_summary() -> None:
    """Nothing else is built."""
    summary = SummaryBuilder()
    RecordViews(summary).add_records(_records())
    assert summary.summary(now=9_000).events.pushed == 3
