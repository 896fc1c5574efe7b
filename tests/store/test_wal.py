"""What a state's log holds is not passed over in silence where it cannot be read."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from forge_emu.emulator.state import open_state
from forge_emu.settings import Settings
from forge_emu.store.opening import StateError
from forge_emu.store.recovery import recover_file
from forge_emu.store.schema import STATE_FILE
from forge_emu.store.wal import log_damage
from tests.store.state_files import fill_state_file, open_state_file
from tests.store.test_recovery import STRANGER

LOG = f"{STATE_FILE}-wal"


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    """A state as a kill leaves it: most of it is in its log."""
    (tmp_path / "live").mkdir()
    fill_state_file(tmp_path / "live")
    return Path(shutil.copytree(tmp_path / "live", tmp_path / "killed"))


def test_a_sound_log_is_read(killed: Path) -> None:
    """Nothing is wrong with it, and everything is there."""
    assert (killed / LOG).stat().st_size > 32
    assert log_damage(killed / STATE_FILE) is None
    kept = open_state_file(killed).read_state()
    assert kept is not None
    assert len(kept.saved.deliveries) == 20


@pytest.mark.parametrize("offset", [0, 3, 5, 9, 14, 17, 22, 24, 31])
def test_a_log_with_a_broken_head_is_damage(killed: Path, offset: int) -> None:
    """SQLite would pass over it, and what was written last would be gone."""
    content = bytearray((killed / LOG).read_bytes())
    content[offset] ^= 0x55
    (killed / LOG).write_bytes(content)
    _is_refused(killed)


def test_a_log_without_its_file_is_damage(killed: Path) -> None:
    """SQLite would remove the log of an empty file."""
    (killed / STATE_FILE).write_bytes(b"")
    _is_refused(killed)
    (killed / STATE_FILE).unlink()
    _is_refused(killed)
    assert not (killed / STATE_FILE).exists()


@pytest.mark.parametrize("size", [0, 31])
def test_a_log_without_a_whole_head_is_no_damage(killed: Path, size: int) -> None:
    """Nothing was in it yet."""
    (killed / LOG).write_bytes(b"x" * size)
    assert log_damage(killed / STATE_FILE) is None


def test_recovering_says_that_the_log_is_lost(killed: Path) -> None:
    """And keeps it beside the old file."""
    content = b"x" * 4_096
    (killed / LOG).write_bytes(content)
    salvage = recover_file(killed / STATE_FILE, STRANGER, 0)
    assert any("log" in line for line in salvage.lost)
    assert salvage.old_file.with_name(f"{salvage.old_file.name}-wal").read_bytes() == content
    assert open_state_file(killed).read_state() is not None


def test_a_log_without_its_file_is_read_as_far_as_it_goes(killed: Path) -> None:
    """A small state may be in it as a whole."""
    (killed / STATE_FILE).write_bytes(b"")
    salvage = recover_file(killed / STATE_FILE, STRANGER, 0)
    assert any("the file is empty" in line for line in salvage.lost)
    kept = open_state_file(killed).read_state()
    assert kept is not None
    assert len(kept.saved.deliveries) == 20
    assert kept.identity != STRANGER


def test_a_log_that_cannot_be_copied_leaves_nothing_behind(killed: Path) -> None:
    """The state is as it was."""
    (killed / LOG).unlink()
    (killed / LOG).mkdir()
    before = {path.name for path in killed.iterdir()}
    with pytest.raises(OSError, match="directory"):
        recover_file(killed / STATE_FILE, STRANGER, 0)
    assert {path.name for path in killed.iterdir()} == before


def test_a_break_inside_the_log_is_damage(killed: Path) -> None:
    """SQLite would go on from before it, and write over what is behind it."""
    content = bytearray((killed / LOG).read_bytes())
    content[len(content) // 2] ^= 0x55
    (killed / LOG).write_bytes(content)
    _is_refused(killed)
    salvage = recover_file(killed / STATE_FILE, STRANGER, 0)
    assert any("behind a break in the log" in line for line in salvage.lost)
    assert salvage.old_file.with_name(f"{salvage.old_file.name}-wal").read_bytes() == content


def test_a_write_that_a_kill_cut_short_is_no_damage(killed: Path) -> None:
    """It was never answered."""
    content = (killed / LOG).read_bytes()
    frame = 24 + int.from_bytes(content[8:12])
    # A frame without an end of a write, and half of one that would have had it.
    unfinished = bytearray(content[-frame:])
    unfinished[4:8] = bytes(4)
    torn = bytearray(content[-frame:])
    torn[-1] ^= 1
    for more in (unfinished, unfinished + content[-frame:][:24], torn, unfinished + torn):
        (killed / LOG).write_bytes(content + bytes(more))
        kept = open_state_file(killed).read_state()
        assert kept is not None
        assert len(kept.saved.deliveries) == 20


@pytest.mark.parametrize("column", ["turns SET changes", "deliveries SET fixed"])
def test_what_is_refused_is_not_moved_out_of_its_log(killed: Path, column: str) -> None:
    """Not even from a log that is large enough to be moved while a state is in use."""
    closing = open_state_file(killed)
    closing.close()
    live = sqlite3.connect(killed / STATE_FILE, isolation_level=None)
    live.execute("PRAGMA wal_autocheckpoint = 0")
    damaged = live.execute(f"UPDATE {column} = CAST('no JSON' AS BLOB)")
    assert damaged.rowcount > 0
    live.execute("REPLACE INTO facts VALUES ('filler', zeroblob(5000000))")
    left = shutil.copytree(killed, killed.with_name("left"))
    live.close()
    before = _content(left)
    with pytest.raises(StateError, match="is damaged"):
        open_state(left, Settings("current"))
    assert _content(left) == before


def _content(folder: Path) -> dict[str, bytes]:
    # The index is SQLite's own, made anew from the log.
    return {p.name: p.read_bytes() for p in folder.iterdir() if not p.name.endswith("-shm")}


def _is_refused(folder: Path) -> None:
    before = _content(folder)
    with pytest.raises(StateError, match="is damaged") as caught:
        open_state_file(folder)
    assert "log" in caught.value.message
    assert _content(folder) == before
