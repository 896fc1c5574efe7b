"""What a run keeps of its events, and what a restart finds of it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from forge_emu.control.contract import TriggerOrder
from forge_emu.emulator.payloads.collecting import start_collecting
from forge_emu.engine.journal.secrets import Secrets
from forge_emu.store.database import Database
from forge_emu.store.recovery import recover_file
from forge_emu.store.schema import STATE_FILE
from forge_emu.store.shapes import Identity
from forge_emu.store.transfer import export_state
from tests.emulator.emulator_harness import EmulatorHarness
from tests.emulator.harness import in_event_loop
from tests.engine.world import World


def test_the_setting_decides() -> None:
    """None of it is kept at 0, and so many megabytes otherwise."""
    assert start_collecting(World(state__payloads_mb=0).engine) is None
    collector = start_collecting(World(state__payloads_mb=3).engine)
    assert collector is not None
    assert collector.kept.most_bytes == 3_000_000


@in_event_loop
async def test_a_restart_finds_what_was_kept(tmp_path: Path) -> None:
    """Whether the run ended or was killed."""
    first = EmulatorHarness(folder=tmp_path, keeps_payloads=True)
    first.push()
    id = first.runtime.invoked[0].event_id
    first.end_invocation()
    before = first.emulator.payloads.payload(str(id))
    first.emulator.loop.stop()

    second = EmulatorHarness(folder=tmp_path, keeps_payloads=True)
    assert second.emulator.payloads.payload(str(id)) == before
    assert len(before["invocations"]) == 1
    second.push()
    second.stop()
    rows = list(Database(tmp_path / STATE_FILE).payload_rows())
    assert [row.number for row in rows] == sorted({row.number for row in rows})
    assert len(rows) == 3


@in_event_loop
async def test_a_run_that_keeps_nothing_deletes_what_was_kept(tmp_path: Path) -> None:
    """With its first write."""
    first = EmulatorHarness(folder=tmp_path, keeps_payloads=True)
    first.push()
    first.stop()
    second = EmulatorHarness(
        folder=tmp_path, keeps_payloads=True, settings={"state.payloads_mb": 0}
    )
    second.push()
    second.stop()

    assert list(Database(tmp_path / STATE_FILE).payload_rows()) == []


@in_event_loop
async def test_the_state_is_as_bounded_as_the_memory(tmp_path: Path) -> None:
    """What has no room any more is deleted there too."""
    harness = EmulatorHarness(
        folder=tmp_path,
        keeps_payloads=True,
        settings={"state.payloads_mb": 1, "delivery.max_instances": 10_000},
    )
    for _ in range(3_000):
        harness.push(900)
    collector = harness.emulator.payload_collector
    assert collector is not None
    kept = len(collector.kept)
    assert kept < 2_500
    harness.stop()

    rows = list(Database(tmp_path / STATE_FILE).payload_rows())
    assert len(rows) == kept
    assert sum(row.size for row in rows) <= 1_000_000


@in_event_loop
async def test_an_exported_state_has_no_secret_of_an_event(tmp_path: Path) -> None:
    """Here it is kept, so that the event can be sent again as it was."""
    secrets = Secrets()
    secrets.add_variable("API_KEY", "canary")
    harness = EmulatorHarness(folder=tmp_path, keeps_payloads=True, secrets=secrets)
    harness.emulator.trigger(TriggerOrder("issue-created", sets=[("issue.key", "canary-1")]))
    harness.turn()
    harness.stop()
    export_state(tmp_path, tmp_path / "exported", secrets=secrets)

    (here,), (there,) = (
        list(Database(tmp_path / name).payload_rows()) for name in (STATE_FILE, "exported")
    )
    assert b"canary-1" in (here.original or b"")
    assert b"canary" not in here.entry
    assert (there.entry, there.original) == (here.entry, None)


@in_event_loop
async def test_a_damaged_entry_is_left_out(tmp_path: Path) -> None:
    """What of the event can be read is shown, and that something cannot."""
    first = EmulatorHarness(folder=tmp_path, keeps_payloads=True)
    first.push()
    id = str(first.runtime.invoked[0].event_id)
    first.end_invocation()
    first.stop()
    with sqlite3.connect(tmp_path / STATE_FILE) as connection:
        connection.execute("UPDATE payloads SET entry = x'ff' WHERE is_attempt")
    connection.close()
    second = EmulatorHarness(folder=tmp_path, keeps_payloads=True)
    found = second.emulator.payloads.payload(id)

    assert (found["body"], found["invocations"]) == ({}, [])
    assert found["note"] == "1 of its attempts cannot be read: the state is damaged"
    second.stop()
    recovery = recover_file(tmp_path / STATE_FILE, stored_identity(tmp_path), 0)
    assert "some of what is in events" in recovery.lost
    database = Database(tmp_path / STATE_FILE)
    assert [(row.event, row.is_attempt) for row in database.payload_rows()] == [(id, False)]
    database.close()


def stored_identity(folder: Path) -> Identity:
    """Whose state is in `folder`."""
    database = Database(folder / STATE_FILE)
    identity = database.identity()
    database.close()
    assert identity is not None
    return identity
