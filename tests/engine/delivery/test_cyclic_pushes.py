"""Pushes are counted by the invocation that they descend from, as long as more can follow."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from forge_emu import records as r
from forge_emu.engine.delivery.cyclic_pushes import PushChains
from forge_emu.errors import Fault
from forge_emu.model import PushItem
from tests.engine.world import World


def test_chains_with_nothing_open_are_forgotten(tmp_path: Path) -> None:
    """Their pushes are counted from nothing then, and nothing of them stays in the state."""
    world = World(limits__push__cyclic_requests=2)
    world.persist_to(tmp_path)
    for _ in range(2):
        world.push(PushItem.of("x", 1), by="somebody")
    with pytest.raises(Fault):
        world.push(PushItem.of("x", 1), by="somebody")
    world.restart()
    world.advance_to(1_000)
    world.end_invocation()
    with pytest.raises(Fault):
        world.push(PushItem.of("x", 1), by="somebody")
    world.end_invocation()
    assert world.database is not None
    kept = world.database.read_state()
    assert kept is not None
    assert kept.saved.pushes == {}
    world.push(PushItem.of("x", 1), by="somebody")


@pytest.mark.parametrize("pushes", [2, 3, 4])
def test_pushes_of_one_chain_are_limited(pushes: int) -> None:
    """Those that are refused do not count, and those of another invocation do not either."""
    world = World(limits__push__cyclic_requests=3)
    for _ in range(pushes):
        with suppress(Fault):
            world.push(PushItem.of("x", 1), by="somebody")
    refusals = [(x.status, x.limit) for x in world.bodies_of(r.PushRefused)]
    assert refusals == [(405, "limits.push.cyclic_requests")] * max(pushes - 3, 0)
    assert world.engine.pending == min(pushes, 3)
    world.push(PushItem.of("x", 1), by="somebody else")


def chains(**open_deliveries: int) -> PushChains:
    """Chains with one push each, and so many open deliveries."""
    found = PushChains()
    found.dirty.enabled = True
    for origin, count in open_deliveries.items():
        found.add_push(origin)
        for _ in range(count):
            found.add_delivery(origin)
    found.dirty.drain()
    return found


def test_a_chain_is_forgotten_with_its_last_open_delivery() -> None:
    """Not before; the state is told."""
    found = chains(a=2, b=1)
    found.remove_delivery("a")
    assert found.push_counts == {"a": 1, "b": 1}
    assert found.dirty.drain() == []
    found.remove_delivery("a")
    assert found.push_counts == {"b": 1}
    assert found.dirty.drain() == ["a"]
    assert found.push_count("a") == 0


def test_a_push_of_nothing_leaves_no_chain() -> None:
    """It counts only as long as something of it is open."""
    found = chains(a=0)
    found.discard_if_idle("a")
    assert found.push_counts == {}


def test_restored_counts_are_those_of_chains_with_open_deliveries() -> None:
    """A count that an older state still holds is dropped from it."""
    found = PushChains()
    found.dirty.enabled = True
    found.add_delivery("a")
    found.restore({"a": 7, "b": 9})
    assert found.push_counts == {"a": 7}
    assert found.dirty.drain() == ["b"]
