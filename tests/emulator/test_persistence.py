"""When the state is written, what of it, and what is said while it cannot be."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from pathlib import Path

import pytest
from msgspec import structs

from forge_emu.control.contract import ClockOrder, TriggerOrder
from forge_emu.control.stream import read_records
from forge_emu.emulator.persistence import close_persistence
from forge_emu.engine.delivery.delivery import DeliveryWithBody
from forge_emu.ports import LogLine
from forge_emu.records import EmulatorRestarted, Log, RecordBatch, decode_record
from forge_emu.store.database import Database
from forge_emu.store.schema import STATE_FILE
from forge_emu.store.shapes import StoredState
from tests.emulator.emulator_harness import EmulatorHarness
from tests.emulator.harness import in_event_loop
from tests.engine.world import CREATED, app


def stored_in(folder: Path) -> StoredState:
    """What another process would find there."""
    database = Database(folder / STATE_FILE)
    stored = database.read_state()
    database.close()
    assert stored is not None
    return stored


@in_event_loop
async def test_records_are_on_disk_before_anybody_reads_them(tmp_path: Path) -> None:
    """So that no follower knows more than a restart does."""
    harness = EmulatorHarness(folder=tmp_path)
    seen: list[int] = []

    def listen(batch: RecordBatch) -> None:
        assert stored_in(tmp_path).header.seq == batch.records[-1].seq
        seen.extend(record.seq for record in batch.records)

    harness.emulator.set_record_listener(listen)
    harness.push()
    harness.end_invocation()
    assert seen == [1, 2, 3, 4]
    harness.stop()


@in_event_loop
async def test_a_turn_in_which_nothing_happened_writes_nothing(tmp_path: Path) -> None:
    """Until a second of emulated time has passed, which must not come again after a restart."""
    harness = EmulatorHarness(folder=tmp_path)
    harness.push(900)
    first = stored_in(tmp_path).header
    harness.turn(999)
    assert stored_in(tmp_path).header == first
    harness.turn(1_000)
    header = stored_in(tmp_path).header
    assert (header.at, header.turn) == (1_000, first.turn + 1)
    harness.stop()


@in_event_loop
async def test_a_run_that_came_to_nothing_leaves_the_state_as_it_was(tmp_path: Path) -> None:
    """It does not even count as a run."""
    harness = EmulatorHarness(folder=tmp_path)
    harness.push(900)
    harness.stop()
    before = stored_in(tmp_path)
    assert EmulatorHarness(folder=tmp_path, now=before.header.at).stop() is None
    assert stored_in(tmp_path) == before


@in_event_loop
async def test_a_start_that_fails_leaves_no_trace(tmp_path: Path) -> None:
    """Not even one in a state that goes on: neither a record, nor its seed, nor a run."""
    for _ in range(2):
        failed = EmulatorHarness(folder=tmp_path, loaded=False, seed=7)
        failed.receive([LogLine(None, "info", "said while it loads")])
        assert failed.stop() is None
        assert Database(tmp_path / STATE_FILE).read_state() is None
    first = EmulatorHarness(folder=tmp_path)
    first.push(900)
    first.stop()
    before = stored_in(tmp_path)
    failed = EmulatorHarness(folder=tmp_path, loaded=False, seed=7)
    failed.receive([LogLine(None, "info", "said while it loads")])
    failed.turn(5_000)
    failed.emulator.loop.stop()

    assert stored_in(tmp_path) == before
    second = EmulatorHarness(folder=tmp_path)
    second.turn()
    (restarted,) = second.bodies_of(EmulatorRestarted)
    assert (restarted.clean, stored_in(tmp_path).header.run) == (True, 2)
    second.stop()


@in_event_loop
async def test_what_is_said_while_the_app_loads_is_written_once_it_is(tmp_path: Path) -> None:
    """In its place, before what follows."""
    harness = EmulatorHarness(folder=tmp_path, loaded=False)
    harness.receive([LogLine(None, "info", "said while it loads")])
    assert harness.messages == ["said while it loads"]
    harness.emulator.loop.add_generation(1)
    harness.push(900)
    lines = Database(tmp_path / STATE_FILE).record_lines(0, 9)

    assert [decode_record(line).type for line in lines] == ["log", "event.pushed"]
    harness.stop()


@in_event_loop
async def test_a_stop_writes_the_rest_and_that_it_was_one(tmp_path: Path) -> None:
    """A run that is killed leaves no such word."""
    harness = EmulatorHarness(folder=tmp_path)
    harness.push(900)
    assert not stored_in(tmp_path).header.clean
    harness.clock.instant = 500
    harness.stop()
    header = stored_in(tmp_path).header
    assert (header.clean, header.at, header.run, header.pending) == (True, 500, 1, 1)


@in_event_loop
async def test_a_stopped_clock_is_part_of_the_state(tmp_path: Path) -> None:
    """A move that was asked for is not a resume."""
    harness = EmulatorHarness(folder=tmp_path)
    harness.emulator.set_clock(ClockOrder("pause"))
    harness.emulator.set_clock(ClockOrder("advance", span_ms=5_000))
    assert stored_in(tmp_path).header.stopped
    harness.emulator.set_clock(ClockOrder("resume"))
    assert not stored_in(tmp_path).header.stopped
    harness.stop()


@in_event_loop
async def test_an_order_is_on_disk_when_it_is_answered(tmp_path: Path) -> None:
    """With how much of it was sent, and the number of the next issue."""
    harness = EmulatorHarness(folder=tmp_path)
    receipt = harness.emulator.trigger(TriggerOrder(CREATED, 2, spread_ms=120_000))
    stored = stored_in(tmp_path)
    assert (list(stored.orders), stored.header.next_issue) == ([receipt.batch], 3)
    harness.turn(60_000)
    assert stored_in(tmp_path).orders == {}
    harness.stop()


@in_event_loop
async def test_a_state_goes_on_as_that_of_its_app_and_seed(tmp_path: Path) -> None:
    """Its records stay one sequence, which begins where it began."""
    first = EmulatorHarness(folder=tmp_path)
    first.push()
    first.stop()
    another = structs.replace(app(), id="ari:cloud:ecosystem::app/2")
    second = EmulatorHarness(folder=tmp_path, the_app=another, seed=7)
    second.turn()
    status = second.emulator.status()
    identity = stored_in(tmp_path).identity
    assert (identity.app_id, identity.seed) == (another.id, 7)
    assert identity.journal == status["journal"] == first.emulator.status()["journal"]
    assert second.emulator.started_at == first.emulator.started_at
    second.stop()


@in_event_loop
async def test_records_of_earlier_runs_are_read_from_the_state(tmp_path: Path) -> None:
    """Memory begins with the present run."""
    harness = EmulatorHarness(folder=tmp_path)
    harness.push()
    harness.stop()
    harness = EmulatorHarness(folder=tmp_path)
    harness.turn()
    assert harness.emulator.hub.first_seq == 3
    lines = harness.emulator.hub.read_archive(0, 2)
    assert [decode_record(line).type for line in lines] == ["event.pushed", "invocation.started"]
    harness.stop()


@in_event_loop
async def test_a_lost_folder_is_told_once_and_all_that_goes_on_is_written_anew(
    tmp_path: Path,
) -> None:
    """The run goes on in memory, and tries again by itself. What only the lost file had is told."""
    folder = tmp_path / "state"
    folder.mkdir()
    harness = EmulatorHarness(folder=folder, keeps_payloads=True)
    harness.push(900)
    shutil.rmtree(folder)
    for _ in range(3):
        harness.push(900)
    trouble = harness.emulator.status()["state"]["trouble"]
    assert trouble == "No such file or directory"
    folder.mkdir()
    persistence = harness.emulator.persistence
    assert persistence is not None
    mended = harness.emulator.loop.wait_until(lambda: persistence.write_error is None)
    await asyncio.wait_for(mended, 30)
    harness.turn()
    lost, found = harness.messages
    assert "The run goes on in memory" in lost
    assert "it is a new file, without what was in events before" in found
    assert stored_in(folder).header.pending == 4
    payloads = Database(folder / STATE_FILE)
    assert [row.number for row in payloads.payload_rows()] == [2, 3, 4]
    payloads.close()
    harness.stop()


@in_event_loop
async def test_orders_of_while_the_disk_was_full_are_written_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is still that of the run, though the things of the run have become more."""

    def fail(*ignored: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    harness = EmulatorHarness(folder=tmp_path)
    harness.emulator.trigger(TriggerOrder(CREATED, 1))
    with monkeypatch.context() as full:
        full.setattr(Database, "_write", fail)
        receipt = harness.emulator.trigger(TriggerOrder(CREATED, 2, spread_ms=120_000))
    persistence = harness.emulator.persistence
    assert persistence is not None
    assert persistence.write_error == "database or disk is full"
    mended = harness.emulator.loop.wait_until(lambda: persistence.write_error is None)
    await asyncio.wait_for(mended, 30)
    stored = stored_in(tmp_path)
    assert (list(stored.orders), stored.header.next_issue) == ([receipt.batch], 4)
    harness.stop()


@in_event_loop
async def test_the_end_of_a_run_that_cannot_be_written_is_printed(tmp_path: Path) -> None:
    """With what is lost by it; one that was written, or has no state, says nothing."""
    folder = tmp_path / "state"
    folder.mkdir()
    harness = EmulatorHarness(folder=folder)
    harness.push()
    shutil.rmtree(folder)
    harness.end_invocation()
    printed: list[str] = []
    harness.emulator.loop.stop()
    close_persistence(harness.emulator.persistence, printed.append)
    close_persistence(None, printed.append)
    (message,) = printed
    assert message.startswith(f"the end of the run could not be written to {folder / STATE_FILE}")
    assert "the records from number 3 on" in message


@in_event_loop
async def test_bodies_that_wait_on_disk_reach_their_handlers(tmp_path: Path) -> None:
    """Also after a restart, and where the file is lost meanwhile: they are fetched before."""
    folder = tmp_path / "state"
    folder.mkdir()
    settings = {"state.waiting_mb": 0}
    harness = EmulatorHarness(folder=folder, settings=settings)
    for _ in range(2):
        harness.push(9)
    harness.emulator.trigger(TriggerOrder("issue-created", count=2))
    harness.turn()
    harness.emulator.loop.stop()

    harness = EmulatorHarness(folder=folder, settings=settings)
    assert left(harness) == 4
    shutil.rmtree(folder)
    harness.push(9)
    assert left(harness) == 0
    harness.turn(10_000)
    bodies = [each.event.get("body", "none") for each in harness.runtime.invoked]
    assert bodies == ["none", "none", {}, {}, {}]
    assert not harness.failures
    harness.stop()


@in_event_loop
async def test_a_body_that_cannot_be_read_ends_the_run(tmp_path: Path) -> None:
    """With the reason; what waits is still there for the next one."""
    harness = EmulatorHarness(folder=tmp_path, settings={"state.waiting_mb": 0})
    harness.push(9)
    with sqlite3.connect(tmp_path / STATE_FILE) as connection:
        connection.execute("DELETE FROM deliveries")
    connection.close()
    harness.turn(10_000)

    (failure,) = harness.failures
    assert "delivery 1 is not in it" in str(failure)


def left(harness: EmulatorHarness) -> int:
    """How many open deliveries have their body on disk alone."""
    every = harness.engine.queue_admin.open_deliveries()
    return sum(isinstance(each, DeliveryWithBody) and each.body_is_left for each in every)


@in_event_loop
async def test_memory_has_the_last_records_and_the_state_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever reads them gets all in order, also while the disk is full."""

    def fail(*ignored: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    harness = EmulatorHarness(folder=tmp_path)
    for number in range(120):
        if number == 60:
            monkeypatch.setattr(Database, "_write", fail)
        harness.receive([LogLine(None, "info", f"{number} {'x' * 100_000}")])
    assert sum(len(part.text) for part in harness.emulator.hub.history()) < 8_000_000

    found = [r async for part in read_records(harness.emulator.hub, 1_000) for r in part]
    assert [record.seq for record in found] == list(range(1, len(found) + 1))
    logs = [record.body for record in found if isinstance(record.body, Log)]
    assert len(logs) >= 120
    harness.emulator.loop.stop()
