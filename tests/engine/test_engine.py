"""The engine as its callers see it: inputs carry the time, outputs are handed out once."""

from __future__ import annotations

import msgspec
import pytest

from forge_emu import records as r
from forge_emu.engine.installation import Installation
from forge_emu.engine.snapshot.shapes import EngineSnapshot
from forge_emu.errors import Fault
from forge_emu.model import JobStats, PushItem, RetryRequested, Success
from tests.engine.world import CREATED, World, app
from tests.product_events import product_event


def test_a_product_event_starts_nothing_before_the_next_wake() -> None:
    """So the first of many that happen at once is not always the first to start."""
    world = World()
    world.engine.enqueue_product_event(product_event("p", CREATED, {}, 2), 0)
    world.collect()
    assert not world.started
    world.engine.wake(0)
    world.collect()
    assert len(world.started) == 1


def test_what_came_out_does_not_come_out_again() -> None:
    """Invocations, aborts and records are the caller's from then on."""
    world = World(app(timeout_ms=1_000))
    world.push(PushItem.of({}))
    world.engine.wake(0)
    world.engine.wake(1_000)
    first = (
        world.engine.take_invocations(),
        world.engine.take_aborts(),
        world.engine.take_records(),
    )
    assert [len(each) for each in first] == [1, 1, 3]
    assert world.engine.take_invocations() == []
    assert world.engine.take_aborts() == []
    assert world.engine.take_records() == []


def test_records_are_numbered_whoever_writes_them() -> None:
    """The last number counts those of before as well."""
    world = World()
    world.push(PushItem.of({}))
    world.engine.record(r.Log(level="info", message="from outside"), 7)
    assert world.engine.last_seq == 2
    world.collect()
    assert [(x.seq, x.at) for x in world.records] == [(1, 0), (2, 7)]


def test_only_what_waits_for_its_time_is_a_due_delivery() -> None:
    """The timeout of what runs wakes the engine, but delivers nothing."""
    world = World()
    world.push(PushItem.of("now"))
    world.advance_to(0)
    assert world.engine.next_wakeup() == 55_000
    assert world.engine.next_delivery_due() is None
    world.push(PushItem.of("later", 10), PushItem.of("latest", 20))
    assert world.engine.next_delivery_due() == 10_000
    world.end_invocation(RetryRequested(5))
    assert world.engine.next_delivery_due() == 5_000


def test_an_end_of_nothing_is_ignored() -> None:
    """An invocation that was timed out may still say that it is done."""
    world = World()
    world.engine.end_invocation("unknown", Success(), 0)
    world.collect()
    assert world.records == []


def test_what_runs_finishes_on_the_code_that_it_began_on() -> None:
    """New invocations get the new code; the old load is used as long as something runs on it."""
    world = World()
    world.push(PushItem.of(1))
    old = world.advance_to(0).next_invocation()
    world.engine.reload_app(app(), 2, 0)
    world.push(PushItem.of(2))
    new = world.advance_to(0).next_invocation()
    assert (old.generation, new.generation, world.engine.generation) == (1, 2, 2)
    assert world.engine.generations_running == {1, 2}
    world.engine.end_invocation(old.invocation_id, Success(), 0)
    assert world.engine.generations_running == {2}


def test_a_reload_warns_anew_of_a_queue_without_a_consumer() -> None:
    """Once for each load of the app."""
    world = World()
    for generation in (2, 3):
        world.push(PushItem.of(1), queue="nowhere")
        world.push(PushItem.of(1), queue="nowhere")
        world.engine.reload_app(app(), generation, 0)
    assert len(world.bodies_of(r.Log)) == 2


def test_the_new_names_of_queues_are_public_and_the_old_ones_are_not() -> None:
    """A secret that is a queue's name is masked in every other place."""
    world = World()
    world.engine.secrets.add_variable("KEY", "work")
    assert world.engine.secrets.mask("work") == "work"
    world.engine.reload_app(app(queue="more"), 2, 0)
    assert world.engine.secrets.mask("work") == "[KEY]"


def test_a_reload_starts_what_became_possible() -> None:
    """An event whose queue has a consumer by then is handled, not dropped."""
    one = app()
    world = World(msgspec.structs.replace(one, consumers=()))
    world.engine.queue_admin.pause_delivery()
    world.push(PushItem.of(1))
    world.advance_to(0)
    world.engine.delivery_loop.paused = False
    world.engine.reload_app(one, 2, 0)
    world.collect()
    assert [x.module_key for x in world.started] == ["consumer"]
    assert not world.bodies_of(r.EventDropped)


def test_cancelling_a_job_ends_what_waits_and_leaves_what_runs() -> None:
    """By the job's id, with or without its queue."""
    world = World()
    job = world.push(PushItem.of(1), PushItem.of(2, 60))
    world.advance_to(0)
    world.engine.cancel_job(job, "work", 0)
    world.collect()
    assert len(world.bodies_of(r.EventCancelled)) == 1
    assert (world.engine.running, world.engine.pending) == (1, 1)
    assert world.engine.job_stats(job) == JobStats(0, 1, 0)


def test_a_request_to_a_product_fails_as_the_rules_say() -> None:
    """The engine records it with the invocation that asked."""
    world = World(faults=["product.error=100%@..1m"])
    with pytest.raises(Fault) as caught:
        world.engine.inject_product_fault("jira", "i", 0)
    world.engine.inject_product_fault("jira", "i", 60_000)
    world.collect()
    assert caught.value.status == 503
    assert [x.invocation_id for x in world.bodies_of(r.FaultInjected)] == ["i"]


def test_an_engine_that_goes_on_tracks_what_changes_from_then_on() -> None:
    """It knows what was saved, and who it is."""
    saved = EngineSnapshot(10, 7, Installation("i", "c"), paused=("*",))
    world = World()
    world.engine.restore(saved, 20, away_ms=5, clean=True)
    world.collect()
    assert world.engine.installation == Installation("i", "c")
    assert world.engine.paused
    assert (world.records[0].seq, world.records[0].at) == (8, 20)
    assert world.engine.take_changes().paused is None
    world.push(PushItem.of(1))
    assert list(world.engine.take_changes().added) == [1]
