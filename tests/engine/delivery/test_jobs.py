"""Jobs count what became of their events, and cancelling stops what has not started."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from forge_emu import records as r
from forge_emu.engine.delivery.delivery import State
from forge_emu.engine.delivery.jobs import Jobs, SavedJob
from forge_emu.errors import Fault
from forge_emu.model import JobStats, PushItem, RetryRequested
from tests.engine.world import World, queued_event


def test_stats_follow_the_events_of_a_job() -> None:
    """Delivered, failed, and everything else in progress."""
    world = World(async_events__max_retries=0)
    job = world.push(PushItem.of(1), PushItem.of(2), PushItem.of(3, 60))
    assert world.engine.job_stats(job, "work") == JobStats(0, 3, 0)
    world.advance_to(0)
    world.end_invocation()
    world.end_invocation(RetryRequested(1))
    assert world.engine.job_stats(job, "work") == JobStats(1, 1, 1)


def test_cancelling_stops_delays_and_retries_but_not_what_runs() -> None:
    """A running event finishes; its failure is not retried any more."""
    world = World()
    job = world.push(PushItem.of(1), PushItem.of(2), PushItem.of(3, 60), PushItem.of(4))
    world.advance_to(0)
    world.end_invocation(RetryRequested(600))
    world.engine.cancel_job(job, "work", 0)
    world.collect()
    assert len(world.bodies_of(r.EventCancelled)) == 2
    world.end_invocation(RetryRequested(1))
    world.end_invocation()
    assert len(world.bodies_of(r.EventCancelled)) == 3
    assert len(world.bodies_of(r.EventSucceeded)) == 1
    assert world.engine.pending == 0
    assert world.engine.job_stats(job, "work") == JobStats(1, 0, 0)
    assert not world.advance_to(900_000).started


@pytest.mark.parametrize(("job", "queue"), [("other", "work"), ("job1", "elsewhere")])
def test_an_unknown_job_is_a_404(job: str, queue: str) -> None:
    """A job is known only to its own queue."""
    world = World()
    world.push(PushItem.of(1))
    for ask in (
        lambda: world.engine.job_stats(job, queue),
        lambda: world.engine.cancel_job(job, queue, 0),
    ):
        with pytest.raises(Fault) as fault:
            ask()
        assert fault.value.status == 404


def test_the_last_jobs_that_have_ended_can_be_asked_for(tmp_path: Path) -> None:
    """In the order in which they ended, after restarts too; what is open is never forgotten."""
    world = World(async_events__jobs_kept=2)
    world.persist_to(tmp_path)
    slow = world.push(PushItem.of("slow", 600))
    jobs = [world.push(PushItem.of(n, 10 - n)) for n in range(5)]
    world.collect()
    for second in range(6, 9):
        world.advance_to(second * 1_000)
        world.end_invocation()
    assert known(world, jobs) == jobs[:4]
    world.restart()
    world.advance_to(9_000)
    world.end_invocation()
    assert known(world, jobs) == jobs[:3]
    world.restart()
    world.restart()
    world.advance_to(10_000)
    world.end_invocation()
    assert known(world, [slow, *jobs]) == [slow, jobs[0], jobs[1]]


def known(world: World, jobs: list[str]) -> list[str]:
    """Those whose statistics can be asked for."""
    found = []
    for job in jobs:
        with suppress(Fault):
            world.engine.job_stats(job)
            found.append(job)
    return found


def end_event(jobs: Jobs, id: str, job: str, state: State = State.SUCCEEDED) -> None:
    """An event of a job comes to be, and ends."""
    event = queued_event(id, job=job)
    jobs.add_event(event)
    event.state = state
    jobs.end_event(event)


@pytest.mark.parametrize(("most", "retained"), [(0, ""), (2, "bc"), (3, "abc"), (4, "abc")])
def test_so_many_ended_jobs_are_retained(most: int, retained: str) -> None:
    """The first that ended is forgotten first, and one with open events never."""
    jobs = Jobs(most)
    jobs.add_event(queued_event("open", job="open"))
    for name in "abc":
        end_event(jobs, f"event of {name}", name)
    assert list(jobs.all) == ["open", *retained]


def test_a_job_that_gets_another_event_is_open_again() -> None:
    """It counts as ended anew when that one ends."""
    jobs = Jobs(1)
    end_event(jobs, "1", "a")
    again = queued_event("2", job="a")
    jobs.add_event(again)
    end_event(jobs, "3", "b")
    assert jobs.job_stats("a", None) == JobStats(1, 1, 0)
    again.state = State.DROPPED
    jobs.end_event(again)
    assert list(jobs.all) == ["a"]
    assert jobs.job_stats("a", "work") == JobStats(1, 0, 1)


def test_a_cancelled_event_counts_as_neither() -> None:
    """It is no success, no failure, and no longer in progress."""
    jobs = Jobs()
    end_event(jobs, "1", "a", State.CANCELLED)
    assert jobs.job_stats("a", None) == JobStats(0, 0, 0)


def test_cancelling_answers_what_has_not_ended() -> None:
    """A retry of it is not made from then on."""
    jobs = Jobs()
    end_event(jobs, "1", "a")
    left = queued_event("2", job="a")
    jobs.add_event(left)
    assert not jobs.is_cancelled("a")
    assert jobs.cancel_job("a", "work") == [left]
    assert jobs.is_cancelled("a")


def test_every_change_of_a_job_is_noted() -> None:
    """A new event, an end, a cancellation, and that it is forgotten."""
    jobs = Jobs(1)
    jobs.dirty.enabled = True
    first, second = queued_event("1", job="a"), queued_event("2", job="a")
    jobs.add_event(first)
    assert jobs.dirty.drain() == ["a"]
    jobs.add_event(second)
    assert jobs.dirty.drain() == ["a"]
    first.state = second.state = State.SUCCEEDED
    jobs.end_event(first)
    assert jobs.dirty.drain() == ["a"]
    jobs.cancel_job("a", None)
    assert jobs.dirty.drain() == ["a"]
    jobs.end_event(second)
    jobs.dirty.drain()
    end_event(jobs, "3", "b")
    assert jobs.dirty.drain() == ["b", "a"]


def test_restored_jobs_end_in_their_saved_order_and_before_those_that_end_now() -> None:
    """One with an open event is open, whatever its number says; one without a number ends last."""
    saved = {
        "late": SavedJob("work", success=1, ended=9),
        "early": SavedJob("work", failed=2, ended=3),
        "no number": SavedJob("work"),
        "open": SavedJob("work", success=4, cancelled=True, ended=5),
    }
    jobs = Jobs()
    for id, job in saved.items():
        jobs.restore_job(id, job)
    jobs.restore_event(queued_event("e", job="open"))
    jobs.restore_event(queued_event("f", job="of an older state"))
    jobs.restore_ended_jobs(saved)
    assert {id: job.ended for id, job in jobs.all.items()} == {
        "late": 9,
        "early": 3,
        "no number": 10,
        "open": 0,
        "of an older state": 0,
    }
    assert jobs.job_stats("open", "work") == JobStats(4, 1, 0)
    assert jobs.is_cancelled("open")
    assert jobs.job_stats("early", None) == JobStats(0, 0, 2)
    assert jobs.job_stats("of an older state", None) == JobStats(0, 1, 0)
