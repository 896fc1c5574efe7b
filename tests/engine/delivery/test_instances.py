"""An instance runs one invocation at a time, and is used again unless it broke or is old."""

from __future__ import annotations

from forge_emu.model import ErrorReport, OutOfMemory, PushItem, Success
from tests.engine.world import World

REPORT = ErrorReport("Error", "boom")


def test_an_instance_that_broke_is_not_used_again() -> None:
    """After a success the next invocation is warm, after running out of memory it is cold."""
    world = World()
    for _ in range(3):
        world.push(PushItem({}))
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
    world.push(*(PushItem(n) for n in range(5)))
    world.advance_to(0)
    assert len(world.started) == world.engine.running == 3
    world.end_invocation()
    assert world.engine.running == 3
    assert world.engine.pending == 4
