"""An instance runs one invocation at a time, and is used again unless it broke or is old."""

from __future__ import annotations

import pytest

from forge_emu.engine.delivery.instances import InstancePool
from forge_emu.model import ErrorReport, OutOfMemory, PushItem, Success
from tests.engine.world import World

REPORT = ErrorReport("Error", "boom")


def test_an_instance_that_broke_is_not_used_again() -> None:
    """After a success the next invocation is warm, after running out of memory it is cold."""
    world = World()
    for _ in range(3):
        world.push(PushItem.of({}))
    world.engine.queue_admin.pause_delivery()
    world.advance_to(0)
    starts = []
    for outcome in (Success(), OutOfMemory(REPORT), Success()):
        world.engine.delivery_loop.deliver_next(world.now)
        world.collect()
        starts.append(world.end_invocation(outcome))
    assert [x.cold_start for x in starts] == [True, False, True]
    assert starts[0].instance == starts[1].instance != starts[2].instance


def test_no_more_run_at_once_than_there_are_instances() -> None:
    """The rest waits in line and starts as instances come free."""
    world = World(delivery__max_instances=3)
    world.push(*(PushItem.of(n) for n in range(5)))
    world.advance_to(0)
    assert len(world.started) == world.engine.running == 3
    world.end_invocation()
    assert world.engine.running == 3
    assert world.engine.pending == 4


@pytest.mark.parametrize(("busy", "full"), [(1, False), (2, True)])
def test_a_pool_is_full_at_its_limit(busy: int, full: bool) -> None:
    """The next one has to wait until an instance is released."""
    pool = InstancePool(2)
    taken = [pool.acquire()[0] for _ in range(busy)]
    assert (pool.busy, pool.full) == (busy, full)
    pool.release(taken[0], discard=False)
    assert not pool.full


def test_the_instance_used_last_comes_first() -> None:
    """It is the one that a platform keeps warm."""
    pool = InstancePool(3)
    first, second = pool.acquire()[0], pool.acquire()[0]
    pool.release(second, discard=False)
    pool.release(first, discard=False)
    assert pool.acquire() == (first, False)
    assert pool.acquire() == (second, False)
    third, cold = pool.acquire()
    assert cold
    assert third not in (first, second)


def test_instances_of_old_code_are_not_used_again() -> None:
    """Idle ones are gone at once; busy ones count until they are released."""
    pool = InstancePool(2)
    idle, busy = pool.acquire()[0], pool.acquire()[0]
    pool.release(idle, discard=False)
    pool.start_generation()
    assert pool.busy == 1
    new, cold = pool.acquire()
    assert cold
    assert pool.full
    pool.release(busy, discard=False)
    pool.release(new, discard=False)
    assert pool.acquire() == (new, False)
    assert pool.acquire()[1]
