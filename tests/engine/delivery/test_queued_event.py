"""An event of a queue ends in one record, and may come once more after that."""

from __future__ import annotations

import pytest

from forge_emu import records as r
from forge_emu.errors import UserError
from forge_emu.model import PushItem, RetryRequested
from forge_emu.settings import parse
from tests.engine.world import World


def test_a_duplicate_comes_after_success_and_ends_nothing() -> None:
    """One terminal record; the second delivery is marked, and may fail as it likes."""
    world = World(delivery__duplicates=1, delivery__duplicate_after_seconds=5)
    world.push(PushItem({"a": 1}))
    world.advance_to(0)
    first = world.end_invocation()
    assert world.engine.pending == 1
    assert not world.advance_to(4_999).started
    world.advance_to(5_000)
    second = world.end_invocation(RetryRequested(1))
    assert second.event == first.event
    assert second.event_id == first.event_id
    assert world.engine.pending == 0
    started = world.bodies_of(r.InvocationStarted)
    assert [(x.duplicate, x.attempt, x.event_id) for x in started] == [
        (False, 1, first.event_id),
        (True, 2, first.event_id),
    ]
    assert [x.duplicate for x in world.bodies_of(r.InvocationFinished)] == [False, True]
    assert len(world.bodies_of(r.EventSucceeded)) == 1
    assert not world.bodies_of(r.RetryScheduled)
    assert world.engine.job_stats("job1").success == 1


def test_duplicates_leave_every_other_chance_alone() -> None:
    """The platform's own backoff draws the same numbers with and without them."""

    def waits(share: float) -> list[int]:
        world = World(delivery__duplicates=share)
        for _ in range(20):
            world.push(PushItem({}))
        world.advance_to(0)
        while world.started:
            world.end_invocation()
        world.push(PushItem({}))
        world.advance_to(1)
        world.end_invocation(RetryRequested(None))
        return [x.retry_after_ms for x in world.bodies_of(r.RetryScheduled)]

    assert waits(0) == waits(0.0001)


@pytest.mark.parametrize(("text", "share"), [("1%", 0.01), ("0.25", 0.25), ("100%", 1.0)])
def test_a_share_may_be_written_in_per_cent(text: str, share: float) -> None:
    """`--set delivery.duplicates=1%`."""
    assert parse("delivery.duplicates", text, "--set") == share


@pytest.mark.parametrize("text", ["101%", "-1%", "%", "1 of 2"])
def test_a_wrong_share_is_quoted(text: str) -> None:
    """What is no share of anything is refused."""
    with pytest.raises(UserError, match=r"delivery\.duplicates cannot be"):
        parse("delivery.duplicates", text, "--set")
