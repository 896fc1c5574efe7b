"""Product events reach the triggers that listen, and end once."""

from __future__ import annotations

import msgspec
import pytest

from forge_emu import records as r
from forge_emu.engine.delivery.product_events import ProductEvents, SavedProductEvent
from forge_emu.engine.journal.journal import Journal
from forge_emu.model import App, Json, RetryRequested, Subscription, Trigger
from forge_emu.settings import Settings
from tests.engine.world import CREATED, World, app, function, send_product_event
from tests.product_events import product_event


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
    send_product_event(world.engine, product_event("p", "avi:jira:deleted:issue", {}, 2), 0)
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
    send_product_event(world.engine, product_event("p", CREATED, {}, size), 0)
    world.collect()
    assert bool(world.started) is delivered
    reasons = [x.reason for x in world.bodies_of(r.ProductEventDropped)]
    assert reasons == ([] if delivered else ["too_large"])


@pytest.mark.parametrize("size", [199_999, 200_000, 200_001])
def test_an_event_of_any_size_that_nobody_listens_to_has_no_trigger(size: int) -> None:
    """It is not called too large: nobody would have got it."""
    world = World()
    send_product_event(world.engine, product_event("p", "avi:jira:deleted:issue", {}, size), 0)
    world.collect()
    assert not world.bodies_of(r.ProductEventFiltered)
    assert [x.reason for x in world.bodies_of(r.ProductEventDropped)] == ["no_trigger"]


def test_an_event_that_every_trigger_filters_is_dropped_for_that() -> None:
    """One that some trigger takes is delivered to that one alone."""
    world = World(app(ignore_self=True))
    world.send_product_event(selfGenerated=True)
    assert [x.trigger for x in world.bodies_of(r.ProductEventFiltered)] == ["listen"]
    assert [x.reason for x in world.bodies_of(r.ProductEventDropped)] == ["filtered"]
    eager = Trigger("eager", "trigger", (Subscription(CREATED),), 1)
    one = world.engine.app
    world = World(msgspec.structs.replace(one, triggers=(*one.triggers, eager)))
    world.send_product_event(selfGenerated=True)
    assert [x.module_key for x in world.started] == ["eager"]
    assert not world.bodies_of(r.ProductEventDropped)


@pytest.mark.parametrize("own", ["true", 1, None])
def test_only_true_marks_an_event_of_the_apps_own(own: Json) -> None:
    """Anything else is not filtered."""
    world = World(app(ignore_self=True))
    world.send_product_event(selfGenerated=own)
    assert len(world.started) == 1


def test_the_first_failure_is_the_reason_of_the_whole_event() -> None:
    """A success or another failure after it changes nothing."""
    journal = Journal(0)
    events = ProductEvents(journal, Settings())
    event = product_event("p", CREATED, {}, 2)
    three = app().triggers[0]
    triggers = tuple(msgspec.structs.replace(three, key=key) for key in "abc")
    the_app = msgspec.structs.replace(app(), triggers=triggers)
    assert list(events.send(event, None, the_app, 10)) == ["a", "b", "c"]
    events.end_delivery("p", 2, "handler_error", 20)
    events.end_delivery("p", 5, "max_retries", 30)
    events.end_delivery("p", 1, None, 40)
    end = journal.take_records()[-1].body
    assert end == r.ProductEventDropped(
        product_event_id="p", attempts=8, age_ms=30, reason="handler_error"
    )
    assert events.open == {}


def test_progress_is_restored_only_for_events_that_are_open() -> None:
    """What the triggers that are done have left counts for those that are not."""
    journal = Journal(0)
    events = ProductEvents(journal, Settings())
    events.restore_open("p", 100)
    saved = SavedProductEvent(50, 4, None)
    events.restore_progress("p", saved)
    events.restore_progress("gone", saved)
    assert list(events.open) == ["p"]
    events.end_delivery("p", 1, None, 150)
    (end,) = journal.take_records()
    assert end.body == r.ProductEventSucceeded(product_event_id="p", attempts=5, age_ms=100)


def test_what_is_too_large_is_filtered_before_any_trigger() -> None:
    """The record of that names none; one that repeats another event says which."""
    journal = Journal(0)
    events = ProductEvents(journal, Settings())
    event = product_event("p", CREATED, {}, 200_001)
    assert events.send(event, "EMU-1", app(), 10, replay_of="old") == {}
    sent, filtered, dropped = [record.body for record in journal.take_records()]
    assert sent == r.ProductEventSent(
        product_event_id="p", name=CREATED, size_bytes=200_001, subject="EMU-1", replay_of="old"
    )
    assert filtered == r.ProductEventFiltered(
        product_event_id="p", trigger=None, reason="too_large"
    )
    assert dropped == r.ProductEventDropped(
        product_event_id="p", attempts=0, age_ms=0, reason="too_large"
    )


def test_each_end_of_a_trigger_is_noted() -> None:
    """What the others still have to do is saved."""
    events = ProductEvents(Journal(0), Settings())
    events.dirty.enabled = True
    for _ in range(2):
        events.restore_open("p", 0)
    for _ in range(2):
        events.end_delivery("p", 1, None, 1)
        assert events.dirty.drain() == ["p"]
