"""Product events reach the triggers that listen, and end once."""

from __future__ import annotations

import msgspec
import pytest

from forge_emu import records as r
from forge_emu.model import App, ProductEvent, RetryRequested, Subscription, Trigger
from tests.engine.world import CREATED, World, app, function, send_product_event


def two_triggers() -> App:
    """Two triggers on the same event."""
    one = app()
    return msgspec.structs.replace(
        one,
        functions={**one.functions, "other": function("other")},
        triggers=(*one.triggers, Trigger("second", "other", (Subscription(CREATED),), 1)),
    )


def test_the_event_has_succeeded_when_every_trigger_is_done() -> None:
    """Two triggers, one record at the end."""
    world = World(two_triggers())
    world.send_product_event()
    world.end_invocation()
    assert not world.bodies_of(r.ProductEventSucceeded)
    world.end_invocation()
    (end,) = world.bodies_of(r.ProductEventSucceeded)
    assert end.attempts == 2


def test_one_failing_trigger_drops_the_event_and_leaves_the_other_alone() -> None:
    """Each trigger is retried by itself."""
    world = World(two_triggers())
    world.send_product_event()
    bad = world.end_invocation(RetryRequested(1)).module_key
    world.end_invocation()
    for _ in range(4):
        world.advance_to(world.now + 1000)
        assert world.end_invocation(RetryRequested(1)).module_key == bad
    (end,) = world.bodies_of(r.ProductEventDropped)
    assert (end.reason, end.attempts) == ("max_retries", 6)
    assert not world.bodies_of(r.ProductEventSucceeded)


def test_an_unheard_event_is_dropped_with_its_reason() -> None:
    """Nobody listens to it: sent and dropped."""
    world = World()
    send_product_event(world.engine, ProductEvent("p", "avi:jira:deleted:issue", {}, 2), 0)
    world.collect()
    assert world.record_types() == ["product_event.sent", "product_event.dropped"]
    assert world.bodies_of(r.ProductEventDropped)[0].reason == "no_trigger"


@pytest.mark.parametrize(
    ("ignore", "own", "delivered"), [(True, True, False), (True, False, True), (False, True, True)]
)
def test_ignore_self_filters_what_the_app_did(ignore: bool, own: bool, delivered: bool) -> None:
    """Only a trigger that asks for it, only its own events."""
    world = World(app(ignore_self=ignore))
    world.send_product_event(selfGenerated=own)
    assert bool(world.started) is delivered
    assert [x.reason for x in world.bodies_of(r.ProductEventFiltered)] == [] if delivered else True


@pytest.mark.parametrize(("size", "delivered"), [(200_000, True), (200_001, False)])
def test_a_large_event_is_not_delivered(size: int, delivered: bool) -> None:
    """Over 200 kB."""
    world = World()
    send_product_event(world.engine, ProductEvent("p", CREATED, {}, size), 0)
    world.collect()
    assert bool(world.started) is delivered
    reasons = [x.reason for x in world.bodies_of(r.ProductEventDropped)]
    assert reasons == ([] if delivered else ["too_large"])
