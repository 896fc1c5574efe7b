"""What is under way for a latency, and what busy code says, comes in its time."""

from __future__ import annotations

import pytest

from forge_emu.emulator.delayed_answers import DelayedAnswers
from forge_emu.model import Json, Success
from forge_emu.ports import AppRequest, AppResponse, DelayedMessages, InvocationEnded
from forge_emu.records import RequestRefused
from tests.emulator.harness import (
    LoopHarness,
    in_event_loop,
    push_text,
    record_times,
    run_scheduled_turns,
    virtual_harness,
)
from tests.engine.world import open_fields


@in_event_loop
async def test_what_code_says_after_hours_is_heard_in_its_time() -> None:
    """Not before what was due in between."""
    harness = virtual_harness()
    harness.add_batch(2, 1_000)
    harness.loop.run_turn()
    first = harness.runtime.invoked.pop(0).invocation_id
    harness.runtime.busy = False
    harness.loop.receive_messages([DelayedMessages(1_500, (InvocationEnded(first, Success()),))])
    await run_scheduled_turns()
    assert (1000, "invocation.started") in record_times(harness)
    harness.end_invocation()
    await run_scheduled_turns()
    ends = [at for at, type in record_times(harness) if type == "invocation.finished"]
    assert ends == [1_000, 1_500]
    harness.loop.stop()


@in_event_loop
async def test_an_answer_comes_after_its_latency_and_other_work_goes_on() -> None:
    """What was asked for is done at once; the answer is under way."""
    harness = LoopHarness(virtual=True, settings={"latency.push": "700ms", "latency.kvs": "30s"})
    harness.runtime.stays_busy = True
    harness.add_batch(2, 500)
    harness.loop.run_turn()
    harness.runtime.busy = harness.runtime.stays_busy = False
    running = harness.runtime.invoked[0].invocation_id
    options: dict[str, Json] = {"type": "fpp"}
    publish = "/webhook/queue/publish/x/y"
    body = push_text({"body": {}, "delayInSeconds": 60})
    harness.loop.receive_messages([AppRequest(1, running, options, publish, "POST", {}, body)])
    assert "event.pushed" in [r.type for r in harness.records]
    assert harness.runtime.answers == []
    await run_scheduled_turns()
    assert harness.runtime.answered_at[0] == (1, 700)
    assert (500, "invocation.started") in record_times(harness)
    harness.loop.stop()


@in_event_loop
async def test_a_start_may_take_its_time_and_the_timeout_counts_from_there() -> None:
    """Event, trigger, handler: each a little later."""
    settings = {"latency.product_event": "100ms", "latency.invocation": "1s"}
    harness = LoopHarness(virtual=True, settings=settings)
    harness.add_batch(1)
    harness.loop.run_turn()
    assert open_fields(harness.engine)[0]["due_at"] == 100
    await run_scheduled_turns()
    assert harness.runtime.flushed_at[:2] == [1_100, 26_100]
    assert record_times(harness)[:2] == [(0, "product_event.sent"), (100, "invocation.started")]
    harness.loop.stop()


@in_event_loop
async def test_latencies_pass_in_real_time_too() -> None:
    """A timer waits for them."""
    harness = LoopHarness(settings={"latency.invocation": "5s"})
    harness.add_batch(1)
    harness.loop.run_turn()
    assert not harness.runtime.invoked
    harness.clock.instant = 5_000
    harness.loop.run_turn()
    assert len(harness.runtime.invoked) == 1
    harness.loop.stop()


CALLS = {
    "latency.kvs": AppRequest(1, None, {"type": "kvs"}, "/api/v1/get", "POST", {}, "{}"),
    "latency.push": AppRequest(1, None, {}, "/webhook/queue/publish/x/y", "POST", {}, "{}"),
    "latency.product": AppRequest(
        1, None, {"provider": "app", "remote": "jira"}, "/rest/api/3/myself", "GET", {}, None
    ),
}


def test_a_request_is_ended_when_it_takes_too_long() -> None:
    """At the platform's limit, with a record of that instant; the store has no such limit."""
    slow = {"latency.product": "181s", "latency.kvs": "181s"}
    harness = LoopHarness(virtual=True, settings={**slow, "limits.egress.request_seconds": 180})
    services = harness.loop.services
    delayed_answers = DelayedAnswers(harness.engine, services.egress.end_late)
    for name in ("latency.product", "latency.kvs"):
        delayed_answers.respond(harness.runtime, CALLS[name], AppResponse(200), 0)
    assert delayed_answers.next_due() == 180_000

    delayed_answers.release_due(harness.runtime, harness.loop.receive_messages, 180_000)

    ((_, response),) = harness.runtime.answers
    assert response.status == 504
    refused = [
        (record.at, record.body.limit)
        for record in harness.engine.take_records()
        if isinstance(record.body, RequestRefused)
    ]
    assert refused == [(180_000, "limits.egress.request_seconds")]
    assert delayed_answers.next_due() == 181_000


@pytest.mark.parametrize("slow", CALLS)
def test_every_service_has_a_latency_of_its_own(slow: str) -> None:
    """The others answer at once."""
    harness = LoopHarness(virtual=True, settings={slow: "700ms"})
    delayed_answers = DelayedAnswers(harness.engine, harness.loop.services.egress.end_late)
    for name, request in CALLS.items():
        harness.runtime.answers.clear()
        delayed_answers.respond(harness.runtime, request, AppResponse(200), 0)
        assert len(harness.runtime.answers) == (name != slow)
    assert delayed_answers.next_due() == 700
    for now, answers in ((699, 0), (700, 1)):
        harness.runtime.answers.clear()
        delayed_answers.release_due(harness.runtime, harness.loop.receive_messages, now)
        assert len(harness.runtime.answers) == answers
    assert delayed_answers.next_due() is None
