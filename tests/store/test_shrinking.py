"""A state file follows what is kept, not what was once pending at the same time."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from forge_emu.emulator.state import open_state
from forge_emu.model import KvsRequest
from forge_emu.settings import Settings
from forge_emu.store import shrinking
from forge_emu.store.database import Database
from forge_emu.store.opening import StateError
from forge_emu.store.replacement import SHRINK_DRAFT
from forge_emu.store.schema import STATE_FILE
from forge_emu.store.shapes import StoredState
from forge_emu.store.shrinking import FREE_BYTES, FREE_SHARE, close_and_shrink, is_mostly_free
from tests.engine.world import World
from tests.store.kills import killed_at_each_call

VALUE = b'"%s"' % (b"v" * 200_000)


def use_and_free(folder: Path, values: int, kept: int = 0) -> World:
    """A state in which `values` times 200 KB were stored, and all but `kept` of them deleted."""
    world = World()
    world.persist_to(folder)
    for n in range(values):
        world.engine.call_kvs(KvsRequest("set", f"key{n}", value_text=VALUE), world.now)
        world.advance_to(world.now + 1000)
    for n in range(kept, values):
        world.engine.call_kvs(KvsRequest("delete", f"key{n}"), world.now)
        world.advance_to(world.now + 1000)
    return world


def state_of(folder: Path) -> StoredState | None:
    """What is in the file."""
    with closing(Database(folder / STATE_FILE)) as database:
        return database.read_state()


def size_of(folder: Path) -> int:
    """Bytes of all files of the state."""
    return sum(file.stat().st_size for file in folder.iterdir())


def test_a_file_shrinks_when_it_is_closed(tmp_path: Path) -> None:
    """What it holds stays, and only its owner can read it."""
    world = use_and_free(tmp_path, 120, kept=5)
    assert world.database is not None
    assert size_of(tmp_path) > 100 * len(VALUE)
    before = world.database.read_state()
    close_and_shrink(world.database)
    assert 5 * len(VALUE) < size_of(tmp_path) < 10 * len(VALUE)
    assert state_of(tmp_path) == before
    assert [file.name for file in tmp_path.iterdir()] == [STATE_FILE]
    assert stat.S_IMODE((tmp_path / STATE_FILE).stat().st_mode) == 0o600


def test_little_that_is_free_stays_in_the_file(tmp_path: Path) -> None:
    """The next events use it, and copying much to gain little takes longer than it is worth."""
    world = use_and_free(tmp_path, int(FREE_BYTES / len(VALUE)) - 5)
    assert world.database is not None
    assert not is_mostly_free(world.database)
    close_and_shrink(world.database)
    assert size_of(tmp_path) > 60 * len(VALUE)


def test_a_file_of_which_most_is_used_stays(tmp_path: Path) -> None:
    """However much of it is free."""
    free = int(FREE_BYTES / len(VALUE)) + 5
    world = use_and_free(tmp_path, round(free / FREE_SHARE) + 10, kept=round(free * 2) + 10)
    assert world.database is not None
    assert world.database.free_bytes()[0] > FREE_BYTES
    assert not is_mostly_free(world.database)
    world.database.close()


def test_a_start_after_a_kill_shrinks_the_file(tmp_path: Path) -> None:
    """Nobody closes the file of an emulator that is killed."""
    world = use_and_free(tmp_path, 120, kept=5)
    assert world.database is not None
    world.database.close()
    before = state_of(tmp_path)
    state = open_state(tmp_path, Settings())
    assert state.stored == before
    state.database.close()
    assert size_of(tmp_path) < 10 * len(VALUE)


def test_a_kill_while_it_shrinks_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old file or the new one is there, whole."""
    monkeypatch.setattr(shrinking, "FREE_BYTES", len(VALUE))
    begun, again = tmp_path / "begun", tmp_path / "again"
    begun.mkdir()
    world = use_and_free(begun, 4, kept=1)
    assert world.database is not None
    world.database.close()
    before = state_of(begun)

    def start(folder: Path) -> None:
        open_state(folder, Settings()).database.close()

    for _ in killed_at_each_call(start, begun, again):
        state = open_state(again, Settings())
        assert state.stored == before
        state.database.close()
        assert [file.name for file in again.iterdir()] == [STATE_FILE]


def test_without_space_for_a_second_file_the_first_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is said about it: nothing is lost."""
    world = use_and_free(tmp_path, 90)
    assert world.database is not None
    before = world.database.read_state()

    def fill_disk(database: Database, target: Path) -> None:
        target.write_bytes(b"half of it")
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(Database, "copy_to", fill_disk)
    close_and_shrink(world.database)
    assert state_of(tmp_path) == before
    assert not (tmp_path / SHRINK_DRAFT).exists()


def test_a_file_that_somebody_else_has_put_there_stays(tmp_path: Path) -> None:
    """It is not replaced by a copy of the one that was there before."""
    world = use_and_free(tmp_path, 90)
    assert world.database is not None
    (tmp_path / STATE_FILE).rename(tmp_path / "elsewhere")
    (tmp_path / STATE_FILE).write_bytes(b"of somebody else")
    close_and_shrink(world.database)
    assert (tmp_path / STATE_FILE).read_bytes() == b"of somebody else"


def test_a_damaged_file_is_not_replaced(tmp_path: Path) -> None:
    """It is refused, and left as it is."""
    world = use_and_free(tmp_path, 90)
    assert world.database is not None
    world.database.close()
    with closing(sqlite3.connect(tmp_path / STATE_FILE, isolation_level=None)) as connection:
        connection.execute("UPDATE facts SET value = 'x' WHERE name = 'present'")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    size = (tmp_path / STATE_FILE).stat().st_size
    with pytest.raises(StateError, match="is damaged"):
        open_state(tmp_path, Settings())
    assert (tmp_path / STATE_FILE).stat().st_size == size
