"""Calls of one operation per second."""

from __future__ import annotations

import pytest

from forge_emu.engine.product_rates.refusals import ProductCall
from tests.engine.product_rates.drivers import edit, passes, rates, read


def test_an_operation_takes_its_calls_of_a_second_at_once() -> None:
    """The next one is refused; another operation is not."""
    limits = rates(issue_writes_per_2_seconds=None, issue_writes_per_30_seconds=None)

    assert passes(limits, edit(), 0, 51) == 50
    assert passes(limits, read(), 0, 151) == 150


@pytest.mark.parametrize(("now", "count"), [(19, 0), (20, 1), (40, 2), (1_000, 50), (9_000, 50)])
def test_calls_come_back_at_a_steady_rate(now: int, count: int) -> None:
    """One each 20 ms, up to a second's."""
    limits = rates()
    passes(limits, edit(None), 0, 50)

    assert passes(limits, edit(None), now, 60) == count


def test_a_larger_buffer_takes_more_at_once() -> None:
    """The steady rate stays."""
    limits = rates(burst_buffer_seconds=10)

    assert passes(limits, edit(None), 0, 600) == 500
    assert passes(limits, edit(None), 1_000, 600) == 50


def test_a_refusal_says_when_there_is_room() -> None:
    """In whole seconds for the app, exactly for us."""
    limits = rates()
    passes(limits, edit(None), 0, 50)
    refusal = limits.refuse_call(edit(None), 5)

    assert refusal is not None
    assert (refusal.limit, refusal.reason, refusal.most) == (
        "limits.jira.put_per_second",
        "jira-burst-based",
        50,
    )
    assert (refusal.wait_ms, refusal.retry_after) == (15, 1)
    assert limits.refuse_call(edit(None), 20) is None


def test_a_product_without_such_a_limit_is_not_held_up() -> None:
    """Confluence publishes none."""
    assert passes(rates(), ProductCall("confluence", "PUT /api/v2/pages/{id}"), 0, 500) == 500
    assert passes(rates(put_per_second=None), edit(None), 0, 500) == 500
