"""A trigger gets the product's payload, and is retried for itself."""

from __future__ import annotations

from forge_emu import records as r
from forge_emu.model import Instant, RetryRequested
from tests.engine.world import BOOM, World


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
