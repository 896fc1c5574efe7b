"""A disk that does not play along: told once, nothing half written, nothing missing afterwards."""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from forge_emu.model import PushItem
from forge_emu.store.database import Database
from forge_emu.store.retention import Retention
from forge_emu.store.schema import STATE_FILE
from forge_emu.store.shapes import StateUpdate
from forge_emu.store.state_writer import StateWriter
from tests.engine.world import World
from tests.store.state_files import open_state_file


class Kept:
    """A world whose turns go through a keeper, with a clock that is moved by hand."""

    def __init__(self, folder: Path) -> None:
        self.world = World(limits__push__events_per_minute=None)
        self.world.persist_to(folder)
        assert self.world.database is not None
        self.seconds = 0.0
        self.told: list[tuple[str, str]] = []
        self.database = self.world.database
        identity = self.database.identity()
        assert identity is not None
        self.keeper = StateWriter(
            self.database,
            identity,
            synchronous="normal",
            retention=Retention(),
            read_clock=lambda: self.seconds,
            full_update=self._everything,
            notify=lambda level, message: self.told.append((level, message)),
        )
        self.world.database = self.keeper  # type: ignore[assignment]

    def _everything(self) -> StateUpdate:
        turn = self.world.make_turn([])
        turn.changes = self.world.engine.take_changes(everything=True)
        return turn

    def push(self, count: int = 1) -> None:
        """So many events, a second apart."""
        for _ in range(count):
            self.seconds += 1
            self.world.push(PushItem.of("x", 60))

    def events_on_disk(self, folder: Path) -> int:
        """How many pending events the file holds."""
        kept = open_state_file(folder).read_state()
        return len(kept.saved.deliveries) if kept else 0


class Full:
    """Makes every write of a database fail as on a full disk, while it is in force."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.full = True
        write = Database._write

        def failing(database: Database, turn: StateUpdate) -> None:
            write(database, turn)
            if self.full:
                raise sqlite3.OperationalError("database or disk is full")

        monkeypatch.setattr(Database, "_write", failing)


def test_a_full_disk_is_told_once_and_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is half written; once there is room, nothing is missing."""
    kept = Kept(tmp_path)
    kept.push(3)
    disk = Full(monkeypatch)
    kept.push(20)
    assert kept.events_on_disk(tmp_path) == 3
    assert [level for level, _ in kept.told] == ["error"]
    assert "database or disk is full" in kept.told[0][1]
    assert str(kept.keeper.path) in kept.told[0][1]
    assert kept.keeper.write_error
    disk.full = False
    kept.seconds += 60
    kept.push()
    assert kept.events_on_disk(tmp_path) == 24
    assert [level for level, _ in kept.told] == ["error", "info"]
    assert kept.keeper.write_error is None


def test_what_ended_while_the_disk_was_full_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An event that came and went meanwhile leaves nothing, one from before is taken out."""
    kept = Kept(tmp_path)
    kept.push()
    disk = Full(monkeypatch)
    kept.push()
    kept.world.advance_to(60_000)
    kept.world.end_invocation()
    kept.world.end_invocation()
    disk.full = False
    kept.seconds += 60
    kept.world.collect()
    assert kept.events_on_disk(tmp_path) == 0
    kept.world.database = open_state_file(tmp_path)
    kept.world.restart()
    assert kept.world.engine.pending == 0


@pytest.mark.parametrize("whole_folder", [False, True])
def test_a_file_that_is_removed_is_written_anew(tmp_path: Path, whole_folder: bool) -> None:
    """All of it, as soon as its folder is there."""
    folder = tmp_path / "folder"
    folder.mkdir()
    kept = Kept(folder)
    kept.push(3)
    if whole_folder:
        shutil.rmtree(folder)
    else:
        # Its log stays behind.
        (folder / STATE_FILE).unlink()
    kept.push(2)
    assert len(kept.told) == (1 if whole_folder else 2)
    folder.mkdir(exist_ok=True)
    kept.seconds += 60
    kept.push()
    assert kept.keeper.write_error is None
    assert kept.events_on_disk(folder) == 6
    kept.push()
    assert kept.events_on_disk(folder) == 7


def test_another_state_in_its_place_is_left_alone(tmp_path: Path) -> None:
    """Somebody has put an older copy there: it is not written to, and that is told."""
    kept = Kept(tmp_path)
    kept.push()
    copy = tmp_path / "copy"
    kept.database.copy_to(copy)
    kept.push()
    # The log of the one that was there stays behind.
    os.rename(copy, kept.keeper.path)
    before = kept.keeper.path.read_bytes()
    kept.push(5)
    kept.seconds += 60
    kept.push()
    assert "another state" in kept.told[-1][1]
    assert kept.keeper.path.read_bytes() == before


def test_the_end_of_a_run_says_what_could_not_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`close` tries once more and answers why it failed."""
    kept = Kept(tmp_path)
    Full(monkeypatch)
    kept.push()
    trouble = kept.keeper.close()
    assert trouble is not None
    assert trouble.startswith("database or disk is full. ")
    assert "the records from number " in trouble
