"""Timeouts of a function that modules use which are not emulated."""

from __future__ import annotations

import msgspec
import pytest

from forge_emu.model import PushItem, WebTrigger
from tests.engine.world import World, app


@pytest.mark.parametrize(
    ("kind", "used"),
    [
        ("action", 55_000),
        ("jira:issuePanel", 25_000),
    ],
)
def test_modules_that_are_not_emulated_bound_the_timeout_too(kind: str, used: int) -> None:
    """A consumer that declares 300 s has no more than the others that use its function."""
    one = msgspec.structs.replace(app(timeout_ms=300_000), other_uses={"work": (kind,)})
    world = World(one)
    world.push(PushItem.of({}))
    assert world.advance_to(0).next_invocation().timeout_ms == used


def test_a_web_trigger_bounds_the_timeout_of_a_consumer() -> None:
    """It has 55 s itself."""
    one = msgspec.structs.replace(
        app(timeout_ms=300_000), web_triggers=(WebTrigger("hook", "work", 3),)
    )
    world = World(one)
    world.push(PushItem.of({}))
    assert world.advance_to(0).next_invocation().timeout_ms == 55_000
