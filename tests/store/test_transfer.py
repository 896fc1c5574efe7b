"""A state is carried from one app's folder to another."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from forge_emu.engine.journal.secrets import Secrets
from forge_emu.engine.web_trigger_urls import SavedWebTriggerUrls, SecretKey
from forge_emu.errors import UserError
from forge_emu.model import KvsRequest, PushItem, RetryRequested
from forge_emu.records import Log
from forge_emu.store.schema import STATE_FILE
from forge_emu.store.transfer import export_state, import_state
from tests.engine.world import World
from tests.store.state_files import close, fill_state_file, open_state_file


@pytest.fixture
def there(tmp_path: Path) -> Path:
    """A folder with a state."""
    folder = tmp_path / "there"
    folder.mkdir()
    close(fill_state_file(folder))
    return folder


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A folder with none."""
    folder = tmp_path / "here"
    folder.mkdir()
    return folder


def store(world: World, key: str, text: str) -> None:
    """A secret of the app."""
    request = KvsRequest("set", key, value_text=f'"{text}"'.encode(), secret=True)
    world.engine.call_kvs(request, world.now)
    world.collect()


def test_all_of_it_arrives(there: Path, here: Path, tmp_path: Path) -> None:
    """In one file that only its owner can read."""
    file = tmp_path / "monday.state"
    export_state(there, file, with_secrets=True)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    import_state(file, here, force=False)
    assert open_state_file(here).read_state() == open_state_file(there).read_state()
    assert [f.name for f in here.iterdir() if not f.name.startswith(STATE_FILE)] == []


def test_secrets_stay_where_they_are(tmp_path: Path, here: Path) -> None:
    """Neither what is stored, nor what was, nor what records tell is anywhere in the file."""
    there = tmp_path / "there"
    there.mkdir()
    world = World()
    world.persist_to(there)
    secrets = ["canary-overwritten", "canary-deleted", "canary-kept", "canary-printed"]
    world.engine.record(Log(level="info", message="too early: canary-kept"), 0)
    for key, text in (("a", secrets[0]), ("b", secrets[1]), ("a", secrets[2])):
        store(world, key, text)
    world.engine.call_kvs(KvsRequest("delete", "b", secret=True), 0)
    world.engine.record(Log(level="info", message="late: canary-kept"), 0)
    world.engine.call_kvs(KvsRequest("set", "plain", value_text=b'"stays"'), 0)
    world.push(PushItem.of("payload-stays"))
    world.advance_to(world.now)
    world.end_invocation(RetryRequested(30, "because canary-printed"))
    close(world)
    known = Secrets()
    known.add_variable("API_KEY", "canary-printed")
    file = tmp_path / "monday.state"

    assert export_state(there, file, secrets=known).left_out == 1

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [name.name for name in tmp_path.iterdir() if "monday" in name.name] == [file.name]
    content = file.read_bytes()
    assert [text for text in secrets if text.encode() in content] == []
    for text in ("payload-stays", "stays", "because [API_KEY]", "too early: [secret a]"):
        assert text.encode() in content
    assert import_state(file, here, force=False).left_out == 1
    kept = open_state_file(here).read_state()
    assert kept is not None
    assert set(kept.saved.values) == {(False, "plain")}
    assert len(kept.saved.deliveries) == 1
    again = export_state(here, tmp_path / "tuesday.state")
    assert again.left_out == 0


def test_secret_keys_of_web_triggers_stay_where_they_are(tmp_path: Path, here: Path) -> None:
    """Addresses go along, and which of them were deleted."""
    there = tmp_path / "there"
    there.mkdir()
    world = World()
    world.persist_to(there)
    world.engine.web_trigger_urls.set_secret_key("0-a", SecretKey("Y2FuYXJ5LWtleQ==", 0))
    world.engine.web_trigger_urls.delete("1-b")
    world.collect()
    close(world)
    kept = open_state_file(there).read_state()
    file = tmp_path / "monday.state"
    done = export_state(there, file)
    moved = import_state(file, here, force=False)

    assert kept is not None
    assert kept.saved.web_triggers.secret_keys["0-a"].key == "Y2FuYXJ5LWtleQ=="
    assert (done.left_out, moved.left_out) == (1, 1)
    assert done.state.saved.web_triggers == moved.state.saved.web_triggers
    assert moved.state.saved.web_triggers == SavedWebTriggerUrls(deleted=("1-b",))
    assert b"Y2FuYXJ5" not in file.read_bytes()


def test_all_secrets_go_along_if_asked(there: Path, here: Path, tmp_path: Path) -> None:
    """And then nothing is said of them."""
    file = tmp_path / "monday.state"
    assert export_state(there, file, with_secrets=True).left_out == 0
    moved = import_state(file, here, force=False)
    assert moved.left_out == 0
    assert (True, "hidden") in moved.state.saved.values


def test_an_export_that_fails_leaves_nothing(
    there: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a copy is of no use."""
    monkeypatch.setattr(
        "forge_emu.store.copy_without_secrets.TABLES", ("CREATE TABLE rubbish (",) * 11
    )
    with pytest.raises(UserError, match="cannot export"):
        export_state(there, tmp_path / "monday.state")
    assert [name.name for name in tmp_path.iterdir()] == ["there"]
    assert open_state_file(there).read_state() is not None


def test_a_state_is_replaced_only_by_force(there: Path, here: Path, tmp_path: Path) -> None:
    """What is there stays otherwise."""
    file = tmp_path / "monday.state"
    export_state(there, file)
    close(fill_state_file(here, events=2))
    with pytest.raises(UserError, match="a state in"):
        import_state(file, here, force=False)
    kept = open_state_file(here).read_state()
    assert kept is not None
    assert len(kept.saved.deliveries) == 2
    import_state(file, here, force=True)
    kept = open_state_file(here).read_state()
    assert kept is not None
    assert len(kept.saved.deliveries) == 20


def test_nothing_is_written_over(there: Path, tmp_path: Path) -> None:
    """An export is a new file."""
    file = tmp_path / "notes.txt"
    file.write_text("mine")
    with pytest.raises(UserError, match="exists already"):
        export_state(there, file)
    assert file.read_text() == "mine"


@pytest.mark.parametrize("content", [b"rubbish" * 500, b"", b"SQLite format 3\x00" + b"\0" * 999])
def test_what_is_no_state_is_not_imported(here: Path, tmp_path: Path, content: bytes) -> None:
    """The message has the file's own name, and nothing is left behind."""
    file = tmp_path / "monday.state"
    file.write_bytes(content)
    with pytest.raises(UserError) as raised:
        import_state(file, here, force=False)
    assert "monday.state" in raised.value.message
    assert list(here.iterdir()) == []


def test_without_a_state_there_is_nothing_to_export(here: Path, tmp_path: Path) -> None:
    """And no file is made."""
    with pytest.raises(UserError, match="no state"):
        export_state(here, tmp_path / "monday.state")
    assert not (tmp_path / "monday.state").exists()


def test_a_state_whose_facts_are_damaged_is_replaced_only_by_force(
    there: Path, here: Path, tmp_path: Path
) -> None:
    """Something of it may still be saved."""
    carried = tmp_path / "carried"
    export_state(there, carried)
    import_state(carried, here, force=True)
    with closing(sqlite3.connect(here / STATE_FILE, isolation_level=None)) as connection:
        connection.execute("UPDATE facts SET value = CAST('no JSON' AS BLOB)")
    with pytest.raises(UserError, match="there is a state"):
        import_state(carried, here, force=False)
    import_state(carried, here, force=True)
