"""An invocation starts with the timeout of its module, unless a limit is in the way."""

from __future__ import annotations

import pytest

from forge_emu import records as r
from forge_emu.model import PushItem
from tests.engine.world import World, app


@pytest.mark.parametrize(("declared", "used"), [(None, 55_000), (900_000, 900_000), (1000, 1000)])
def test_a_declared_timeout_counts(declared: int | None, used: int) -> None:
    """`timeoutSeconds` of the function decides."""
    world = World(app(timeout_ms=declared))
    world.push(PushItem({}))
    assert world.advance_to(0).next_invocation().timeout_ms == used


def test_on_a_fast_clock_a_handler_gets_some_real_time() -> None:
    """The floor under timeouts applies."""
    world = World(app(timeout_ms=1000), minimum_timeout=180_000)
    world.push(PushItem({}))
    assert world.advance_to(0).next_invocation().timeout_ms == 180_000


def test_an_invocation_says_how_long_it_may_take() -> None:
    """The timeout that the engine will hold it to."""
    world = World()
    world.send_product_event()
    world.push(PushItem({}))
    world.advance_to(0)
    assert [body.timeout_ms for body in world.bodies_of(r.InvocationStarted)] == [25_000, 55_000]


def test_invocations_a_minute_can_be_limited() -> None:
    """Off by default; over the limit an event is deferred and says why."""
    world = World(limits__invocations__per_minute=2)
    world.push(*(PushItem(n) for n in range(3)))
    assert len(world.advance_to(0).started) == 2
    assert world.bodies_of(r.EventDeferred)[0].limit == "invocations_per_minute"
    world.end_invocation()
    world.end_invocation()
    while not world.started:
        world.advance_to(world.engine.next_wakeup() or 0)
    assert 60_000 <= world.now < 150_000
