"""When retries fall due together."""

from __future__ import annotations

from forge_emu.report.advice.retry_waits import RetryDueTimes


def test_a_crowd_is_found_across_a_full_second() -> None:
    """Two seconds that touch count together."""
    dues = RetryDueTimes()
    for at in (1_990, 1_995, 2_005, 2_010, 9_000):
        dues.add_retry(1, at)

    assert dues.densest_two_seconds(5) == (0, 5, 4, 1_000)
    assert dues.densest_two_seconds(6) is None
