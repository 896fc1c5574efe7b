"""Pushes by hand: numbered bodies, and the refusals that an app would see."""

from __future__ import annotations

from typing import Any

import pytest

from forge_emu import records as r
from forge_emu import settings as s
from forge_emu.control.push_contract import PushConcurrency, PushOrder, PushReceipt
from forge_emu.emulator.pushes.by_hand import push_by_hand
from forge_emu.errors import UserError
from tests.engine.world import World


def pushed(world: World, order: PushOrder) -> PushReceipt:
    """What came of the order, its records collected."""
    receipt = push_by_hand(order, world.engine, world.now)
    world.engine.wake(world.now)
    world.collect()
    return receipt


def bodies(world: World) -> list[Any]:
    """The bodies that consumers have got."""
    return [invocation.event["body"] for invocation in world.started]


def test_each_body_has_its_number() -> None:
    """In texts, and as a number where that is asked for."""
    world = World()
    body = {"key": "EMU-{n}", "n": {"$number": "{n}"}, "as it is": "{m} { n }"}

    receipt = pushed(world, PushOrder("work", body, 3))

    assert sorted(bodies(world), key=lambda b: b["n"]) == [
        {"key": f"EMU-{n}", "n": n, "as it is": "{m} { n }"} for n in (1, 2, 3)
    ]
    [job] = receipt.jobs
    events = world.bodies_of(r.EventPushed)
    assert [e.event_id for e in events] == job.event_ids
    assert {(e.job_id, e.queue, e.invocation_id) for e in events} == {(job.job_id, "work", "")}
    assert world.bodies_of(r.ActedByHand) == [r.ActedByHand(action="push", queue="work", events=3)]


def test_many_events_go_in_pushes_of_what_one_may_hold() -> None:
    """The last one has the rest; nothing is refused."""
    receipt = pushed(World(), PushOrder("work", {"n": "{n}"}, 120))

    assert [len(job.event_ids) for job in receipt.jobs] == [50, 50, 20]
    assert receipt.refused is None


@pytest.mark.parametrize(("length", "events"), [(102_381, [2]), (102_382, [1, 1])])
def test_a_push_is_as_large_as_its_payload_may_be(length: int, events: list[int]) -> None:
    """Two events of so many letters, 17 bytes around each, two brackets and a comma: 200 KB."""
    receipt = pushed(World(), PushOrder("work", {"a": "x" * length}, 2))

    assert [len(job.event_ids) for job in receipt.jobs] == events


def test_delay_and_concurrency_are_those_of_an_apps_push() -> None:
    """The event waits, and knows its key."""
    world = World()
    order = PushOrder("work", {}, 1, 5, PushConcurrency("account", 2))
    pushed(world, order)

    [event] = world.bodies_of(r.EventPushed)
    assert event.due_at == world.now + 5_000
    assert world.started == []
    world.advance_to(event.due_at)
    [invocation] = world.started
    assert invocation.event["delayInSeconds"] == 5
    assert invocation.event["concurrency"] == {"key": "account", "limit": 2}


@pytest.mark.parametrize(
    ("order", "error", "limit"),
    [
        (PushOrder("work", {"a": "x" * 205_000}), "PayloadTooBigError", s.PUSH_PAYLOAD_KB),
        (PushOrder("work", {}, 1, 901), "InternalServerError", s.PUSH_MAX_DELAY_SECONDS),
    ],
)
def test_a_refusal_names_the_error_and_its_rule(
    order: PushOrder, error: str, limit: s.Setting[Any]
) -> None:
    """Nothing is pushed, and the refusal is on record as that of an app's push is."""
    world = World()
    receipt = pushed(world, order)

    assert receipt.jobs == []
    assert receipt.refused is not None
    assert (receipt.refused.error, receipt.refused.limit) == (error, limit.name)
    [refused] = world.bodies_of(r.PushRefused)
    assert (refused.limit, refused.message) == (limit.name, receipt.refused.message)


def test_what_was_pushed_before_a_refusal_stays() -> None:
    """500 events a minute: the push that goes beyond is refused whole, and none follows it."""
    world = World()
    receipt = pushed(world, PushOrder("work", {"n": "{n}"}, 600))

    assert sum(len(job.event_ids) for job in receipt.jobs) == 500
    assert receipt.refused is not None
    assert (receipt.refused.error, receipt.refused.events) == ("RateLimitError", 50)
    assert len(world.bodies_of(r.EventPushed)) == 500


def test_each_push_begins_a_chain_of_its_own() -> None:
    """Cyclic pushes are counted by what began them: a user's pushes do not add up."""
    world = World(limits__push__cyclic_requests=1)

    receipts = [pushed(world, PushOrder("work", {}, 1, 60)) for _ in range(3)]

    assert [receipt.refused for receipt in receipts] == [None] * 3


def test_an_unknown_queue_has_neighbours() -> None:
    """Nothing is pushed to a queue that no consumer serves."""
    world = World()
    with pytest.raises(UserError) as raised:
        pushed(world, PushOrder("wrok", {}))

    assert raised.value.message == "no consumer of the app has a queue 'wrok'"
    assert raised.value.hint == "Did you mean work?"
    world.collect()
    assert world.bodies_of(r.ActedByHand) == []


def test_a_body_that_becomes_a_number_is_refused() -> None:
    """Before anything is pushed or recorded."""
    world = World()
    with pytest.raises(UserError, match="must be an object, not a number"):
        push_by_hand(PushOrder("work", {"$number": "{n}"}), world.engine, world.now)
    world.collect()
    assert world.records == []
