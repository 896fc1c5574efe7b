"""Concurrency keys bound what runs at once, across queues, apart from retries."""

from __future__ import annotations

from itertools import pairwise

import msgspec
import pytest

from forge_emu import records as r
from forge_emu.engine.delivery.concurrency_keys import ConcurrencyKeys, read_concurrency
from forge_emu.errors import Fault
from forge_emu.model import HOUR, App, Consumer, Json, PushItem
from tests.engine.world import World, app

ONE = {"key": "account", "limit": 1}


def two_queues() -> App:
    """Two queues with one consumer function."""
    one = app()
    other = Consumer("other", "more", "work", None, 1)
    return msgspec.structs.replace(one, consumers=(*one.consumers, other))


def test_events_of_a_key_wait_for_its_slot_across_queues() -> None:
    """One runs; the other is deferred, which is neither an attempt nor a retry."""
    world = World(two_queues())
    world.push(PushItem.of(1, 0, ONE))
    world.push(PushItem.of(2, 0, ONE), queue="more")
    world.advance_to(0)
    assert len(world.started) == 1
    (deferred,) = world.bodies_of(r.EventDeferred)
    assert deferred.limit == "concurrency:account"
    assert 2_000 <= deferred.due_at <= 6_000
    world.end_invocation()
    second = world.advance_to(20_000).next_invocation()
    assert second.attempt == 1
    assert "retryContext" not in second.event
    assert not world.bodies_of(r.RetryScheduled)


def test_waits_for_a_slot_grow_up_to_a_quarter_of_an_hour() -> None:
    """Each try finds the slot taken and waits longer."""
    world = World(
        app(timeout_ms=900_000),
        async_events__concurrency_backoff__jitter=0.0,
        async_events__concurrency_backoff__factor=6,
    )
    world.push(PushItem.of(1, 0, ONE))
    world.push(PushItem.of(2, 0, ONE))
    world.advance_to(899_000)
    waits = [x.due_at for x in world.bodies_of(r.EventDeferred)]
    steps = [b - a for a, b in zip([0, *waits], waits, strict=False)]
    assert steps == [4_000, 24_000, 144_000, 864_000]


@pytest.mark.parametrize("seed", range(1, 21))
def test_five_events_of_one_key_start_some_seconds_apart(seed: int) -> None:
    """With limit 1 the gaps are those that were seen on the platform: 4 to 16 s, in no order."""
    world = World(seed=seed)
    world.push(*(PushItem.of(n, 0, ONE) for n in range(5)))
    starts: list[int] = []
    world.advance_to(0)
    while len(starts) < 5:
        if world.started:
            starts.append(world.now)
            world.end_invocation()
        else:
            world.advance_to(world.engine.next_wakeup() or 0)
    gaps = [later - earlier for earlier, later in pairwise(starts)]
    assert min(gaps) >= 4_000
    assert max(gaps) <= 16_500


@pytest.mark.parametrize(("wait", "starts"), [(3_999, 1), (4_000, 2)])
def test_a_slot_is_free_some_time_after_its_invocation_ended(wait: int, starts: int) -> None:
    """The platform's counters follow the end of an invocation with a delay."""
    world = World()
    world.push(PushItem.of(1, 0, ONE))
    world.advance_to(0).end_invocation()
    world.advance_to(wait)
    world.push(PushItem.of(2, 0, ONE))
    world.advance_to(wait)
    assert len(world.bodies_of(r.InvocationStarted)) == starts


def test_other_keys_and_keyless_events_are_not_held_up() -> None:
    """A slot belongs to its key alone."""
    world = World()
    world.push(PushItem.of(1, 0, ONE), PushItem.of(2, 0, {"key": "b", "limit": 1}), PushItem.of(3))
    assert len(world.advance_to(0).started) == 3


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_no_more_than_the_limit_run_at_once(limit: int) -> None:
    """Whatever happens, and however long it takes, all are delivered in the end."""
    world = World()
    for n in range(12):
        world.push(PushItem.of(n, 0, {"key": "k", "limit": limit}))
    world.advance_to(0)
    done = 0
    while done < 12:
        assert world.engine.running <= limit
        if world.started:
            world.end_invocation()
            done += 1
        else:
            world.advance_to(world.engine.next_wakeup() or 0)
    assert len(world.bodies_of(r.EventSucceeded)) == 12


def test_waiting_for_a_slot_uses_up_the_window() -> None:
    """A key that is never free drops the event at the end of its window."""
    world = World(app(timeout_ms=900_000), async_events__max_retries=None)
    world.push(PushItem.of(1, 0, ONE))
    world.engine.queue_admin.pause_delivery()
    world.advance_to(0)
    world.engine.delivery_loop.deliver_next(0)
    world.push(PushItem.of(2, 0, ONE))
    world.engine.queue_admin.resume_delivery(0)
    while not world.bodies_of(r.EventDropped):
        world.advance_to(world.engine.next_wakeup() or 0)
        assert world.now <= 24 * HOUR
        if world.aborted and world.engine.running == 0:
            break
    assert world.engine.pending + len(world.bodies_of(r.EventDropped)) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": "a", "limit": 0},
        {"key": "a", "limit": -1},
        {"limit": 1},
        {"key": "", "limit": 1},
        {"key": 7, "limit": 1},
        {"key": "a"},
        {"key": "a", "limit": "2"},
        "a",
        [],
    ],
)
def test_a_senseless_concurrency_is_ignored_with_a_word_or_refused(wrong: Json) -> None:
    """The package sends it unchecked; the setting says which."""
    assert read_concurrency(wrong)[2]
    world = World()
    world.push(PushItem.of(1, 0, wrong), PushItem.of(2, 0, wrong))
    assert len(world.advance_to(0).started) == 2
    assert all("it is ignored" in x.message for x in world.bodies_of(r.Log))
    strict = World(async_events__invalid_concurrency="refuse")
    with pytest.raises(Fault) as fault:
        strict.push(PushItem.of(1, 0, wrong))
    assert fault.value.status == 400
    assert strict.engine.pending == 0


@pytest.mark.parametrize(("taken", "free"), [(1, True), (2, False), (3, False)])
def test_a_key_has_as_many_slots_as_the_event_says(taken: int, free: bool) -> None:
    """Each event brings the limit that counts for itself."""
    keys = ConcurrencyKeys()
    for _ in range(taken):
        assert keys.acquire("a", 9, 0)
    assert keys.acquire("a", 2, 0) is free
    assert keys.acquire("b", 1, 0)


def test_a_slot_that_is_refused_is_not_taken() -> None:
    """One that is freed can be taken again, and by one event alone."""
    keys = ConcurrencyKeys()
    assert keys.acquire("a", 1, 0)
    assert not keys.acquire("a", 1, 0)
    keys.release("a", 0)
    assert keys.acquire("a", 1, 0)
    assert not keys.acquire("a", 1, 0)


@pytest.mark.parametrize(
    ("given", "key", "limit"),
    [
        (None, None, 0),
        ({"key": "a", "limit": 1}, "a", 1),
        ({"key": "a", "limit": 3.0}, "a", 3),
        ({"key": "a", "limit": 2, "more": 1}, "a", 2),
    ],
)
def test_a_concurrency_is_read(given: Json, key: str | None, limit: int) -> None:
    """None at all bounds nothing; a number is whole whatever its type."""
    assert read_concurrency(given) == (key, limit, None)


@pytest.mark.parametrize(
    ("limit", "quoted"),
    [
        (0, "0"),
        (0.999, "0.999"),
        (True, "true"),
        (None, "null"),
        (1.5, "1.5"),
        (float("inf"), "null"),
        ("2", '"2"'),
    ],
)
def test_a_limit_that_is_no_whole_number_is_a_problem_that_is_quoted(
    limit: Json, quoted: str
) -> None:
    """As one is that would let nothing run at all; as JSON, which is what the app sent."""
    key, slots, problem = read_concurrency({"key": "a", "limit": limit})
    assert (key, slots) == (None, 0)
    assert problem == f"concurrency.limit is {quoted}, not a whole number from 1"


def test_a_senseless_concurrency_is_said_once_for_each_queue_and_part() -> None:
    """A thousand pushes of one line of code have one mistake."""
    world = World()
    for limit in (0, 0.5, -1):
        world.push(PushItem.of(1, 0, {"key": "a", "limit": limit}))
    world.push(PushItem.of(1, 0, {"key": 7, "limit": 1}))
    said = [body.message for body in world.bodies_of(r.Log)]
    assert len(said) == 2
    assert "concurrency.limit is 0," in said[0]
    assert "concurrency.key" in said[1]
