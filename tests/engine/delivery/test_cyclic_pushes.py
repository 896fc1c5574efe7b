"""Pushes are counted by the invocation that they descend from, as long as more can follow."""

from __future__ import annotations

from pathlib import Path

import pytest

from forge_emu.errors import Fault
from forge_emu.model import PushItem
from tests.engine.world import World


def test_chains_with_nothing_open_are_forgotten(tmp_path: Path) -> None:
    """Their pushes are counted from nothing then, and nothing of them stays in the state."""
    world = World(limits__push__cyclic_requests=2)
    world.persist_to(tmp_path)
    for _ in range(2):
        world.push(PushItem("x", 1), by="somebody")
    with pytest.raises(Fault):
        world.push(PushItem("x", 1), by="somebody")
    world.restart()
    world.advance_to(1_000)
    world.end_invocation()
    with pytest.raises(Fault):
        world.push(PushItem("x", 1), by="somebody")
    world.end_invocation()
    assert world.database is not None
    kept = world.database.read_state()
    assert kept is not None
    assert kept.saved.pushes == {}
    world.push(PushItem("x", 1), by="somebody")
