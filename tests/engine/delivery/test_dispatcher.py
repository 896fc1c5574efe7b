"""An invocation starts with the timeout of its module, unless a limit is in the way."""

from __future__ import annotations

import msgspec
import pytest

from forge_emu import records as r
from forge_emu.model import PushItem, Trigger
from tests.engine.world import World, app


@pytest.mark.parametrize(("declared", "used"), [(None, 55_000), (900_000, 900_000), (1000, 1000)])
def test_a_declared_timeout_counts(declared: int | None, used: int) -> None:
    """`timeoutSeconds` of the function decides."""
    world = World(app(timeout_ms=declared))
    world.push(PushItem.of({}))
    assert world.advance_to(0).next_invocation().timeout_ms == used


def test_an_invocation_says_how_long_it_may_take() -> None:
    """The timeout that the engine will hold it to."""
    world = World()
    world.send_product_event()
    world.push(PushItem.of({}))
    world.advance_to(0)
    assert [body.timeout_ms for body in world.bodies_of(r.InvocationStarted)] == [25_000, 55_000]


def test_invocations_a_minute_can_be_limited() -> None:
    """Off by default; over the limit an event is retried, which is counted, and says why."""
    world = World(limits__invocations__per_minute=2)
    world.push(*(PushItem.of(n) for n in range(3)))
    assert len(world.advance_to(0).started) == 2
    assert not world.bodies_of(r.EventDeferred)
    retry = world.bodies_of(r.RetryScheduled)[0]
    assert (retry.limit, retry.retry_count) == ("limits.invocations.per_minute", 1)
    assert (retry.retry_reason, retry.asked_by) == ("FUNCTION_PLATFORM_RATE_LIMITED", "platform")
    world.end_invocation()
    world.end_invocation()
    while not world.started:
        world.advance_to(world.engine.next_wakeup() or 0)
    assert 60_000 <= world.now < 150_000
    context = world.next_invocation().event["retryContext"]
    assert context["retryCount"] == len(world.bodies_of(r.RetryScheduled))
    assert context["retryReason"] == "FUNCTION_PLATFORM_RATE_LIMITED"


def test_an_event_that_finds_the_limit_full_each_time_is_dropped() -> None:
    """Reaching it is an error of the app: four retries, and not one attempt."""
    world = World(limits__invocations__per_minute=1, async_events__backoff__first_seconds=1)
    world.push(PushItem.of("takes the minute"), PushItem.of("finds it full"))
    world.advance_to(0).end_invocation()
    world.advance_to(40_000)
    (dropped,) = world.bodies_of(r.EventDropped)
    assert (dropped.reason, dropped.attempts) == ("max_retries", 0)
    assert len(world.bodies_of(r.RetryScheduled)) == 4


def test_a_duplicate_that_finds_the_limit_full_is_not_delivered_again() -> None:
    """Its event has succeeded: nothing is lost, and nothing is recorded."""
    world = World(limits__invocations__per_minute=1, delivery__duplicates=1)
    world.push(PushItem.of({}))
    world.advance_to(0).end_invocation()
    world.advance_to(40_000)
    assert world.engine.pending == 0
    assert world.record_types().count("invocation.started") == 1
    assert not world.bodies_of(r.RetryScheduled)


@pytest.mark.parametrize(("events", "started"), [(1, 1), (2, 2), (3, 2)])
def test_as_many_invocations_start_as_the_minute_allows(events: int, started: int) -> None:
    """What is deferred has hit the limit, and uses up nothing of it."""
    world = World(limits__invocations__per_minute=2)
    world.push(*(PushItem.of(n) for n in range(events)))
    assert len(world.advance_to(0).started) == started
    (usage,) = (u for u in world.engine.usage(0) if u.name == "limits.invocations.per_minute")
    assert (usage.used, usage.hits) == (started, events - started)


def test_waiting_for_a_key_uses_up_no_invocation() -> None:
    """The slot is asked for before the minute counts it."""
    world = World(limits__invocations__per_minute=2)
    for n in range(2):
        world.push(PushItem.of(n, 0, {"key": "a", "limit": 1}))
    world.push(PushItem.of(2))
    world.advance_to(0)
    assert len(world.started) == 2
    assert [x.limit for x in world.bodies_of(r.EventDeferred)] == ["concurrency:a"]


@pytest.mark.parametrize(
    ("declared", "used"), [(24_999, 24_999), (25_000, 25_000), (25_001, 25_000), (None, 25_000)]
)
def test_a_function_of_two_modules_gets_the_least_of_their_timeouts(
    declared: int | None, used: int
) -> None:
    """A trigger gives 25 s, whatever the function declares."""
    one = app(timeout_ms=declared)
    shared = Trigger("shared", "work", one.triggers[0].subscriptions, 1)
    world = World(msgspec.structs.replace(one, triggers=(shared,)))
    world.push(PushItem.of({}))
    assert world.advance_to(0).next_invocation().timeout_ms == used


def test_a_slow_start_puts_off_the_deadline_as_well() -> None:
    """The handler's time counts from its first line."""
    world = World(latency__invocation="200ms")
    world.push(PushItem.of({}))
    invocation = world.advance_to(0).next_invocation()
    assert (invocation.starts_at, invocation.deadline) == (200, 55_200)
    world.advance_to(55_199)
    assert not world.aborted
    world.advance_to(55_200)
    assert world.aborted == [invocation.invocation_id]


def test_what_the_record_and_the_invocation_say_is_the_same() -> None:
    """The record names the queue too, where there is one."""
    world = World()
    world.push(PushItem.of({}))
    world.send_product_event()
    world.advance_to(0)
    for invocation, body in zip(world.started, world.bodies_of(r.InvocationStarted), strict=True):
        for name in ("invocation_id", "function", "module_key", "attempt", "instance"):
            assert getattr(body, name) == getattr(invocation, name)
        assert (body.queue == "work") is (invocation.event_id is not None)


def test_an_end_frees_the_slot_of_the_key() -> None:
    """Until then no other event of the key starts, however often it is tried."""
    world = World(app(timeout_ms=900_000))
    for n in range(2):
        world.push(PushItem.of(n, 0, {"key": "a", "limit": 1}))
    world.advance_to(300_000)
    assert (len(world.started), world.engine.running) == (1, 1)
    world.end_invocation()
    world.advance_to(900_000)
    assert [x.attempt for x in world.started] == [1]


def test_new_code_starts_cold_and_with_a_number_of_its_own() -> None:
    """The instance of the old code is idle, and still not used."""
    world = World()
    world.push(PushItem.of(1))
    world.advance_to(0)
    first = world.end_invocation()
    world.engine.reload_app(app(), 2, 0)
    world.push(PushItem.of(2))
    second = world.advance_to(0).next_invocation()
    assert (first.generation, second.generation) == (1, 2)
    assert second.cold_start
    assert second.instance != first.instance


def test_new_code_has_the_timeouts_of_its_own_manifest() -> None:
    """What was declared before counts no more, whether the app is reloaded or replaced."""
    world = World(app(timeout_ms=10_000))
    world.push(PushItem.of(1))
    world.advance_to(0)
    assert world.end_invocation().timeout_ms == 10_000
    world.engine.reload_app(app(timeout_ms=20_000), 2, 0)
    world.push(PushItem.of(2))
    world.advance_to(0)
    assert world.end_invocation().timeout_ms == 20_000
    world.engine.replace_app(app(timeout_ms=30_000))
    world.push(PushItem.of(3))
    assert world.advance_to(0).next_invocation().timeout_ms == 30_000


def test_a_changed_app_has_consumers_of_its_own() -> None:
    """A copy with other queues knows nothing of those before."""
    one = app(queue="one")
    assert one.consumer_of("one") is one.consumers[0]
    other = msgspec.structs.replace(one, consumers=app(queue="two").consumers)
    assert other.consumer_of("one") is None
    assert other.consumer_of("two") is other.consumers[0]
