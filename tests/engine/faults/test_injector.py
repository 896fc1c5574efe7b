"""An injected fault is on record, and takes the place of what would have happened."""

from __future__ import annotations

import pytest

from forge_emu import records as r
from forge_emu.engine.faults.injector import FaultInjector
from forge_emu.engine.faults.rules import FaultRules, parse_fault
from forge_emu.engine.journal.journal import Journal
from forge_emu.errors import Fault
from forge_emu.model import HOUR, KvsRequest, PushItem, RetryRequested
from tests.engine.world import World


def test_factors_of_windows_that_overlap_multiply() -> None:
    """Ten times, and in the second minute twice that; each call that is slowed is on record."""
    texts = ("kvs.latency=x10", "kvs.latency=x2@1m..2m")
    journal = Journal(0)
    rules = [parse_fault(text, "") for text in texts]
    injection = FaultInjector(FaultRules(rules, lambda name: lambda: 0.5), journal)
    assert [
        injection.apply_latency_faults(20, "kvs.latency", "i", m * 60_000) for m in (0, 1, 2)
    ] == [200, 400, 200]
    assert injection.apply_latency_faults(0, "kvs.latency", "i", 0) == 0
    struck = [record.body for record in journal.take_records()]
    assert [b.rule for b in struck if isinstance(b, r.FaultInjected)] == [
        texts[0],
        texts[0],
        texts[1],
        texts[0],
    ]


def test_a_struck_call_of_the_store_is_refused_with_500() -> None:
    """The fault and the refusal are recorded, and nothing is stored."""
    world = World(faults=["kvs.error=100%@..1m"])
    request = KvsRequest("set", "k", b"1", invocation_id="i")
    with pytest.raises(Fault) as caught:
        world.engine.call_kvs(request, 0)
    assert caught.value.status == 500
    assert set(caught.value.body) == {"code", "message"}
    world.collect()
    assert world.record_types() == ["fault.injected", "kvs.refused"]
    (refused,) = world.bodies_of(r.KvsRefused)
    assert (refused.status, refused.limit) == (500, "fault:kvs.error")
    assert world.engine.call_kvs(KvsRequest("get", "k"), 60_000).found is None


def test_a_platform_error_loses_the_answer_and_counts_no_retry() -> None:
    """The handler has worked, and the event comes again with the same retry count."""
    world = World(faults=["platform.error=100%@..1s"])
    world.push(PushItem({}))
    world.advance_to(0)
    world.end_invocation()
    assert [x.fault for x in world.bodies_of(r.FaultInjected)] == ["platform.error"]
    (finished,) = world.bodies_of(r.InvocationFinished)
    assert finished.outcome == "platform_error"
    (retry,) = world.bodies_of(r.RetryScheduled)
    assert (retry.retry_count, retry.asked_by) == (0, "platform")
    world.advance_to(retry.due_at).end_invocation()
    (end,) = world.bodies_of(r.EventSucceeded)
    assert end.attempts == 2
    cold = [x.cold_start for x in world.bodies_of(r.InvocationStarted)]
    assert cold == [True, False]


def test_platform_errors_extend_the_window_to_96_hours() -> None:
    """Faults without end: dropped at 96 h, the count of retries at 0."""
    world = World(faults=["platform.error=100%"], async_events__max_retries=None)
    world.push(PushItem({}))
    while world.engine.pending:
        world.advance_to(world.engine.next_wakeup() or 0)
        while world.started:
            world.end_invocation(RetryRequested(900))
    (end,) = world.bodies_of(r.EventDropped)
    assert (end.reason, end.age_ms) == ("retention_window", 96 * HOUR)
    assert {x.retry_count for x in world.bodies_of(r.RetryScheduled)} == {0}


def test_a_struck_handler_times_out_at_its_deadline() -> None:
    """Its answer is kept back; the retry is counted as for any timeout."""
    world = World(faults=["invocation.timeout=100%@..1s"])
    world.push(PushItem({}))
    world.advance_to(0).now = 200
    world.end_invocation()
    assert world.engine.running == 1
    assert not world.bodies_of(r.InvocationFinished)
    world.advance_to(54_999)
    assert world.engine.running == 1
    world.advance_to(55_000)
    (finished,) = world.bodies_of(r.InvocationFinished)
    assert (finished.outcome, finished.duration_ms) == ("timeout", 55_000)
    (retry,) = world.bodies_of(r.RetryScheduled)
    assert (retry.retry_count, retry.retry_reason) == (1, "FUNCTION_TIME_OUT")
    assert world.record_types().index("fault.injected") < world.record_types().index(
        "invocation.finished"
    )
    world.advance_to(retry.due_at).end_invocation()
    assert len(world.bodies_of(r.EventSucceeded)) == 1
    assert len(world.bodies_of(r.FaultInjected)) == 1
