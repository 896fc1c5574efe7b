"""What a run says of its progress, and when."""

from __future__ import annotations

import pytest

from forge_emu.run.progress_lines import next_progress_instant, progress_line

FIGURES = {
    "sent": 1_000,
    "succeeded": 600,
    "dropped": 1,
    "pending": 399,
    "events_pushed": 700,
    "events_succeeded": 200,
    "events_dropped": 0,
    "events_expired": 0,
    "events_cancelled": 2,
    "events_pending": 498,
}


def test_a_line_of_progress_has_both_kinds_of_events() -> None:
    """And what is rare only where there is any."""
    assert progress_line(10_000, FIGURES) == (
        "+00:00:10.000  1,000 sent, 700 pushed: 800 succeeded, 1 dropped, 897 pending, 2 cancelled"
    )


@pytest.mark.parametrize(
    ("at", "instant"),
    [(0, 10_000), (10_000, 30_000), (43_199_999, 43_200_000), (43_200_000, 86_400_000),
     (86_400_000, 172_800_000)],
)  # fmt: skip
def test_progress_is_said_ever_more_rarely(at: int, instant: int) -> None:
    """A month has some forty lines."""
    assert next_progress_instant(at) == instant
