"""The two arguments of a handler have the platform's shape."""

from __future__ import annotations

import msgspec

from forge_emu.model import Consumer, PushItem
from tests.engine.world import BOOM, World, app


def test_old_resolver_consumers_get_their_call_form() -> None:
    """The method, the payload and the retry context inside it."""
    old = Consumer("consumer", "work", "work", "on-event", 1)
    world = World(msgspec.structs.replace(app(), consumers=(old,)))
    world.push(PushItem({"a": 1}))
    call = world.advance_to(0).end_invocation(BOOM).event["call"]
    assert call == {"functionKey": "on-event", "payload": {"a": 1}, "jobId": "job1"}
    payload = world.advance_to(10_000).next_invocation().event["call"]["payload"]
    assert payload["a"] == 1
    assert payload["retryContext"]["retryCount"] == 1
