"""A state is replaced or removed whole, at whichever call the emulator is killed."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec import Raw

from forge_emu.commands.kvs_offline import open_offline_kvs
from forge_emu.commands.reset import lock_state_folder, remove_state_folder
from forge_emu.control.contract import KvsEntry
from forge_emu.control.session import FOLDER, lock_app
from forge_emu.emulator.state import open_state
from forge_emu.engine.installation import Installation
from forge_emu.settings import Settings
from forge_emu.store.database import Database
from forge_emu.store.recovery import recover_file
from forge_emu.store.replacement import SUFFIXES, replace_state, state_exists, with_suffix
from forge_emu.store.schema import STATE_FILE
from forge_emu.store.shapes import Identity, StateHeader, StateUpdate, StoredState
from forge_emu.store.transfer import export_state, import_state
from tests.engine.world import EPOCH
from tests.rules.apps import write_example
from tests.rules.examples import CLEAN
from tests.store.kills import killed_at_each_call
from tests.store.state_files import close, fill_state_file

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kills forked processes")

STRANGER = Identity("new", "app", EPOCH + 5_000_000, 9, Installation("i", "c"))

Work = Callable[[Path], object]


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """An app with a state of 7 events whose emulator was killed: much of it is in the log."""
    app = write_example(tmp_path / "begun", CLEAN)
    _kill_emulator(app, 7)
    return app


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """The exported state of another app, with 4 events."""
    folder = tmp_path / "other"
    folder.mkdir()
    close(fill_state_file(folder, 4))
    export_state(folder, tmp_path / "other.state")
    return tmp_path / "other.state"


def _kill_emulator(app: Path, events: int) -> None:
    """Leave the state as a killed emulator leaves it."""
    with lock_app(app):
        live = app / "live"
        live.mkdir()
        world = fill_state_file(live, events)
        for suffix in SUFFIXES:
            file = with_suffix(live / STATE_FILE, suffix)
            if file.exists():
                shutil.copyfile(file, app / FOLDER / file.name)
        close(world)
        shutil.rmtree(live)


def stored_in(app: Path) -> StoredState | None:
    """What the next start finds; None where it begins anew."""
    with lock_app(app):
        state = open_state(app / FOLDER, Settings())
        state.database.close()
    return state.stored


def events_in(app: Path) -> int | None:
    """How many events the next start finds; None where it begins anew."""
    stored = stored_in(app)
    return None if stored is None else len(stored.saved.deliveries)


def import_other(other: Path) -> Work:
    """`state import --force`."""

    def work(app: Path) -> None:
        with lock_app(app):
            import_state(other, app / FOLDER, force=True)

    return work


def recover(app: Path) -> None:
    """`run --recover`, up to the start."""
    with lock_app(app):
        recover_file(app / FOLDER / STATE_FILE, STRANGER, 0)


def reset(app: Path) -> None:
    """`reset --yes`."""
    with lock_state_folder(app) as state:
        if state is not None:
            remove_state_folder(state)


def export(app: Path) -> None:
    """`state export`."""
    with lock_app(app):
        export_state(app / FOLDER, app / "monday.state")


def import_values(app: Path) -> None:
    """`kvs import` of three keys."""
    with open_offline_kvs(app) as store:
        store.kvs_set([KvsEntry(key=f"new{n}", value=Raw(b"%d" % n)) for n in range(3)])


def start(app: Path) -> None:
    """The start of a run, up to the first write."""
    with lock_app(app):
        state = open_state(app / FOLDER, Settings())
        if state.stored is None:
            shutil.rmtree(app / "live", ignore_errors=True)
            header = StateHeader(0, wall_ms=0, seq=0, pending=0, away_ms=0, next_issue=1, run=1)
            state.database.write_update(StateUpdate(header, identity=STRANGER))
        state.database.close()


def test_an_import_leaves_the_old_state_or_the_new(app: Path, other: Path, tmp_path: Path) -> None:
    """And nothing else after the next start; repeated, it is done."""
    work, seen = import_other(other), set()
    for _ in killed_at_each_call(work, app, tmp_path / "again"):
        seen.add(events_in(tmp_path / "again"))
        assert _names_in(tmp_path / "again") <= {".gitignore", "lock", STATE_FILE}
        work(tmp_path / "again")
        assert events_in(tmp_path / "again") == 4
    assert seen == {7, 4}


def test_an_import_over_a_damaged_state_leaves_either(
    app: Path, other: Path, tmp_path: Path
) -> None:
    """What cannot be read is replaced in the same way."""
    (app / FOLDER / STATE_FILE).write_bytes(b"")
    seen = set()
    for _ in killed_at_each_call(import_other(other), app, tmp_path / "again"):
        recover(tmp_path / "again")
        seen.add(events_in(tmp_path / "again"))
    assert seen == {7, 4}


@pytest.mark.parametrize("damage", ["none", "empty", "missing"])
def test_a_recovery_that_is_killed_is_repeated(app: Path, tmp_path: Path, damage: str) -> None:
    """The old file is kept under one more name, whole, at every moment."""
    state = app / FOLDER / STATE_FILE
    if damage == "empty":
        state.write_bytes(b"")
    elif damage == "missing":
        state.unlink()
    before = {s: f.read_bytes() for s in ("", "-wal") if (f := with_suffix(state, s)).exists()}
    for _ in killed_at_each_call(recover, app, tmp_path / "again"):
        again = tmp_path / "again"
        assert state_exists(again / FOLDER / STATE_FILE)
        recover(again)
        assert events_in(again) == 7
        for suffix, content in before.items():
            kept = again / FOLDER / f"{STATE_FILE}.damaged-1{suffix}"
            assert kept.read_bytes() == content


def test_a_reset_leaves_the_state_or_none(app: Path, tmp_path: Path) -> None:
    """What was kept as damaged goes with it; repeated, the folder is gone."""
    for suffix in ("", "-wal"):
        (app / FOLDER / f"{STATE_FILE}.damaged-1{suffix}").write_bytes(b"old")
    (app / FOLDER / "build").mkdir()
    (app / FOLDER / "build" / "bundle.cjs").write_text("")
    seen = set()
    for _ in killed_at_each_call(reset, app, tmp_path / "again"):
        found = events_in(tmp_path / "again")
        seen.add(found)
        if found is None:
            assert not [n for n in _names_in(tmp_path / "again") if "damaged" in n]
        reset(tmp_path / "again")
        assert not (tmp_path / "again" / FOLDER).exists()
    assert seen == {7, None}


def test_an_export_is_whole_or_not_there(app: Path, other: Path, tmp_path: Path) -> None:
    """The state itself stays; repeated, the export is made and nothing lies beside it."""
    seen = set()
    for _ in killed_at_each_call(export, app, tmp_path / "again"):
        again = tmp_path / "again"
        assert events_in(again) == 7
        seen.add((again / "monday.state").exists())
        if not (again / "monday.state").exists():
            export(again)
        assert [f.name for f in again.iterdir() if "monday" in f.name] == ["monday.state"] or (
            (again / ".monday.state.partial").samefile(again / "monday.state")
        )
        import_other(again / "monday.state")(again)
        assert events_in(again) == 7
    assert seen == {True, False}


def test_an_import_of_values_is_all_or_none(app: Path, tmp_path: Path) -> None:
    """Of several keys never a part is stored."""
    seen = set()
    for _ in killed_at_each_call(import_values, app, tmp_path / "again"):
        stored = stored_in(tmp_path / "again")
        assert stored is not None
        seen.add(sum(key.startswith("new") for _, key in stored.saved.values))
    assert seen == {0, 3}


def test_a_start_loses_nothing(app: Path, other: Path, tmp_path: Path) -> None:
    """Also one that has to finish what a killed import has begun."""
    import_other(other)(app)
    again = tmp_path / "again"
    for _ in killed_at_each_call(start, app, again):
        assert events_in(again) == 4
    for suffix in ("", "-wal", "-shm"):
        with_suffix(app / FOLDER / STATE_FILE, suffix).unlink(missing_ok=True)
    shutil.copyfile(other, app / FOLDER / f"{STATE_FILE}-next")
    (app / FOLDER / f"{STATE_FILE}-wal").write_bytes(b"of the state that was there before" * 2)
    for _ in killed_at_each_call(start, app, again):
        assert events_in(again) == 4


def test_the_first_start_can_be_repeated(tmp_path: Path) -> None:
    """A file that was only just made is none that is called damaged."""
    app = write_example(tmp_path / "begun", CLEAN)
    for _ in killed_at_each_call(start, app, tmp_path / "again"):
        assert events_in(tmp_path / "again") in (None, 0)
        assert (tmp_path / "again" / FOLDER / ".gitignore").read_text() == "*\n"


def test_a_new_state_of_which_a_part_is_missing_replaces_nothing(tmp_path: Path) -> None:
    """Where its log could not be moved into it, the disk was full."""
    close(fill_state_file(tmp_path, 3))
    new = tmp_path / "state.arriving"
    new.write_bytes(b"new")
    with_suffix(new, "-wal").write_bytes(bytes(100))
    with pytest.raises(OSError, match="could be written"):
        replace_state(tmp_path / STATE_FILE, new)
    database = Database(tmp_path / STATE_FILE)
    assert database.read_state() is not None
    database.close()


def _names_in(app: Path) -> set[str]:
    names = {file.name for file in (app / FOLDER).iterdir()}
    return names - {f"{STATE_FILE}-wal", f"{STATE_FILE}-shm"}
