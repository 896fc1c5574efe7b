"""Keys are read from a state file that stays as it is."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from forge_emu.model import KvsRequest
from forge_emu.store import key_names
from forge_emu.store.key_names import stored_keys
from tests.store.state_files import close, fill_state_file


def files_in(folder: Path) -> dict[str, bytes]:
    """Every file with its content."""
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state file with keys, a secret, and a value of an entity."""
    world = fill_state_file(tmp_path, 3)
    world.collect()
    path = close(world)
    with sqlite3.connect(path) as connection:
        for key in ("note/key-of-note", "k%"):
            connection.execute("INSERT INTO kvs VALUES (0, ?, '1', 0, 0, NULL)", (key,))
    connection.close()
    return path


@pytest.mark.parametrize(
    ("prefix", "more", "keys"),
    [
        ("", {}, ["k%", "key0", "key1", "key2"]),
        ("key", {}, ["key0", "key1", "key2"]),
        ("k%", {}, ["k%"]),
        ("key", {"most": 2}, ["key0", "key1"]),
        ("", {"secret": True}, ["hidden"]),
        ("key", {"entity": "note"}, ["key-of-note"]),
        ("x", {}, []),
    ],
)
def test_keys_begin_with_the_prefix(
    state: Path, prefix: str, more: dict[str, bool | int | str], keys: list[str]
) -> None:
    """Of one store each, as they are written."""
    before = files_in(state.parent)
    assert stored_keys(state, prefix, **more) == keys  # type: ignore[arg-type]
    assert files_in(state.parent) == before


def test_what_is_in_the_log_alone_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a killed emulator leaves it; a large log is not waited for."""
    world = fill_state_file(tmp_path, 2)
    world.engine.call_kvs(KvsRequest("set", "late", value_text=b"1"), world.now)
    world.collect()
    assert world.database is not None
    path = world.database.path
    before = files_in(tmp_path)
    assert before[f"{path.name}-wal"]
    assert stored_keys(path, "") == ["key0", "key1", "late"]
    assert files_in(tmp_path) == before
    monkeypatch.setattr(key_names, "_MOST_COPIED", 10)
    assert stored_keys(path, "") == []
    close(world)


def test_what_is_no_state_has_no_keys(tmp_path: Path) -> None:
    """Nothing is made, and nothing raised."""
    other = tmp_path / "other.sqlite"
    sqlite3.connect(other).close()
    (tmp_path / "text.sqlite").write_text("no database at all")
    before = files_in(tmp_path)
    for name in ("gone.sqlite", "other.sqlite", "text.sqlite", ""):
        assert stored_keys(tmp_path / name, "") == []
    assert files_in(tmp_path) == before
