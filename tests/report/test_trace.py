"""The trace: valid, complete, in emulated microseconds, the same for the same records."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec

from forge_emu.records import EventPushed, KvsDone
from forge_emu.report.trace import Tracer
from tests.report.page.pages import NASTY
from tests.timeline.stream import BOOM, Stream


def _traced(now: int) -> tuple[list[dict[str, Any]], Stream]:
    """What a stream turns into; finished at `now`."""
    tracer = Tracer()
    events: list[dict[str, Any]] = []
    stream = Stream(lambda record: events.extend(tracer.add_record(record)))
    _play(stream)
    events += tracer.finish_trace(now)
    return events, stream


def _play(stream: Stream) -> None:
    stream.loaded()
    stream.sent(1_000, "p", subject="EMU-1")
    by = stream.triggered(1_000, "p")
    stream.pushed(1_010, "e", by=by, delay=490)
    stream.pushed(1_010, "f", by=by, delay=0)
    stream.push_refused(1_015, by=by)
    stream.returned(1_020, by, "p")
    stream.failed(1_500, "e", outcome="error", error=BOOM)
    stream.retry(1_520, "e", 6_520, by="platform")
    stream.dropped(6_600, "e")
    stream.pushed(6_600, "g", by=by, delay=0)
    stream.expired(6_700, "g")
    stream.started(7_000, "f")


def _of(events: list[dict[str, Any]], phase: str) -> list[dict[str, Any]]:
    return [e for e in events if e["ph"] == phase]


def test_invocations_are_complete_events() -> None:
    """With start and length in microseconds, on the track of their instance."""
    events, _ = _traced(9_000)
    found = [(e["name"], e["ts"], e["dur"], e["args"]["outcome"]) for e in _of(events, "X")]

    assert found == [
        ("EMU-1 #1", 1_000_000, 20_000, "success"),
        ("EMU-1 #1", 1_500_000, 20_000, "error"),
        ("EMU-1 #1", 7_000_000, 2_000_000, "running"),
    ]
    assert _of(events, "X")[1]["args"]["error"] == "Error: boom"


def test_processes_are_triggers_and_queues() -> None:
    """Named, each with a track for each instance."""
    events, _ = _traced(9_000)
    names = {e["pid"]: e["args"]["name"] for e in events if e["name"] == "process_name"}
    threads = {(e["pid"], e["tid"]) for e in events if e["name"] == "thread_name"}

    assert set(names.values()) == {
        "use of limits",
        "product events",
        "trigger on-created",
        "queue snapshots",
    }
    assert {(e["pid"], e["tid"]) for e in _of(events, "X")} <= threads
    assert {e["pid"] for e in events} <= set(names)


def test_every_wait_that_begins_ends() -> None:
    """Delays, retries and deferrals; what is open at the end is closed there."""
    events, _ = _traced(9_000)
    begun = Counter((e["id"], e["name"], e["pid"]) for e in _of(events, "b"))
    ended = Counter((e["id"], e["name"], e["pid"]) for e in _of(events, "e"))

    assert begun == ended
    assert {name for _, name, _ in begun} == {"delayed 490 ms", "retry in 5 s"}


def test_refusals_and_drops_are_instants() -> None:
    """Where they happened."""
    events, _ = _traced(9_000)
    found = {e["name"]: e for e in _of(events, "i")}

    assert found["push refused"]["args"]["limit"] == "limits.push.events_per_minute"
    assert found["push refused"]["pid"] == _of(events, "X")[0]["pid"]
    assert found["dropped"]["args"]["reason"] == "max_retries"
    assert found["expired"]["args"]["id"] == "g"


def test_use_is_counted_by_the_second_and_falls_again() -> None:
    """A counter says a value when it changes, and only then."""
    tracer = Tracer()
    events: list[dict[str, Any]] = []
    stream = Stream(lambda record: events.extend(tracer.add_record(record)))
    for at in (0, 100, 30_000):
        stream.record(
            at,
            EventPushed(
                event_id=f"{at}", job_id="j", queue="q", due_at=at, size_bytes=1, invocation_id="i"
            ),
        )
    stream.record(
        200_000, KvsDone(operation="get", key=NASTY, bytes=1, units=1, invocation_id=None)
    )
    events += tracer.finish_trace(201_000)
    pushes = [
        (e["ts"] // 1_000_000, e["args"]["used"])
        for e in _of(events, "C")
        if e["name"].startswith("limits.push")
    ]

    assert pushes == [(0, 2), (30, 3), (60, 2), (61, 1), (90, 0)]
    assert sum(e["name"].startswith("limits.kvs.read") for e in _of(events, "C")) == 1


def test_the_same_records_make_the_same_trace() -> None:
    """Byte for byte, and never before zero."""
    (first, _), (second, _) = _traced(9_000), _traced(9_000)

    assert msgspec.json.encode(first) == msgspec.json.encode(second)
    assert all(e["ts"] >= 0 for e in first if "ts" in e)
