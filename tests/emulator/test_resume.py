"""What a restarted run knows of the runs before it: what is still open, and what that is of."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from msgspec import structs

from forge_emu.control.contract import QueueQuery, TriggerOrder
from forge_emu.model import App, KvsRequest, RetryRequested
from forge_emu.ports import AppRequest
from forge_emu.store.schema import STATE_FILE
from forge_emu.timeline.tracks import ScheduledRetry
from tests.emulator.emulator_harness import EmulatorHarness
from tests.emulator.harness import in_event_loop
from tests.engine.world import BOOM, CREATED, app
from tests.store.state_files import replace_record


def restarted(before: EmulatorHarness, folder: Path, the_app: App | None = None) -> EmulatorHarness:
    """The same state in another run, a second later."""
    before.stop()
    return EmulatorHarness(folder=folder, now=before.clock.instant + 1_000, the_app=the_app)


def open_counts(harness: EmulatorHarness) -> tuple[int, int]:
    """How many product events and how many events of queues have not ended."""
    progress = harness.emulator.summary_builder.progress()
    return progress["pending"], progress["events_pending"]


def retries_in(harness: EmulatorHarness) -> list[ScheduledRetry]:
    """The retries that the console shows."""
    return [retry for track in harness.emulator.timeline.tracks.values() for retry in track.retries]


def with_two_triggers() -> App:
    """The app, with its trigger twice."""
    (trigger,) = app().triggers
    return structs.replace(app(), triggers=(trigger, structs.replace(trigger, key="twin")))


@in_event_loop
async def test_what_is_open_is_counted_as_if_it_were_new(tmp_path: Path) -> None:
    """It ends in this run; what has ended before it does not count."""
    before = EmulatorHarness(folder=tmp_path)
    before.push()
    before.end_invocation()
    before.push(900)
    before.emulator.trigger(TriggerOrder(CREATED))
    before.turn()
    after = restarted(before, tmp_path)
    assert open_counts(after) == (1, 1)
    assert after.emulator.timeline.total.scheduled == 1
    after.turn()
    after.end_invocation()
    summary = after.emulator.summary()
    assert (summary.product_events.succeeded, summary.events.succeeded) == (1, 0)
    after.stop()


@in_event_loop
async def test_a_product_event_of_several_triggers_counts_once(tmp_path: Path) -> None:
    """However many of them have not ended."""
    before = EmulatorHarness(folder=tmp_path, the_app=with_two_triggers())
    before.emulator.trigger(TriggerOrder(CREATED))
    before.turn()
    assert len(before.runtime.invoked) == 2
    after = restarted(before, tmp_path, with_two_triggers())
    assert open_counts(after) == (1, 0)
    after.stop()


@in_event_loop
async def test_a_dropped_event_is_not_open(tmp_path: Path) -> None:
    """It can be replayed, and is retained for that alone."""
    before = EmulatorHarness(folder=tmp_path, settings={"async_events.max_retries": 0})
    before.push()
    before.end_invocation(BOOM)
    after = restarted(before, tmp_path)
    assert open_counts(after) == (0, 0)
    assert after.emulator.admin.list_queue(QueueQuery())["counts"]["dropped"] == 1
    after.stop()


@in_event_loop
async def test_a_retry_that_waits_is_shown_with_its_reason(tmp_path: Path) -> None:
    """The console shows the wait from the start."""
    before = EmulatorHarness(folder=tmp_path)
    before.push()
    before.end_invocation(RetryRequested(600, "FUNCTION_RETRY_REQUEST"))
    after = restarted(before, tmp_path)
    (retry,) = retries_in(after)
    assert (retry.reason, retry.due_at) == ("FUNCTION_RETRY_REQUEST", 600_000)
    counts = after.emulator.summary_builder.states.total
    assert (counts.waiting, counts.scheduled) == (1, 0)
    after.stop()


@in_event_loop
async def test_events_are_still_those_of_their_issue(tmp_path: Path) -> None:
    """By the records of the runs before; one that cannot be read is left out."""
    before = EmulatorHarness(folder=tmp_path)
    before.emulator.trigger(TriggerOrder(CREATED))
    before.turn()
    before.push(900, by=before.runtime.invoked[0].invocation_id)
    before.end_invocation()
    before.push(900)
    before.stop()
    replace_record(tmp_path / STATE_FILE, 4, b"\xff")
    after = restarted(before, tmp_path)
    found = after.emulator.admin.list_queue(QueueQuery(target="EMU-1"))["events"]
    assert [event["subject"] for event in found] == ["EMU-1"]
    assert open_counts(after) == (0, 2)
    after.stop()


@in_event_loop
async def test_secrets_of_the_store_are_masked_from_the_start(tmp_path: Path) -> None:
    """In what is told of the open events too."""
    before = EmulatorHarness(folder=tmp_path)
    before.push()
    before.end_invocation(RetryRequested(600, "because of swordfish"))
    before.engine.call_kvs(KvsRequest("set", "s", b'"swordfish"', secret=True), 0)
    before.turn()
    after = restarted(before, tmp_path)
    assert [retry.reason for retry in retries_in(after)] == ["because of [secret s]"]
    after.stop()


@in_event_loop
async def test_an_order_goes_on_with_what_it_had_not_sent(tmp_path: Path) -> None:
    """It has settled when the rest has, whenever the first part ended."""
    before = EmulatorHarness(folder=tmp_path)
    batch = before.emulator.trigger(TriggerOrder(CREATED, 2, spread_ms=120_000)).batch
    before.turn()
    before.end_invocation()
    after = restarted(before, tmp_path)
    after.turn(60_000)
    after.end_invocation()
    status = after.emulator.batch_status(batch)
    assert status is not None
    assert (status.sent, status.total, status.settled) == (2, 2, True)
    receipt = after.emulator.trigger(TriggerOrder(CREATED))
    assert receipt.first == "EMU-3"
    after.stop()


def with_a_retried_event(folder: Path, *, keeps_payloads: bool = False) -> EmulatorHarness:
    """EMU-1 was created; the event of its handler was refused by the store, and tried twice."""
    before = EmulatorHarness(
        folder=folder,
        keeps_payloads=keeps_payloads,
        settings={"limits.kvs.write_units_per_minute": 1, "delivery.order": "fifo"},
    )
    before.emulator.trigger(TriggerOrder(CREATED))
    before.turn()
    before.push(by=before.runtime.invoked[0].invocation_id)
    before.end_invocation()
    for at in (0, 5_000):
        before.turn(at)
        who = before.runtime.invoked[0].invocation_id
        text = json.dumps({"key": "k", "value": "v" * 20_000})
        before.receive([AppRequest(9, who, {"type": "kvs"}, "/api/v1/set", "POST", {}, text)])
        before.end_invocation(RetryRequested(5, "FUNCTION_UPSTREAM_RATE_LIMITED"))
    return before


@in_event_loop
async def test_a_restored_event_shows_its_attempts(tmp_path: Path) -> None:
    """With outcome, limit and subject, and who asked for the retry; the listing says the same."""
    before = with_a_retried_event(tmp_path)
    (old,) = before.emulator.timeline.tracks.values()
    after = restarted(before, tmp_path)
    (track,) = after.emulator.timeline.tracks.values()

    assert list(track.attempts) == list(old.attempts)
    assert [attempt.number for attempt in track.attempts] == [1, 2]
    assert {attempt.refused_by for attempt in track.attempts} == {
        "limits.kvs.write_units_per_minute"
    }
    assert list(track.retries) == list(old.retries)
    assert {retry.asked_by for retry in track.retries} == {"app"}
    assert (track.subject, track.attempts_made, track.next_due) == ("EMU-1", 2, 10_000)
    (listed,) = after.emulator.admin.list_queue(QueueQuery())["events"]
    assert (listed["subject"], listed["attempts"], listed["due_at"]) == ("EMU-1", 2, 10_000)
    assert listed["asked_by"] == "app"
    assert after.emulator.timeline.hits.total("limits.kvs.write_units_per_minute") == 0
    after.stop()


@in_event_loop
async def test_without_its_records_a_restored_event_shows_what_the_state_has(
    tmp_path: Path,
) -> None:
    """How often it was tried and who asked; its subject from what is kept of the product event."""
    before = with_a_retried_event(tmp_path, keeps_payloads=True)
    before.stop()
    with sqlite3.connect(tmp_path / STATE_FILE) as connection:
        connection.execute("DELETE FROM records")
    connection.close()
    after = restarted(before, tmp_path)
    (track,) = after.emulator.timeline.tracks.values()

    assert (track.subject, track.attempts_made, track.next_due) == ("EMU-1", 2, 10_000)
    assert [retry.asked_by for retry in track.retries] == ["app"]
    (listed,) = after.emulator.admin.list_queue(QueueQuery())["events"]
    assert (listed["subject"], listed["attempts"]) == ("EMU-1", 2)
    after.stop()


@in_event_loop
async def test_an_attempt_that_ran_is_shown_as_interrupted_by_the_restart(tmp_path: Path) -> None:
    """It began in the run before, and ends in this one."""
    before = EmulatorHarness(folder=tmp_path)
    before.push()
    after = restarted(before, tmp_path)
    after.turn()
    after.end_invocation(RetryRequested(5))
    (track,) = after.emulator.timeline.tracks.values()

    assert [(a.number, a.outcome) for a in track.attempts] == [
        (1, "platform_error"),
        (2, "retry_requested"),
    ]
    assert track.attempts_made == 2
    after.stop()
