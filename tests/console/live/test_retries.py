"""What a row of a retried event says of its next delivery."""

from __future__ import annotations

import pytest

from forge_emu.console.live.retries import left_out_text, retry_rows
from forge_emu.console.live.state import Screen, Snapshot
from forge_emu.timeline.timeline import Timeline
from tests.timeline.stream import Stream


def _row(timeline: Timeline, now: int) -> str:
    snapshot = Snapshot(timeline, [], now, 1.0, 42, "current", "sample-app")
    return retry_rows(snapshot, Screen(), 80, 10)[-1].plain.rstrip()


@pytest.mark.parametrize(
    ("wait", "words"),
    [
        (59_000, "next in 59 s"),
        (60_000, "next in 1 min"),
        (61_000, "in 1:01 min"),
        (890_000, "in 14:50 min"),
        (900_000, "next in 15 min"),
        (7_500_000, "in 2 h 05 min"),
    ],
)
def test_a_wait_is_never_cut(wait: int, words: str) -> None:
    """The words give way before the time does."""
    timeline = Timeline()
    stream = Stream(timeline.add_record)
    stream.pushed(0, "e")
    stream.failed(500, "e")
    stream.retry(520, "e", 520 + wait)

    assert _row(timeline, 520).endswith(f" {words}")


@pytest.mark.parametrize(
    ("took", "words"),
    [(40_000, "running 40 s"), (119_000, "running 1 min"), (890_000, "running 14 min")],
)
def test_a_long_run_is_counted_in_minutes(took: int, words: str) -> None:
    """There is no room for its seconds."""
    timeline = Timeline()
    stream = Stream(timeline.add_record)
    stream.pushed(0, "e")
    stream.failed(500, "e")
    stream.retry(520, "e", 1_000)
    stream.started(1_000, "e")

    assert _row(timeline, 1_000 + took).endswith(f" {words}")


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [(0, 3, "and 3 more"), (1, 2, "1 above, and 2 more"), (1_000, 0, "1,000 above")],
)
def test_what_has_no_room_is_counted(before: int, after: int, words: str) -> None:
    """Above the shown rows and below them; none is not said."""
    assert left_out_text(before, after) == f"  … {words}"
