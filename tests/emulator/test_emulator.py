"""What a run tells of itself, and who gets its records."""

from __future__ import annotations

import asyncio

import pytest

from forge_emu import settings as s
from forge_emu.control.contract import ClockOrder, TriggerOrder
from forge_emu.errors import UserError
from forge_emu.model import Json
from forge_emu.ports import AppRequest
from forge_emu.records import ControlRefused, RecordBatch
from forge_emu.services.mocks.mock import Mock
from forge_emu.services.mocks.request_pattern import parse_pattern
from tests.emulator.emulator_harness import EmulatorHarness
from tests.emulator.harness import in_event_loop, run_scheduled_turns
from tests.engine.world import CREATED

REFUSAL = ControlRefused(method="GET", path="/", status=401, reason="no token")


@in_event_loop
async def test_an_order_is_sent_with_the_next_turn() -> None:
    """Who gave it has its receipt by then."""
    harness = EmulatorHarness()
    receipt = harness.emulator.trigger(TriggerOrder(CREATED, 2))
    assert harness.record_types == []
    await run_scheduled_turns()
    assert harness.record_types.count("product_event.sent") == 2
    for _ in range(2):
        status = harness.emulator.batch_status(receipt.batch)
        assert status is not None
        assert not status.settled
        harness.end_invocation()
    status = harness.emulator.batch_status(receipt.batch)
    assert status is not None
    assert (status.succeeded, status.settled) == (2, True)
    summary = harness.emulator.batch_summary(receipt.batch)
    assert summary is not None
    assert summary["product_events"]["succeeded"] == 2
    assert harness.emulator.batch_summary("another") is None


@in_event_loop
async def test_a_status_counts_what_is_under_way() -> None:
    """What is planned, what runs, and what has ended."""
    harness = EmulatorHarness()
    harness.emulator.trigger(TriggerOrder(CREATED, 3, rate_per_second=1))
    harness.turn(1_000)
    harness.end_invocation()
    counts = harness.emulator.status()["counts"]
    assert (counts["planned"], counts["sent"], counts["running"], counts["succeeded"]) == (
        1,
        2,
        1,
        1,
    )
    harness.stop()


@in_event_loop
async def test_a_run_is_paused_by_its_clock_and_by_its_queues() -> None:
    """Either is enough."""
    harness = EmulatorHarness()
    assert not harness.emulator.status()["paused"]
    harness.emulator.set_clock(ClockOrder("pause"))
    assert harness.emulator.status()["paused"]
    harness.emulator.set_clock(ClockOrder("resume"))
    harness.emulator.admin.toggle_delivery()
    assert harness.emulator.status()["paused"]


@in_event_loop
async def test_a_run_in_memory_is_a_sequence_of_records_of_its_own() -> None:
    """Nobody takes its numbers for those of another run."""
    status = EmulatorHarness().emulator.status()
    assert (status["journal"], status["state"]) == ("sesame", None)


@in_event_loop
async def test_an_order_of_the_clock_answers_where_time_stands() -> None:
    """And where it is being moved to, while something runs."""
    harness = EmulatorHarness()
    harness.emulator.trigger(TriggerOrder(CREATED, 2, spread_ms=120_000))
    harness.turn()
    state = harness.emulator.set_clock(ClockOrder("advance", span_ms=90_000))
    assert (state.now, state.goal, state.next_due) == (0, 90_000, 60_000)
    assert (state.running, state.pending, state.planned) == (1, 1, 1)
    harness.end_invocation()
    state = harness.emulator.clock_state()
    assert (state.now, state.goal, state.running) == (60_000, 90_000, 1)
    harness.stop()


@in_event_loop
async def test_virtual_time_begins_at_the_same_moment_always() -> None:
    """So that a seed repeats every record; real time begins when the run does."""
    first, second = (EmulatorHarness(virtual=True).emulator.clock_state() for _ in range(2))
    assert first.time == second.time
    assert EmulatorHarness(virtual=True).emulator.started_at == s.VIRTUAL_EPOCH_MS
    assert EmulatorHarness().emulator.started_at > s.VIRTUAL_EPOCH_MS


@in_event_loop
async def test_records_from_before_the_listener_reach_it_first() -> None:
    """An app may log while it is loaded."""
    harness = EmulatorHarness()
    heard: list[int] = []

    def listen(batch: RecordBatch) -> None:
        heard.extend(record.seq for record in batch.records)

    for _ in range(2):
        harness.emulator.set_clock(ClockOrder("resume"))
    harness.emulator.set_record_listener(listen)
    assert heard == [1, 2]
    harness.emulator.set_clock(ClockOrder("resume"))
    assert heard == [1, 2, 3]


@in_event_loop
async def test_a_run_nobody_follows_keeps_figures_alone() -> None:
    """No records to read later, and no progress of single orders."""
    harness = EmulatorHarness(followed=False)
    receipt = harness.emulator.trigger(TriggerOrder(CREATED))
    harness.turn()
    harness.end_invocation()
    assert harness.emulator.summary().product_events.succeeded == 1
    assert harness.record_types == []
    status = harness.emulator.batch_status(receipt.batch)
    assert status is not None
    assert (status.sent, status.succeeded) == (1, 0)


@in_event_loop
async def test_limits_say_which_of_them_were_changed() -> None:
    """With what is in use of them now."""
    harness = EmulatorHarness(settings={"limits.kvs.write_units_per_minute": 1000})
    limits = harness.emulator.limits()
    changed = [setting["name"] for setting in limits["settings"] if setting["overridden"]]
    assert changed == ["limits.kvs.write_units_per_minute"]
    assert len(limits["settings"]) == len(s.all_settings())
    assert limits["preset"] == "off"
    assert [usage["limit"] for usage in limits["usage"] if usage["limit"] == 1000]


@in_event_loop
async def test_changed_mocks_answer_from_now_on() -> None:
    """A request that nobody has mocked is not emulated."""
    harness = EmulatorHarness()
    options: dict[str, Json] = {"provider": "app", "remote": "jira"}
    path = "/rest/api/3/myself"

    def ask() -> int:
        request = AppRequest(1, None, options, path, "GET", {}, None)
        harness.emulator.loop.receive_messages([request])
        return harness.runtime.answers.pop()[1].status

    assert ask() == 501
    harness.emulator.set_mocks([Mock("forge-emu.yml:4", parse_pattern("GET /rest/api/3/myself"))])
    assert ask() == 200
    harness.stop()


@in_event_loop
async def test_a_stop_waits_for_what_runs_and_takes_no_more_orders() -> None:
    """What was ordered and not sent is not sent any more."""
    harness = EmulatorHarness()
    harness.emulator.trigger(TriggerOrder(CREATED, 2, spread_ms=120_000))
    harness.turn()
    draining = asyncio.create_task(harness.emulator.drain())
    await run_scheduled_turns()
    assert not draining.done()
    with pytest.raises(UserError, match="stopping"):
        harness.emulator.trigger(TriggerOrder(CREATED))
    harness.end_invocation()
    await asyncio.wait_for(draining, 10)
    assert harness.record_types.count("product_event.sent") == 1
    assert harness.emulator.status()["counts"]["planned"] == 0


@in_event_loop
async def test_refused_requests_are_all_counted_whatever_is_on_record() -> None:
    """A stop says how many are not."""
    harness = EmulatorHarness()
    for _ in range(1_500):
        harness.emulator.record_refusal(REFUSAL)
    assert harness.emulator.status()["refused_requests"] == 1_500
    told = sum(1 + body.unrecorded for body in harness.bodies_of(ControlRefused))
    assert 1_000 <= told < 1_500
    await harness.emulator.drain()
    assert harness.messages == [
        f"{1_500 - told:,} more requests to forge-emu were refused than the records say"
    ]
