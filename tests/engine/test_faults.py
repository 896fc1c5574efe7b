"""Faults strike the share they were asked for, where they were asked for, and say so."""

from __future__ import annotations

import random

import pytest

from forge_emu import records as r
from forge_emu.engine.faults.injector import FaultInjector
from forge_emu.engine.faults.rules import FaultRule, FaultRules, idle_fault_warnings, parse_fault
from forge_emu.engine.journal.journal import Journal
from forge_emu.errors import Fault, UserError
from forge_emu.model import HOUR, KvsRequest, PushItem, RetryRequested
from forge_emu.settings import parse_setting
from forge_emu.settings.faults import KVS_LATENCY
from tests.engine.world import World


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("kvs.error=5%", FaultRule("kvs.error=5%", "kvs.error", 0.05)),
        ("platform.error=0.5%@10m..20m", FaultRule(
            "platform.error=0.5%@10m..20m", "platform.error", 0.005, 1.0, 600_000, 1_200_000,
        )),
        ("invocation.timeout=100%@1.5h..", FaultRule(
            "invocation.timeout=100%@1.5h..", "invocation.timeout", 1.0, 1.0, 5_400_000,
        )),
        (" kvs.latency = x10@..20m ", FaultRule(
            "kvs.latency = x10@..20m", "kvs.latency", 0.0, 10.0, 0, 1_200_000,
        )),
    ],
)  # fmt: skip
def test_forms_of_a_fault(text: str, rule: FaultRule) -> None:
    """A share or a factor, with or without a window."""
    assert parse_fault(text, "--fault") == rule


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "--fault: there is no fault '' in ''"),
        ("kvs.eror=5%", "--fault: there is no fault 'kvs.eror' in 'kvs.eror=5%'"),
        ("kvs.error", "--fault: 'kvs.error' does not say how much"),
        ("kvs.error=5", "--fault: '5' in 'kvs.error=5' is no share from 0% to 100%"),
        ("kvs.error=101%", "--fault: '101%' in 'kvs.error=101%' is no share from 0% to 100%"),
        ("kvs.error=-1%", "--fault: '-1%' in 'kvs.error=-1%' is no share from 0% to 100%"),
        ("kvs.latency=10", "--fault: '10' in 'kvs.latency=10' is no factor such as x10"),
        ("kvs.error=5%@10m", "--fault: '@10m' in 'kvs.error=5%@10m' is no window of time"),
        ("kvs.error=5%@", "--fault: '@' in 'kvs.error=5%@' is no window of time"),
        ("kvs.error=5%@..", "--fault: '@..' in 'kvs.error=5%@..' is no window of time"),
        ("kvs.error=5%@x..1m", "--fault: '@x..1m' in 'kvs.error=5%@x..1m' is no window of time"),
        (
            "kvs.error=5%@2m..1m",
            "--fault: '@2m..1m' in 'kvs.error=5%@2m..1m' ends before it begins",
        ),
    ],
)
def test_a_wrong_fault_is_quoted(text: str, said: str) -> None:
    """With the forms it can have."""
    with pytest.raises(UserError) as caught:
        parse_fault(text, "--fault")
    assert caught.value.message == said
    assert "kvs.latency=x10" in (caught.value.hint or "")


def test_a_fault_strikes_its_share() -> None:
    """Of ten thousand, five per cent."""
    rule = parse_fault("kvs.error=5%", "")
    faults = FaultRules([rule], lambda name: random.Random(name).random)
    struck = sum(faults.draw_fault("kvs.error", 0) is not None for _ in range(10_000))
    assert 400 < struck < 600


def test_one_more_fault_changes_nothing_for_the_others() -> None:
    """Each draws from a stream of its own."""

    def struck(*texts: str) -> list[bool]:
        rules = [parse_fault(text, "") for text in texts]
        faults = FaultRules(rules, lambda name: random.Random(name).random)
        hits = []
        for _ in range(200):
            faults.draw_fault("platform.error", 0)
            hits.append(faults.draw_fault("kvs.error", 0) is not None)
        return hits

    assert struck("kvs.error=20%") == struck("platform.error=50%", "kvs.error=20%")


def test_a_window_includes_its_start_and_not_its_end() -> None:
    """`@10m..20m` strikes at ten minutes, and no more at twenty."""
    faults = FaultRules([parse_fault("kvs.error=100%@10m..20m", "")], lambda name: lambda: 0.5)
    hits = [faults.draw_fault("kvs.error", m * 60_000) is not None for m in (9, 10, 19, 20)]
    assert hits == [False, True, True, False]
    assert faults.draw_fault("kvs.error", 1_199_999)


def test_factors_of_windows_that_overlap_multiply() -> None:
    """Ten times, and in the second minute twice that; each call that is slowed is on record."""
    texts = ("kvs.latency=x10", "kvs.latency=x2@1m..2m")
    journal = Journal(0)
    rules = [parse_fault(text, "") for text in texts]
    injection = FaultInjector(FaultRules(rules, lambda name: lambda: 0.5), journal)
    assert [
        injection.apply_latency_faults(20, KVS_LATENCY, "i", m * 60_000) for m in (0, 1, 2)
    ] == [
        200,
        400,
        200,
    ]
    assert injection.apply_latency_faults(0, KVS_LATENCY, "i", 0) == 0
    struck = [record.body for record in journal.take_records()]
    assert [b.rule for b in struck if isinstance(b, r.FaultInjected)] == [
        texts[0], texts[0], texts[1], texts[0],
    ]  # fmt: skip


def test_a_latency_of_nothing_is_said_to_have_no_effect() -> None:
    """Ten times zero is zero; other faults are never idle."""
    rules = [parse_fault(text, "") for text in ("kvs.latency=x10", "kvs.error=5%")]
    (said,) = idle_fault_warnings(rules, {"latency.kvs": "0ms"})
    assert said.startswith("the fault kvs.latency=x10 has no effect")
    assert idle_fault_warnings(rules, {"latency.kvs": "20ms"}) == []


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
    assert world.engine.kvs.call(KvsRequest("get", "k"), 60_000).found is None


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


def test_a_duplicate_comes_after_success_and_ends_nothing() -> None:
    """One terminal record; the second delivery is marked, and may fail as it likes."""
    world = World(delivery__duplicates=1, delivery__duplicate_after_seconds=5)
    world.push(PushItem({"a": 1}))
    world.advance_to(0)
    first = world.end_invocation()
    assert world.engine.pending == 1
    assert not world.advance_to(4_999).started
    world.advance_to(5_000)
    second = world.end_invocation(RetryRequested(1))
    assert second.event == first.event
    assert second.event_id == first.event_id
    assert world.engine.pending == 0
    started = world.bodies_of(r.InvocationStarted)
    assert [(x.duplicate, x.attempt, x.event_id) for x in started] == [
        (False, 1, first.event_id),
        (True, 2, first.event_id),
    ]
    assert [x.duplicate for x in world.bodies_of(r.InvocationFinished)] == [False, True]
    assert len(world.bodies_of(r.EventSucceeded)) == 1
    assert not world.bodies_of(r.RetryScheduled)
    assert world.engine.job_stats("job1").success == 1


def test_duplicates_leave_every_other_chance_alone() -> None:
    """The platform's own backoff draws the same numbers with and without them."""

    def waits(share: float) -> list[int]:
        world = World(delivery__duplicates=share)
        for _ in range(20):
            world.push(PushItem({}))
        world.advance_to(0)
        while world.started:
            world.end_invocation()
        world.push(PushItem({}))
        world.advance_to(1)
        world.end_invocation(RetryRequested(None))
        return [x.retry_after_ms for x in world.bodies_of(r.RetryScheduled)]

    assert waits(0) == waits(0.0001)


@pytest.mark.parametrize(("text", "share"), [("1%", 0.01), ("0.25", 0.25), ("100%", 1.0)])
def test_a_share_may_be_written_in_per_cent(text: str, share: float) -> None:
    """`--set delivery.duplicates=1%`."""
    assert parse_setting("delivery.duplicates", text, "--set") == share


@pytest.mark.parametrize("text", ["101%", "-1%", "%", "1 of 2"])
def test_a_wrong_share_is_quoted(text: str) -> None:
    """What is no share of anything is refused."""
    with pytest.raises(UserError, match=r"delivery\.duplicates cannot be"):
        parse_setting("delivery.duplicates", text, "--set")
