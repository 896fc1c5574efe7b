"""An injected fault is on record, and takes the place of what would have happened."""

from __future__ import annotations

import pytest

from forge_emu import records as r
from forge_emu.engine.faults.injector import FaultInjector
from forge_emu.engine.faults.rules import FaultRules, parse_fault
from forge_emu.engine.journal.journal import Journal
from forge_emu.errors import Fault
from forge_emu.model import (
    HOUR,
    ErrorReport,
    Failed,
    KvsRequest,
    Outcome,
    OutOfMemory,
    PlatformError,
    PushItem,
    RetryRequested,
    Success,
    TimedOut,
)
from forge_emu.settings import Settings
from forge_emu.settings.faults import KVS_LATENCY
from tests.engine.world import World

REPORT = ErrorReport("Error", "boom")


def test_factors_of_windows_that_overlap_multiply() -> None:
    """Ten times, and in the second minute twice that; each call that is slowed is on record."""
    texts = ("kvs.latency=x10", "kvs.latency=x2@1m..2m")
    journal = Journal(0)
    rules = [parse_fault(text, "") for text in texts]
    injection = FaultInjector(FaultRules(rules, lambda name: lambda: 0.5), journal, Settings())
    assert [
        injection.apply_latency_faults(20, KVS_LATENCY, "i", m * 60_000) for m in (0, 1, 2)
    ] == [200, 400, 200]
    assert injection.apply_latency_faults(0, KVS_LATENCY, "i", 0) == 0
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
        world.engine.kvs.call(request, 0)
    assert caught.value.status == 500
    assert set(caught.value.body) == {"code", "message"}
    world.collect()
    assert world.record_types() == ["fault.injected", "kvs.refused"]
    (refused,) = world.bodies_of(r.KvsRefused)
    assert (refused.status, refused.limit) == (500, "fault:kvs.error")
    assert world.engine.kvs.call(KvsRequest("get", "k"), 60_000).value is None


def test_a_platform_error_loses_the_answer_and_counts_no_retry() -> None:
    """The handler has worked, and the event comes again with the same retry count."""
    world = World(faults=["platform.error=100%@..1s"])
    world.push(PushItem.of({}))
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
    """Faults without end: expired at 96 h, and not dropped; the count of retries at 0."""
    world = World(faults=["platform.error=100%"], async_events__max_retries=None)
    world.push(PushItem.of({}))
    while world.engine.pending:
        world.advance_to(world.engine.next_wakeup() or 0)
        while world.started:
            world.end_invocation(RetryRequested(900))
    (end,) = world.bodies_of(r.EventExpired)
    assert end.age_ms == 96 * HOUR
    assert not world.bodies_of(r.EventDropped)
    assert {x.retry_count for x in world.bodies_of(r.RetryScheduled)} == {0}


def test_a_struck_handler_times_out_at_its_deadline() -> None:
    """Its answer is kept back; the retry is counted as for any timeout."""
    world = World(faults=["invocation.timeout=100%@..1s"])
    world.push(PushItem.of({}))
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


def injector(*texts: str) -> tuple[FaultInjector, Journal]:
    """An injector whose rules hit whenever they may, and its journal."""
    journal = Journal(0)
    rules = FaultRules([parse_fault(text, "") for text in texts], lambda name: lambda: 0.0)
    return FaultInjector(rules, journal, Settings()), journal


def injected(journal: Journal) -> list[str]:
    """The faults on record."""
    return [str(getattr(record.body, "fault", record.type)) for record in journal.take_records()]


def test_a_request_to_a_product_is_answered_with_503() -> None:
    """Within the window of the rule, and on record with who asked."""
    faults, journal = injector("product.error=100%@..1m")
    with pytest.raises(Fault) as caught:
        faults.inject_product_error("jira", "i", 59_999)
    assert caught.value.status == 503
    assert "product.error=100%" in caught.value.body["message"]
    (record,) = journal.take_records()
    assert isinstance(record.body, r.FaultInjected)
    assert record.body.invocation_id == "i"
    faults.inject_product_error("jira", "i", 60_000)
    faults.inject_kvs_error("i", 0)
    assert injected(journal) == []


@pytest.mark.parametrize("outcome", [TimedOut(REPORT), OutOfMemory(REPORT), PlatformError(REPORT)])
@pytest.mark.parametrize("fault", ["platform.error=100%", "invocation.timeout=100%"])
def test_an_invocation_that_gave_no_result_has_none_to_lose(fault: str, outcome: Outcome) -> None:
    """Its own end counts, and no fault is on record."""
    faults, journal = injector(fault)
    faults.plan_invocation_fault("i", 0)
    assert not faults.withhold_outcome("i", {}, outcome, 1)
    assert faults.apply_to_outcome("i", {}, outcome, 1) == (outcome, False)
    assert injected(journal) == []


@pytest.mark.parametrize("outcome", [Success(), RetryRequested(1), Failed(REPORT)])
def test_a_lost_outcome_is_a_platform_error(outcome: Outcome) -> None:
    """Whatever the handler said; the next invocation is another matter."""
    faults, journal = injector("platform.error=100%@..1s")
    faults.plan_invocation_fault("i", 0)
    assert not faults.withhold_outcome("i", {}, outcome, 5_000)
    replaced, by_fault = faults.apply_to_outcome("i", {"event_id": "e"}, outcome, 5_000)
    assert isinstance(replaced, PlatformError)
    assert by_fault
    assert injected(journal) == ["platform.error"]
    assert faults.apply_to_outcome("i", {}, outcome, 5_000) == (outcome, False)


def test_the_fault_of_an_invocation_is_that_of_its_start() -> None:
    """One that is not in force then does not hit it, however long it runs."""
    faults, journal = injector("platform.error=100%@1m..2m")
    for start, by_fault in ((59_999, False), (60_000, True), (119_999, True), (120_000, False)):
        faults.plan_invocation_fault("i", start)
        assert faults.apply_to_outcome("i", {}, Success(), 90_000)[1] is by_fault
    assert injected(journal) == ["platform.error"] * 2


def test_a_withheld_outcome_is_withheld_until_the_timeout() -> None:
    """Its fault is recorded once, and the instance did nothing wrong."""
    faults, journal = injector("invocation.timeout=100%")
    faults.plan_invocation_fault("i", 0)
    assert faults.withhold_outcome("i", {}, Success(), 10)
    assert faults.withhold_outcome("i", {}, Failed(REPORT), 20)
    end = TimedOut(REPORT)
    assert not faults.withhold_outcome("i", {}, end, 55_000)
    assert faults.apply_to_outcome("i", {}, end, 55_000) == (end, True)
    assert injected(journal) == ["invocation.timeout"]
    assert not faults.withhold_outcome("i", {}, Success(), 60_000)


def test_of_two_faults_of_an_invocation_the_platform_error_counts() -> None:
    """Both are drawn, and one can happen."""
    faults, journal = injector("invocation.timeout=100%", "platform.error=100%")
    faults.plan_invocation_fault("i", 0)
    assert not faults.withhold_outcome("i", {}, Success(), 10)
    assert faults.apply_to_outcome("i", {}, Success(), 10)[1]
    assert injected(journal) == ["platform.error"]


@pytest.mark.parametrize(
    ("product", "reason"),
    [
        ("jira", "jira-burst-based"),
        ("confluence", "confluence-quota-global-based"),
        ("bitbucket", None),
        ("my-remote", None),
    ],
)
def test_an_injected_429_says_when_to_come_again(product: str, reason: str | None) -> None:
    """With the product's own headers where it is known to have some."""
    faults = FaultInjector(
        FaultRules([parse_fault("product.rate_limit=100%", "")], lambda name: lambda: 0.0),
        Journal(0),
        Settings(overrides={"limits.products.fault_retry_after_seconds": 7}),
    )
    with pytest.raises(Fault) as raised:
        faults.inject_product_error(product, "i", 0)

    assert (raised.value.status, raised.value.headers["Retry-After"]) == (429, "7")
    assert raised.value.headers.get("RateLimit-Reason") == reason
