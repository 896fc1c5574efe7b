"""A trigger gets the product's payload, and is retried for itself."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from msgspec import UNSET

from forge_emu import records as r
from forge_emu.engine.delivery.delivery import State
from forge_emu.engine.delivery.trigger_delivery import (
    SavedTriggerDelivery,
    TriggerDeliveries,
    TriggerDelivery,
)
from forge_emu.model import (
    App,
    ErrorReport,
    Instant,
    Json,
    RetryRequested,
    Subscription,
    Success,
    TimedOut,
    Trigger,
    UnloadedFunction,
)
from tests.engine.world import BOOM, CREATED, World, app, send_product_event
from tests.product_events import product_event

TIMED_OUT = TimedOut(ErrorReport("TimeoutError", "too long"))


def test_a_trigger_gets_the_payload_and_who_caused_it() -> None:
    """The payload is the first argument, the principal stands in the second."""
    world = World()
    world.send_product_event(atlassianId="me", selfGenerated=False)
    invocation = world.next_invocation()
    assert invocation.event["issue"]["key"] == "EMU-1"
    assert "retryContext" not in invocation.event
    assert invocation.context["principal"] == {"accountId": "me"}
    assert invocation.context["installContext"].startswith("ari:cloud:jira::site/")
    assert invocation.timeout_ms == 25_000


def test_a_retry_brings_its_context_without_a_window() -> None:
    """retryCount, retryReason and retryData."""
    world = World()
    world.send_product_event()
    world.end_invocation(RetryRequested(60, "LATER", {"x": 1}))
    again = world.advance_to(60_000).next_invocation()
    assert again.event["retryContext"] == {
        "retryCount": 1,
        "retryReason": "LATER",
        "retryData": {"x": 1},
    }
    assert world.bodies_of(r.RetryScheduled)[0].trigger == "listen"


def test_platform_waits_of_product_events_grow() -> None:
    """A thrown error is retried four times, further and further apart."""
    world = World()
    world.send_product_event()
    due: list[Instant] = []
    for _ in range(5):
        world.end_invocation(BOOM)
        if (at := world.engine.next_wakeup()) is not None:
            due.append(at - world.now)
            world.advance_to(at)
    assert len(due) == 4
    assert due == sorted(due)
    assert world.bodies_of(r.ProductEventDropped)[0].reason == "max_retries"


def two_triggers() -> App:
    """Two triggers of one function on the same event."""
    one = app()
    second = msgspec.structs.replace(one.triggers[0], key="second")
    return msgspec.structs.replace(one, triggers=(*one.triggers, second))


@pytest.mark.parametrize(("due_at", "state"), [(0, State.READY), (1, State.SCHEDULED)])
def test_without_a_latency_a_trigger_gets_it_at_once(due_at: int, state: State) -> None:
    """Each trigger has a delivery of its own, by the ids of both."""
    delivery = TriggerDelivery(product_event("p", CREATED, {}, 2), "listen", 0, due_at)
    assert delivery.state is state
    assert delivery.id == "p/listen"
    assert delivery.names == ("p", "p/listen")
    assert delivery.routing == {"product_event_id": "p", "trigger": "listen"}


def test_a_latency_puts_off_each_trigger() -> None:
    """The event is sent at once."""
    world = World(two_triggers(), latency__product_event="20ms")
    world.send_product_event()
    assert world.record_types() == ["product_event.sent"]
    assert not world.advance_to(19).started
    assert len(world.advance_to(20).started) == 2


@pytest.mark.parametrize("gone", ["trigger", "function"])
def test_a_trigger_that_is_gone_by_its_time_drops_the_event(gone: str) -> None:
    """The app was reloaded without it, or without its function."""
    world = World(latency__product_event="20ms")
    world.send_product_event()
    left: dict[str, Any] = {"triggers": ()} if gone == "trigger" else {"functions": {}}
    world.engine.reload_app(msgspec.structs.replace(app(), **left), 2, 0)
    world.advance_to(20)
    (end,) = world.bodies_of(r.ProductEventDropped)
    assert (end.reason, end.attempts) == ("no_trigger", 0)


def test_a_trigger_whose_function_does_not_load_drops_the_event() -> None:
    """With a reason of its own; the trigger is there."""
    unloaded = {"trigger": UnloadedFunction("index.run", "src/index.js:1:1 broken")}
    world = World(msgspec.structs.replace(app(), functions={}, unloaded=unloaded))
    world.send_product_event()
    world.advance_to(0)
    (end,) = world.bodies_of(r.ProductEventDropped)
    assert (end.reason, end.attempts) == ("not_loaded", 0)


def test_the_context_names_the_product_of_the_event() -> None:
    """And no user where none caused it."""
    created = "avi:confluence:created:page"
    listen = Trigger("listen", "trigger", (Subscription(created),), 1)
    world = World(msgspec.structs.replace(app(), triggers=(listen,)))
    send_product_event(world.engine, product_event("p", created, {}, 2), 0)
    world.collect()
    context = world.next_invocation().context
    assert context["installContext"].startswith("ari:cloud:confluence::site/")
    assert "principal" not in context


def test_a_product_event_that_two_triggers_dropped_is_replayed_once() -> None:
    """To both, as an event of no batch."""
    world = World(two_triggers(), product_events__max_retries=0)
    event = product_event("p", CREATED, {}, 2, batch="b")
    send_product_event(world.engine, event, 0)
    world.collect()
    for _ in range(2):
        world.end_invocation(BOOM)
    ids = [each.delivery.id for each in world.engine.queue_admin.dropped]
    assert sorted(ids) == ["p/listen", "p/second"]
    assert len(world.engine.queue_admin.replay_deliveries(ids, world.engine.app, 0)) == 1
    world.advance_to(0)
    sent = world.bodies_of(r.ProductEventSent)
    assert [(x.batch, x.replay_of) for x in sent] == [("b", UNSET), (None, "p")]
    assert len(world.started) == 2


def test_the_deliveries_of_one_event_share_its_record_after_a_restart() -> None:
    """By the event's id; each has its own trigger."""
    event = product_event("p", CREATED, {"issue": {"key": "EMU-1"}}, 2, "b")
    saved = [SavedTriggerDelivery(event, trigger, 0) for trigger in ("a", "b")]
    records = [TriggerDeliveries.restored_record(each, 7) for each in saved]
    assert records[0] == records[1]
    assert records[0] == (
        "p",
        r.ProductEventSent(
            product_event_id="p", name=CREATED, size_bytes=2, subject="EMU-1", batch="b"
        ),
    )
    assert [TriggerDeliveries.restored_routing(each) for each in saved] == [
        {"product_event_id": "p", "trigger": "a"},
        {"product_event_id": "p", "trigger": "b"},
    ]


def test_the_count_of_a_product_event_is_of_retries_that_the_app_asked_for() -> None:
    """Timeouts are the platform's: they use up one of the four retries, and raise no count."""
    world = World()
    world.send_product_event()
    asked = RetryRequested(1, "BUSY", {"n": 1})
    seen = []
    for outcome in (TIMED_OUT, asked, TIMED_OUT, asked, Success()):
        context = world.end_invocation(outcome).event.get("retryContext")
        seen.append(context and (context["retryCount"], context["retryReason"]))
        world.advance_to(world.engine.next_wakeup() or world.now)

    assert seen == [
        None,
        (0, "FUNCTION_TIME_OUT"),
        (1, "BUSY"),
        (1, "FUNCTION_TIME_OUT"),
        (2, "BUSY"),
    ]
    counts = [retry.retry_count for retry in world.bodies_of(r.RetryScheduled)]
    assert counts == [0, 1, 1, 2]


def test_four_retries_of_a_product_event_are_all_there_are() -> None:
    """Whoever asked for them."""
    world = World()
    world.send_product_event()
    for outcome in (TIMED_OUT, RetryRequested(1), BOOM, TIMED_OUT, RetryRequested(1)):
        world.end_invocation(outcome)
        world.advance_to(world.engine.next_wakeup() or world.now)

    assert [drop.reason for drop in world.bodies_of(r.ProductEventDropped)] == ["max_retries"]


@pytest.mark.parametrize("data", ["page-2", 7, True, ["page-2"]])
def test_retry_data_of_a_product_event_that_is_no_object_is_not_sent(data: Json) -> None:
    """The record of the retry says so."""
    world = World()
    world.send_product_event()
    world.end_invocation(RetryRequested(1, "BUSY", data, 8))
    world.advance_to(1_000)

    assert world.next_invocation().event["retryContext"] == {"retryCount": 1, "retryReason": "BUSY"}
    (retry,) = world.bodies_of(r.RetryScheduled)
    assert retry.retry_data_left_out is True
