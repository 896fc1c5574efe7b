"""What the last turns have changed is read with the tables, into which it goes some turns later."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from forge_emu.model import PushItem
from forge_emu.store.opening import StateError
from forge_emu.store.recovery import recover_file
from forge_emu.store.schema import STATE_FILE
from forge_emu.store.shapes import StoredState
from forge_emu.store.turns.last_turns import MOST_TURNS
from tests.engine.world import World
from tests.store.state_files import close, open_state_file
from tests.store.test_recovery import STRANGER


def _world(folder: Path) -> World:
    world = World(limits__push__events_per_minute=None, delivery__max_instances=1)
    world.persist_to(folder)
    return world


def _rows(folder: Path, table: str) -> int:
    with closing(sqlite3.connect(folder / STATE_FILE)) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def _state(folder: Path) -> StoredState:
    with closing(open_state_file(folder)) as database:
        kept = database.read_state()
    assert kept is not None
    return kept


def _states(kept: StoredState) -> list[str]:
    return sorted(progress.state for _, progress in kept.saved.deliveries.values())


def test_what_begins_and_ends_is_read_at_every_turn(tmp_path: Path) -> None:
    """However many turns are not in the tables; reading them changes nothing."""
    world = _world(tmp_path)
    for n in range(2 * MOST_TURNS):
        world.push(PushItem.of({"n": n}, 0 if n % 3 else 900))
        world.advance_to(world.now + 1_000)
        if world.started:
            world.end_invocation()
        kept, turns = _state(tmp_path), _rows(tmp_path, "turns")
        assert len(kept.saved.deliveries) == world.engine.pending == kept.header.pending
        assert 0 <= turns <= MOST_TURNS
        assert _rows(tmp_path, "turns") == turns
    # What had ended before it would have gone into the tables never did.
    assert _rows(tmp_path, "standings") < 2 * MOST_TURNS


def test_who_ends_puts_all_of_it_into_the_tables(tmp_path: Path) -> None:
    """One that was killed leaves it to the next, who reads the same."""
    world = _world(tmp_path)
    for n in range(5):
        world.push(PushItem.of({"n": n}, 60))
    world.advance_to(60_000)
    killed = _state(tmp_path)
    assert _rows(tmp_path, "turns") > 0
    assert _states(killed) == ["running", *["scheduled"] * 4]
    close(world)
    assert (_rows(tmp_path, "turns"), _rows(tmp_path, "standings")) == (0, 5)
    assert _state(tmp_path).saved == killed.saved


def test_a_number_that_comes_again_is_of_the_new_event(tmp_path: Path) -> None:
    """A run counts on from the last that was open when it began, and may be killed before much."""
    world = _world(tmp_path)
    for n in range(3):
        world.push(PushItem.of({"n": n}, 0))
        world.advance_to(world.now + 1_000)
        world.end_invocation()
    assert not _state(tmp_path).saved.deliveries
    for run in range(3):
        world.restart()
        world.push(PushItem.of({"run": run}, 900))
        assert len(_state(tmp_path).saved.deliveries) == run + 1
    assert world.database is not None
    close(world)
    assert list(_state(tmp_path).saved.deliveries) == [1, 2, 3]


def test_a_turn_that_fails_is_none(tmp_path: Path) -> None:
    """Also where it would have moved the others into the tables."""
    world = _world(tmp_path)
    database = world.database
    assert database is not None
    for n in range(MOST_TURNS):
        world.push(PushItem.of({"n": n}, 60))
    before = _state(tmp_path)
    with closing(sqlite3.connect(tmp_path / STATE_FILE, isolation_level=None)) as other:
        database._connection.execute("PRAGMA busy_timeout = 1")
        other.execute("BEGIN IMMEDIATE")
        world.database = None
        world.push(PushItem.of({"n": "late"}, 60))
        update = world.make_turn([])
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            database.write_update(update)
        other.execute("ROLLBACK")
    assert _state(tmp_path) == before
    database.write_update(update)
    assert len(_state(tmp_path).saved.deliveries) == MOST_TURNS + 1
    database.close()
    assert len(_state(tmp_path).saved.deliveries) == MOST_TURNS + 1


def test_damage_in_a_turn_is_found_and_loses_that_turn(tmp_path: Path) -> None:
    """The others are saved, and it is said."""
    world = _world(tmp_path)
    for n in range(5):
        world.push(PushItem.of({"n": n}, 60))
    world.advance_to(60_000)
    path = tmp_path / STATE_FILE
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        last = connection.execute("SELECT max(number) FROM turns").fetchone()[0]
        connection.execute("UPDATE turns SET changes = '[{' WHERE number = ?", (last,))
    with pytest.raises(StateError, match="damaged"):
        open_state_file(tmp_path)
    recovery = recover_file(path, STRANGER, 0)
    assert "what 1 of the last turns have changed" in recovery.lost
    kept = _state(tmp_path)
    assert _states(kept) == ["scheduled"] * 5
