"""From which state a run goes on, with which clock and seed, and what is said of a bad one."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from msgspec import structs

from forge_emu import appdir
from forge_emu.clock import wall_ms
from forge_emu.control.session import FOLDER, emulator_folder
from forge_emu.emulator.state import (
    OpenState,
    chance_for_run,
    clock_for_run,
    open_state,
    recover_state,
    retention_of,
    state_for_run,
)
from forge_emu.errors import UserError
from forge_emu.settings import Settings
from forge_emu.store.database import Database
from forge_emu.store.schema import STATE_FILE
from forge_emu.store.shapes import Identity, StateHeader, StateUpdate
from tests.engine.world import EPOCH, World
from tests.python_app import write_app

APP_ID = "ari:cloud:ecosystem::app/1"


def write_state(folder: Path, *, app_id: str = APP_ID, seed: int = 7, **header: object) -> None:
    """A state that a run has left in `folder`."""
    engine = World().engine
    left = structs.replace(StateHeader(60_000, wall_ms(), 0, 0, 0, 1, 4), **header)
    database = Database(folder / STATE_FILE)
    identity = Identity("journal", app_id, EPOCH, seed, engine.installation)
    database.replace_state(identity, StateUpdate(left, engine.take_changes(everything=True)))
    database.close()


def opened(folder: Path) -> OpenState:
    """The state in `folder`."""
    return open_state(folder, Settings())


def test_a_new_state_begins_at_the_beginning(tmp_path: Path) -> None:
    """With the first run, and an identity of its own."""
    state = opened(tmp_path)
    assert (state.stored, state.run_number, state.now(1.0)) == (None, 1, 0)
    installation = World().engine.installation
    identity = state.identity_for(APP_ID, EPOCH, 3, installation)
    assert (identity.app_id, identity.epoch_ms, identity.seed) == (APP_ID, EPOCH, 3)
    assert identity.installation == installation
    assert identity.journal != state.identity_for(APP_ID, EPOCH, 3, installation).journal


def test_a_state_goes_on_with_another_app_and_seed(tmp_path: Path) -> None:
    """All else of its identity stays what it was."""
    write_state(tmp_path)
    state = opened(tmp_path)
    assert state.run_number == 5
    identity = state.identity_for("another", 1, 3, World().engine.installation)
    assert (identity.app_id, identity.seed) == ("another", 3)
    assert (identity.journal, identity.epoch_ms) == ("journal", EPOCH)


def test_time_has_gone_on_since_the_last_run(tmp_path: Path) -> None:
    """Never back, though the machine's clock was put back; not at all if somebody stopped it."""
    day = 86_400_000
    write_state(tmp_path, wall_ms=wall_ms() - day)
    assert opened(tmp_path).now(1.0) >= 60_000 + day
    write_state(tmp_path, wall_ms=wall_ms() + day)
    assert opened(tmp_path).now(1.0) == 60_000
    write_state(tmp_path, wall_ms=wall_ms() - day, stopped=True)
    assert opened(tmp_path).now(1.0) == 60_000


def test_a_stopped_clock_is_found_stopped(tmp_path: Path) -> None:
    """Where it stood. Virtual time has no state, and begins anew."""
    write_state(tmp_path, stopped=True)
    clock = clock_for_run(1.0, opened(tmp_path))
    assert (clock.paused, clock.now(), clock.virtual) == (True, 60_000, False)
    write_state(tmp_path)
    assert not clock_for_run(1.0, opened(tmp_path)).paused
    virtual = clock_for_run(None, None)
    assert (virtual.virtual, virtual.now()) == (True, 0)


def test_the_seed_is_that_of_the_state_unless_one_is_given(tmp_path: Path) -> None:
    """A later run of it draws other ids."""
    write_state(tmp_path, seed=7)
    state = opened(tmp_path)
    assert chance_for_run(None, state).seed == 7
    assert chance_for_run(9, state).seed == 9
    assert chance_for_run(7, state).new_id() != chance_for_run(7, None).new_id()
    assert chance_for_run(None, None).seed != chance_for_run(None, None).seed


def test_records_are_retained_as_the_settings_say(tmp_path: Path) -> None:
    """By number and by size."""
    settings = Settings(overrides={"state.records": 500, "state.records_mb": 2})
    assert (retention_of(settings).lines, retention_of(settings).megabytes) == (500, 2)


def test_a_state_that_cannot_be_used_is_left_alone(tmp_path: Path) -> None:
    """The message says how to go on without it."""
    path = tmp_path / STATE_FILE
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(UserError, match="is damaged") as damaged:
        opened(tmp_path)
    assert "--recover" in (damaged.value.hint or "")
    assert path.read_bytes() == b"no database at all" * 100
    with pytest.raises(UserError, match="cannot be used: No such file") as missing:
        opened(tmp_path / "nowhere")
    assert "--ephemeral" in (missing.value.hint or "")


def test_a_recovery_says_what_it_has_done(tmp_path: Path) -> None:
    """Where the old file is, what was saved and what was lost."""
    said: list[str] = []
    recover_state(tmp_path, APP_ID, said.append)
    assert said == [f"there is no state in {tmp_path} to recover"]
    (tmp_path / STATE_FILE).write_bytes(b"no database at all" * 100)
    said.clear()
    recover_state(tmp_path, APP_ID, said.append)
    assert [line.split(":")[0].split(";")[0] for line in said] == [
        f"recovered {tmp_path / STATE_FILE}",
        "  saved",
        "  lost",
    ]
    stored = opened(tmp_path).stored
    assert stored is not None
    assert stored.identity.app_id == APP_ID


@pytest.fixture
def app_folder(tmp_path: Path) -> Path:
    """An app, and the emulator's folder in it."""
    root = write_app(tmp_path / "app")
    emulator_folder(root)
    return root


def state_of(root: Path, *, in_memory: bool = False, recover: bool = False) -> list[str]:
    """What is printed when a run of the app opens its state."""
    said: list[str] = []
    opening = state_for_run(
        appdir.load_app(root), Settings(), said.append, in_memory=in_memory, recover=recover
    )
    state = asyncio.run(opening)
    assert (state is None) == in_memory
    return said


def test_a_run_in_memory_opens_no_state(app_folder: Path) -> None:
    """Nor does it make one."""
    assert state_of(app_folder, in_memory=True) == []
    assert not (app_folder / FOLDER / STATE_FILE).exists()


def test_a_state_of_another_app_is_told(app_folder: Path) -> None:
    """It goes on all the same: an app gets its id when it is registered."""
    folder = app_folder / FOLDER
    write_state(folder)
    assert state_of(app_folder) == []
    write_state(folder, app_id="another")
    (said,) = state_of(app_folder)
    assert said.startswith(f"the state here is that of another; it goes on as that of {APP_ID}")
    assert f"forge-emu reset {app_folder}" in said


def test_a_damaged_state_is_recovered_only_if_asked(app_folder: Path) -> None:
    """Else the run does not start."""
    (app_folder / FOLDER / STATE_FILE).write_bytes(b"no database at all" * 100)
    with pytest.raises(UserError, match="is damaged"):
        state_of(app_folder)
    assert state_of(app_folder, recover=True)[0].startswith("recovered ")


def test_a_start_without_a_state_names_the_damaged_ones(app_folder: Path) -> None:
    """Nobody takes a run that begins anew for one that went on."""
    folder = app_folder / FOLDER
    for name in ("damaged-1", "damaged-10", "damaged-2", "damaged-2-wal", "damaged-3-wal"):
        (folder / f"{STATE_FILE}.{name}").write_bytes(b"old")
    (said,) = state_of(app_folder)
    assert said.startswith(f"there is no state in {folder}, so the run begins anew")
    assert f"{STATE_FILE}.damaged-3, {STATE_FILE}.damaged-10 beside" in said
    assert "run with --recover" in said
    assert len(state_of(app_folder)) == 1, "the state is still empty"
    write_state(folder)
    assert state_of(app_folder) == []


def test_a_state_whose_file_is_missing_is_recovered_from_its_log(app_folder: Path) -> None:
    """Without --recover that is refused."""
    path = app_folder / FOLDER / STATE_FILE
    write_state(app_folder / FOLDER)
    database = Database(path)
    stored = database.read_state()
    assert stored is not None
    database.write_update(StateUpdate(stored.header))
    log = path.with_name(f"{STATE_FILE}-wal")
    content = log.read_bytes()
    database.close()
    path.unlink()
    log.write_bytes(content)
    with pytest.raises(UserError, match="is missing, though its log"):
        state_of(app_folder)
    assert not path.exists()
    said = state_of(app_folder, recover=True)
    assert "the file is missing" in said[2]
    assert path.with_name(f"{STATE_FILE}.damaged-1-wal").read_bytes() == content
