"""Jobs count what became of their events, and cancelling stops what has not started."""

from __future__ import annotations

import pytest

from forge_emu import records as r
from forge_emu.errors import Fault
from forge_emu.model import JobStats, PushItem, RetryRequested
from tests.engine.world import World


def test_stats_follow_the_events_of_a_job() -> None:
    """Delivered, failed, and everything else in progress."""
    world = World(async_events__max_retries=0)
    job = world.push(PushItem(1), PushItem(2), PushItem(3, 60))
    assert world.engine.stats(job, "work") == JobStats(0, 3, 0)
    world.at(0)
    world.finish()
    world.finish(RetryRequested(1))
    assert world.engine.stats(job, "work") == JobStats(1, 1, 1)


def test_cancelling_stops_delays_and_retries_but_not_what_runs() -> None:
    """A running event finishes; its failure is not retried any more."""
    world = World()
    job = world.push(PushItem(1), PushItem(2), PushItem(3, 60), PushItem(4))
    world.at(0)
    world.finish(RetryRequested(600))
    world.engine.cancel(job, "work", 0)
    world.collect()
    assert len(world.of(r.EventCancelled)) == 2
    world.finish(RetryRequested(1))
    world.finish()
    assert len(world.of(r.EventCancelled)) == 3
    assert len(world.of(r.EventSucceeded)) == 1
    assert world.engine.pending == 0
    assert world.engine.stats(job, "work") == JobStats(1, 0, 0)
    assert not world.at(900_000).started


@pytest.mark.parametrize(("job", "queue"), [("other", "work"), ("job1", "elsewhere")])
def test_an_unknown_job_is_a_404(job: str, queue: str) -> None:
    """A job is known only to its own queue."""
    world = World()
    world.push(PushItem(1))
    for ask in (
        lambda: world.engine.stats(job, queue),
        lambda: world.engine.cancel(job, queue, 0),
    ):
        with pytest.raises(Fault) as fault:
            ask()
        assert fault.value.status == 404
