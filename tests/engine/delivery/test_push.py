"""Every rule of a push, at its edge: one less, exactly, one more."""

from __future__ import annotations

import json
from typing import Any

import pytest

from forge_emu import records as r
from forge_emu.engine.delivery.push import delay_of, error_class
from forge_emu.errors import Fault
from forge_emu.model import Json, PushItem, PushRequest
from tests.engine.world import World, app


def try_push(world: World, request: PushRequest) -> Fault | None:
    """The fault of a push, or None when it was accepted."""
    try:
        world.engine.push(request, world.now)
    except Fault as fault:
        return fault
    finally:
        world.collect()
    return None


def request(n: int = 1, *, size: int = 10, item: int = 10, delay: Json = 0, by: str = "x") -> Any:
    """A push of `n` alike events."""
    return PushRequest("work", "job", (PushItem.of({}, delay),) * n, (item,) * n, size, by)


@pytest.mark.parametrize(("n", "refused"), [(49, False), (50, False), (51, True)])
def test_fifty_events_fit_into_a_push(n: int, refused: bool) -> None:
    """The package checks it too; a remote or an old one may not."""
    fault = try_push(World(), request(n))
    assert (fault is not None) is refused
    if fault:
        assert (fault.status, fault.limit) == (413, "limits.push.events_per_request")


@pytest.mark.parametrize(("size", "refused"), [(204_800, False), (204_801, True)])
def test_200_kib_fit_into_a_push(size: int, refused: bool) -> None:
    """The error's text is the server's."""
    fault = try_push(World(), request(size=size))
    assert (fault is not None) is refused
    if fault:
        assert fault.body == {"errorMessage": "The maximum payload size is 200KB."}


@pytest.mark.parametrize(
    ("timeout", "size", "refused"),
    [
        (None, 200_000, False),
        (55_000, 200_000, False),
        (56_000, 102_400, False),
        (56_000, 102_401, True),
    ],
)
def test_long_running_consumers_take_smaller_events(
    timeout: int | None, size: int, refused: bool
) -> None:
    """Over 55 s of timeout an event has at most 100 KiB."""
    fault = try_push(World(app(timeout_ms=timeout)), request(item=size))
    assert (fault is not None) is refused
    if fault:
        assert (fault.status, fault.limit) == (413, "limits.push.long_running_event_kb")


def test_500_events_a_minute() -> None:
    """The 501st is refused, changes nothing, and is let in when the minute has passed."""
    world = World()
    for _ in range(10):
        assert try_push(world, request(50)) is None
    fault = try_push(world, request(1))
    assert fault is not None
    assert (fault.status, fault.limit) == (429, "limits.push.events_per_minute")
    assert world.engine.pending == 500
    (refused,) = world.bodies_of(r.PushRefused)
    assert (refused.error, refused.events, refused.status) == ("RateLimitError", 1, 429)
    world.now = 59_999
    assert try_push(world, request(1)) is not None
    world.now = 60_000
    assert try_push(world, request(50)) is None


def test_a_push_that_fits_in_part_is_refused_whole_unless_set_otherwise() -> None:
    """The setting `partial` gives 202 with the index and reason of what was left out."""
    world = World(limits__push__events_per_minute=3)
    assert try_push(world, request(4)) is not None
    assert world.engine.pending == 0
    world = World(limits__push__events_per_minute=3, limits__push__partial="on")
    fault = try_push(world, request(5))
    assert fault is not None
    assert fault.status == 202
    assert [x["index"] for x in fault.body["failedEvents"]] == [3, 4]
    assert world.engine.pending == 3
    assert world.bodies_of(r.PushRefused)[0].events == 2


@pytest.mark.parametrize(
    ("delay", "due"),
    [(0, 0), (0.5, 500), (1, 1000), (900, 900_000), ("30", 30_000), (None, 0), (0.0004, 0)],
)
def test_delays_up_to_a_quarter_of_an_hour(delay: Json, due: int) -> None:
    """Fractions and numeric texts pass the package and are taken at their word."""
    world = World()
    assert try_push(world, request(delay=delay)) is None
    assert world.bodies_of(r.EventPushed)[0].due_at == due


@pytest.mark.parametrize(("rounding", "due"), [("up", 1000), ("down", 0), ("exact", 500)])
def test_a_setting_rounds_fractions_of_a_delay(rounding: str, due: int) -> None:
    """What the service does with them is not known."""
    world = World(async_events__fractional_delay=rounding)
    assert try_push(world, request(delay=0.5)) is None
    assert world.bodies_of(r.EventPushed)[0].due_at == due


@pytest.mark.parametrize("delay", [900.001, 901, -0.001, -1, "soon", {}, [], True])
def test_other_delays_are_refused(delay: Json) -> None:
    """400, naming the value."""
    fault = try_push(World(), request(delay=delay))
    assert fault is not None
    assert fault.status == 400
    assert json.dumps(delay, separators=(",", ":")) in fault.body["message"]


def test_a_thousand_pushes_may_descend_from_one_invocation() -> None:
    """Counted over the whole chain, whatever its shape; the next one is refused."""
    world = World(preset="off", limits__push__cyclic_requests=1000, delivery__max_instances=5000)
    world.send_product_event()
    trigger = world.next_invocation()
    for _ in range(600):
        assert try_push(world, request(by=trigger.invocation_id)) is None
    world.advance_to(0)
    chained = world.next_invocation()
    for _ in range(400):
        assert try_push(world, request(by=chained.invocation_id)) is None
    fault = try_push(world, request(by=chained.invocation_id))
    assert fault is not None
    assert (fault.status, fault.limit) == (405, "limits.push.cyclic_requests")
    assert world.bodies_of(r.PushRefused)[0].error == "InvocationLimitReachedError"
    world.send_product_event(2)
    other = next(x for x in world.started if x.product_event_id == "product2")
    assert try_push(world, request(by=other.invocation_id)) is None


def test_with_limits_off_nothing_is_refused() -> None:
    """Preset `off`: a thousand single pushes at once."""
    world = World(preset="off")
    for _ in range(1000):
        assert try_push(world, request(size=10**6, item=10**6)) is None
    assert world.engine.pending == 1000


def test_a_spread_that_is_tried_out_delays_every_event_at_random() -> None:
    """Within its bounds, on top of the app's own delay, and never beyond what a push may ask."""
    world = World(delivery__push_spread_seconds=60)
    for _ in range(50):
        assert try_push(world, request(delay=10)) is None
    assert try_push(world, request(delay=899)) is None
    *dues, last = [body.due_at for body in world.bodies_of(r.EventPushed)]
    assert all(10_000 <= due <= 70_000 for due in dues)
    assert len(set(dues)) > 40
    assert 899_000 <= last <= 900_000


def test_an_event_without_a_consumer_is_accepted_warned_of_and_dropped() -> None:
    """The push succeeds; one warning per queue names the remedy."""
    world = World()
    world.push(PushItem.of({}), PushItem.of({}), queue="nowhere")
    world.push(PushItem.of({}), queue="nowhere")
    world.advance_to(0)
    assert [x.reason for x in world.bodies_of(r.EventDropped)] == ["no_consumer"] * 3
    (warning,) = world.bodies_of(r.Log)
    assert "'nowhere' has no consumer" in warning.message


@pytest.mark.parametrize(
    ("status", "name"),
    [(202, "PartialSuccessError"), (413, "PayloadTooBigError"), (400, "InternalServerError")],
)
def test_a_refusal_is_recorded_with_the_class_that_the_app_sees(status: int, name: str) -> None:
    """A status without a class of its own is an internal error."""
    assert error_class(status) == name


DELAYS = [(None, 0), ("", 0), (" 1.5 ", 1_500), ("1e1", 10_000), ("soon", None), (True, None)]
FRACTIONS = [(float("nan"), 0), ("Infinity", 0), (0.0005, 0), (0.0015, 2)]


@pytest.mark.parametrize(("given", "delay"), [*DELAYS, *FRACTIONS])
def test_a_delay_is_what_the_package_lets_through(given: Json, delay: int | None) -> None:
    """Not a number and no number at all come as null, which is none; a text may be one."""
    assert delay_of(given) == delay


@pytest.mark.parametrize(("most", "refused"), [(2, True), (3, False), (4, False), (None, False)])
def test_the_number_of_events_is_limited(most: int | None, refused: bool) -> None:
    """A refused push changes nothing; without a limit any number passes."""
    world = World(limits__push__events_per_request=most)
    assert (try_push(world, request(3)) is not None) is refused
    assert world.engine.pending == (0 if refused else 3)


@pytest.mark.parametrize(("counted", "refused_after"), [(False, False), (True, True)])
def test_a_setting_says_whether_what_was_refused_counts(counted: bool, refused_after: bool) -> None:
    """Counted, it keeps out what would have fitted."""
    world = World(limits__push__events_per_minute=3, limits__push__count_refused=counted)
    assert try_push(world, request(4)) is not None
    assert (try_push(world, request(3)) is not None) is refused_after
    (usage,) = (u for u in world.engine.usage(0) if u.name == "limits.push.events_per_minute")
    assert (usage.used, usage.hits) == ((7, 2) if counted else (3, 1))


def test_of_a_partial_push_each_event_counts_once() -> None:
    """Two that fit and three that do not, where refused ones count as well."""
    world = World(
        limits__push__events_per_minute=2,
        limits__push__partial="on",
        limits__push__count_refused=True,
    )
    assert try_push(world, request(5)) is not None
    (usage,) = (u for u in world.engine.usage(0) if u.name == "limits.push.events_per_minute")
    assert (usage.used, usage.hits) == (5, 1)
    assert world.engine.pending == 2


@pytest.mark.parametrize(("window", "at"), [("sliding", 119_999), ("fixed", 60_000)])
def test_a_setting_says_when_the_minute_begins(window: str, at: int) -> None:
    """Sliding, it is over a minute after the push; fixed, with the next full minute."""
    world = World(limits__push__events_per_minute=1, limits__push__window=window)
    world.now = 59_999
    assert try_push(world, request()) is None
    world.now = at - 1
    assert try_push(world, request()) is not None
    world.now = at
    assert try_push(world, request()) is None


@pytest.mark.parametrize(
    ("sizes", "left_out"),
    [((10, 102_400), []), ((10, 102_401), [1]), ((102_401, 10, 102_401), [0, 2])],
)
def test_of_a_partial_push_only_what_is_too_large_is_left_out(
    sizes: tuple[int, ...], left_out: list[int]
) -> None:
    """With `partial`, for a consumer of over 55 s."""
    world = World(app(timeout_ms=56_000), limits__push__partial="on", limits__push__payload_kb=None)
    items = tuple(PushItem.of(n) for n in range(len(sizes)))
    fault = try_push(world, PushRequest("work", "job", items, sizes, sum(sizes), "x"))
    failed = [] if fault is None else fault.body["failedEvents"]
    assert [x["index"] for x in failed] == left_out
    refused = [(x.limit, x.events) for x in world.bodies_of(r.PushRefused)]
    assert refused == [("limits.push.long_running_event_kb", len(left_out))] * bool(left_out)
    assert world.engine.pending == len(sizes) - len(left_out)


def test_a_partial_push_of_which_nothing_fits_is_refused_whole() -> None:
    """By its size, or by what the minute leaves."""
    world = World(app(timeout_ms=56_000), limits__push__partial="on")
    fault = try_push(world, request(2, item=102_401))
    assert fault is not None
    assert fault.status == 413
    world = World(limits__push__events_per_minute=1, limits__push__partial="on")
    assert try_push(world, request()) is None
    fault = try_push(world, request(2))
    assert fault is not None
    assert fault.status == 429
    assert world.engine.pending == 1


def test_the_message_of_a_refusal_is_on_record() -> None:
    """Whatever the app finds it under; of a partial push that of the first event left out."""
    world = World(limits__push__partial="on", limits__push__events_per_minute=2)
    for push in (request(size=204_801), request(delay=-1), request(3), request(1)):
        assert try_push(world, push) is not None
    assert [(x.status, x.message) for x in world.bodies_of(r.PushRefused)] == [
        (413, "The maximum payload size is 200KB."),
        (400, "delayInSeconds is -1, not from 0 to 900"),
        (202, "Too many events were pushed within a minute."),
        (429, "Too many requests."),
    ]
    assert not world.bodies_of(r.Log)


def test_one_wrong_event_refuses_the_whole_push() -> None:
    """A delay or a concurrency key that makes no sense; none of its siblings is accepted."""
    world = World(async_events__invalid_concurrency="refuse")
    for wrong in (PushItem.of(2, -1), PushItem.of(2, 0, "no key")):
        push = PushRequest("work", "job", (PushItem.of(1), wrong), (2, 2), 4, "x")
        fault = try_push(world, push)
        assert fault is not None
        assert fault.status == 400
    assert world.engine.pending == 0
    assert [x.events for x in world.bodies_of(r.PushRefused)] == [2, 2]


def test_a_push_refused_for_its_concurrency_key_takes_nothing_of_the_minute() -> None:
    """As of every other refusal, unless `limits.push.count_refused` says so."""
    world = World(async_events__invalid_concurrency="refuse", limits__push__events_per_minute=1)
    wrong = PushRequest("work", "job", (PushItem.of(1, 0, "no key"),), (2,), 2, "x")
    fault = try_push(world, wrong)
    assert fault is not None
    assert fault.limit == "async_events.invalid_concurrency"
    assert try_push(world, request(1)) is None
