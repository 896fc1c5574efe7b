"""Writes to one issue."""

from __future__ import annotations

import pytest

from tests.engine.product_rates.drivers import edit, passes, rates


def test_an_issue_takes_twenty_writes_in_two_seconds() -> None:
    """Another issue is not concerned."""
    limits = rates()

    assert passes(limits, edit("1"), 0, 21) == 20
    assert passes(limits, edit("2"), 0, 21) == 20
    assert passes(limits, edit("1"), 1_999, 1) == 0
    assert passes(limits, edit("1"), 2_000, 21) == 20


def test_an_issue_takes_a_hundred_writes_in_thirty_seconds() -> None:
    """However they are spread."""
    limits = rates()
    gone = sum(passes(limits, edit("1"), at, 20) for at in range(0, 10_000, 2_000))
    refusal = limits.refuse_call(edit("1"), 10_000)

    assert gone == 100
    assert refusal is not None
    assert (refusal.limit, refusal.reason) == (
        "limits.jira.issue_writes_per_30_seconds",
        "jira-per-issue-on-write",
    )
    assert refusal.wait_ms == 20_000
    assert passes(limits, edit("1"), 29_999, 1) == 0
    assert passes(limits, edit("1"), 30_000, 1) == 1


def test_a_refused_write_uses_nothing() -> None:
    """Neither of the issue nor of the operation."""
    limits = rates(put_per_second=30)
    passes(limits, edit("1"), 0, 40)

    assert passes(limits, edit("2"), 0, 40) == 10


@pytest.mark.parametrize("issues", [10_001])
def test_the_issue_that_waits_longest_is_forgotten(issues: int) -> None:
    """The memory is bounded."""
    limits = rates(put_per_second=None, points_per_hour=None, issue_writes_per_2_seconds=1)
    for number in range(issues):
        assert limits.refuse_call(edit(str(number)), 0) is None

    assert limits.refuse_call(edit("0"), 0) is None
    assert limits.refuse_call(edit("10000"), 0) is not None
