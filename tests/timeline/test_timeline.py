"""The stories of events in trouble, limit hits, and bounds of memory."""

from __future__ import annotations

from forge_emu.records import EventDeferred, KvsRefused, RetryScheduled
from forge_emu.timeline.timeline import Timeline
from forge_emu.timeline.tracks import HISTORY, Attempt, Deferral, ScheduledRetry
from tests.timeline.burst import add_burst
from tests.timeline.stream import BOOM, Stream


def _played(**options: int) -> tuple[Timeline, Stream]:
    timeline = Timeline(**options)
    return timeline, Stream(timeline.add_record)


def test_the_story_of_a_retried_event_begins_with_its_first_attempt() -> None:
    """The attempt that failed first is part of the story, with times, outcome and error."""
    timeline, stream = _played()
    stream.pushed(0, "e")
    stream.failed(500, "e", outcome="error", error=BOOM)
    stream.retry(520, "e", 5_520, by="platform")
    stream.failed(5_520, "e")
    stream.retry(5_540, "e", 6_540, count=2, clamped=100)

    track = timeline.tracks["e"]
    assert list(track.attempts) == [
        Attempt(1, 500, 520, "error", BOOM),
        Attempt(2, 5_520, 5_540, "retry_requested"),
    ]
    assert list(track.retries) == [
        ScheduledRetry(520, 5_520, "FUNCTION_RETRY_REQUEST", "platform", None),
        ScheduledRetry(5_540, 6_540, "FUNCTION_RETRY_REQUEST", "app", 100),
    ]
    assert (track.first_at, track.next_due, track.attempts_made) == (0, 6_540, 2)


def test_an_event_that_goes_through_at_once_has_no_story() -> None:
    """Only trouble is kept."""
    timeline, stream = _played()
    stream.pushed(0, "e")
    stream.succeeded(500, "e")

    assert not timeline.tracks
    assert not timeline.ended


def test_a_deferral_is_no_retry() -> None:
    """What a limit puts off is kept apart, and counted under that limit."""
    timeline, stream = _played()
    stream.pushed(0, "e")
    body = EventDeferred(limit="concurrency:k", due_at=1_500, event_id="e", queue="snapshots")
    stream.record(500, body)

    track = timeline.tracks["e"]
    assert list(track.deferrals) == [Deferral(500, 1_500, "concurrency:k")]
    assert (len(track.retries), track.next_due) == (0, 1_500)
    assert timeline.hits.deferred == {"concurrency:k": 1}


def test_an_attempt_knows_the_limit_it_met() -> None:
    """A refused call of the store explains the retry that the app then asks for."""
    timeline, stream = _played()
    stream.pushed(0, "e")
    invocation = stream.started(500, "e")
    stream.record(
        501,
        KvsRefused(
            operation="set",
            key="k",
            code="RATE_LIMIT_EXCEEDED",
            status=429,
            limit="limits.kvs.write_units_per_minute",
            invocation_id=invocation,
        ),
    )
    stream.finished(510, invocation, "e", "retry_requested")

    attempt = timeline.tracks["e"].attempts[-1]
    assert attempt.refused_by == "limits.kvs.write_units_per_minute"
    assert timeline.hits.total("limits.kvs.write_units_per_minute") == 1


def test_lineage_leads_from_an_event_to_its_issue() -> None:
    """An event's row names the issue whose trigger pushed it, and so do events of events."""
    timeline, stream = _played()
    stream.sent(0, "p", subject="EMU-7")
    stream.pushed(1, "e", by=stream.triggered(0, "p"))
    child_of = stream.started(500, "e")
    stream.pushed(501, "child", by=child_of)
    stream.finished(502, child_of, "e", "retry_requested")
    stream.failed(1_001, "child")

    assert timeline.tracks["e"].subject == "EMU-7"
    assert timeline.tracks["child"].subject == "EMU-7"
    assert timeline.lineage.event_context("child").product_event_id == "p"


def test_each_trigger_of_a_product_event_has_its_own_story() -> None:
    """One trigger's success does not end the other's retries; the end of the event does."""
    timeline, stream = _played()
    stream.sent(0, "p", subject="EMU-1")
    for key in ("one", "two"):
        stream.returned(5, stream.triggered(0, "p", key=key), "p", "error", BOOM)
        stream.record(
            5,
            RetryScheduled(
                retry_count=1,
                retry_reason="R",
                retry_after_ms=5_000,
                due_at=5_005,
                asked_by="platform",
                product_event_id="p",
                trigger=key,
            ),
        )
    stream.returned(5_010, stream.triggered(5_005, "p", attempt=2, key="one"), "p")

    assert set(timeline.tracks) == {"p/two"}
    stream.product_dropped(9_000, "p", "max_retries", attempts=6)
    assert not timeline.tracks
    assert [(t.id, t.ending) for t in timeline.ended] == [
        ("p/one", "succeeded"),
        ("p/two", "dropped"),
    ]


def test_what_is_due_next_comes_first() -> None:
    """Rows are sorted by next due time; the rest is counted."""
    timeline, stream = _played()
    for n, due in enumerate((9_000, 3_000, 6_000)):
        stream.pushed(0, f"e{n}")
        stream.failed(10, f"e{n}")
        stream.retry(30, f"e{n}", due)

    window = timeline.next_tracks(2)
    assert ([t.id for t in window.tracks], window.before, window.after) == (["e1", "e2"], 0, 1)
    assert window.selectable == ["e1", "e2", "e0"]


def test_the_window_moves_to_the_selected_event() -> None:
    """Selecting an event further down scrolls to it."""
    timeline, stream = _played()
    for n in range(40):
        stream.pushed(0, f"e{n:02d}")
        stream.failed(10, f"e{n:02d}")
        stream.retry(30, f"e{n:02d}", 1_000 + n)
    window = timeline.next_tracks(5, around="e20")

    assert [t.id for t in window.tracks] == ["e16", "e17", "e18", "e19", "e20"]
    assert (window.before, window.after) == (16, 19)
    assert (window.selectable[0], window.selectable[-1]) == ("e06", "e30")


def test_rows_can_be_filtered() -> None:
    """By id, queue, subject or error, in any case."""
    timeline, stream = _played()
    stream.pushed(0, "plain")
    stream.failed(10, "plain")
    stream.pushed(0, "odd")
    stream.failed(10, "odd", outcome="error", error=BOOM)

    window = timeline.next_tracks(5, "BOOM")
    assert ([t.id for t in window.tracks], window.after) == (["odd"], 0)


def test_tracked_events_are_bounded_and_the_rest_counted() -> None:
    """Beyond the bound an event in trouble is only a number, until there is room."""
    timeline, stream = _played(tracked=2)
    for id in ("a", "b", "c"):
        stream.pushed(0, id)
        stream.failed(10, id)
        stream.retry(30, id, 1_000)

    assert (set(timeline.tracks), timeline.untracked) == ({"a", "b"}, 1)
    stream.succeeded(1_000, "a")
    stream.failed(1_000, "c")
    assert (set(timeline.tracks), timeline.untracked) == ({"b", "c"}, 0)
    assert timeline.tracks["c"].attempts_made == 2


def test_a_story_keeps_its_latest_chapters() -> None:
    """An event that retries for a day is counted in full and kept in part."""
    timeline, stream = _played()
    stream.pushed(0, "e")
    for n in range(HISTORY + 5):
        stream.failed(n * 1_000, "e")
        stream.retry(n * 1_000 + 20, "e", (n + 1) * 1_000, count=n + 1)

    track = timeline.tracks["e"]
    assert (len(track.attempts), track.attempts_made) == (HISTORY, HISTORY + 5)
    assert len(track.retries) == HISTORY


def test_an_expired_event_is_remembered_among_those_that_ended() -> None:
    """Its state is counted by itself."""
    timeline, stream = _played()
    stream.pushed(0, "e")
    stream.failed(500, "e", outcome="platform_error")
    stream.retry(520, "e", 5_520)
    stream.expired(9_000, "e")

    assert [(t.id, t.ending, t.ended_at) for t in timeline.ended] == [("e", "expired", 9_000)]
    assert (timeline.total.expired, timeline.total.dropped, timeline.total.pending) == (1, 0, 0)


def test_a_dropped_event_is_remembered_with_its_reason() -> None:
    """What was given up stays in sight for a while."""
    timeline, stream = _played(ended=1)
    for id in ("a", "b"):
        stream.pushed(0, id, queue="nowhere")
        stream.dropped(500, id, "no_consumer")

    assert [(t.id, t.ending, t.reason) for t in timeline.ended] == [("b", "dropped", "no_consumer")]


def test_queues_of_the_app_are_there_before_anything_is_pushed() -> None:
    """The console shows an app's queues as soon as it is loaded."""
    timeline, stream = _played()
    stream.loaded()

    assert list(timeline.queues) == ["snapshots"]


def test_a_burst_leaves_nothing_behind() -> None:
    """After 300 issues with retries every story has ended and nothing pends."""
    timeline, stream = _played()
    for _ in add_burst(stream, issues=300):
        pass

    assert timeline.total.pushed == 300
    assert timeline.total.pending == 0
    assert not timeline.tracks
    assert timeline.untracked == 0
    assert timeline.version == len(stream.records)
