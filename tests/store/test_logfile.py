"""What a state's log holds is not passed over in silence where it cannot be read."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from forge_emu.store.logfile import fault_of
from forge_emu.store.opening import NAME, StateError
from forge_emu.store.salvage import recover
from tests.store.filling import filled, opened
from tests.store.test_salvage import STRANGER

LOG = f"{NAME}-wal"


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    """A state as a kill leaves it: most of it is in its log."""
    (tmp_path / "live").mkdir()
    filled(tmp_path / "live")
    return Path(shutil.copytree(tmp_path / "live", tmp_path / "killed"))


def test_a_sound_log_is_read(killed: Path) -> None:
    """Nothing is wrong with it, and everything is there."""
    assert (killed / LOG).stat().st_size > 32
    assert fault_of(killed / NAME) is None
    kept = opened(killed).read()
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
    (killed / NAME).write_bytes(b"")
    _is_refused(killed)
    (killed / NAME).unlink()
    _is_refused(killed)
    assert not (killed / NAME).exists()


@pytest.mark.parametrize("size", [0, 31])
def test_a_log_without_a_whole_head_is_no_damage(killed: Path, size: int) -> None:
    """Nothing was in it yet."""
    (killed / LOG).write_bytes(b"x" * size)
    assert fault_of(killed / NAME) is None


def test_recovering_says_that_the_log_is_lost(killed: Path) -> None:
    """And keeps it beside the old file."""
    content = b"x" * 4_096
    (killed / LOG).write_bytes(content)
    salvage = recover(killed / NAME, STRANGER, 0)
    assert any("log" in line for line in salvage.lost)
    assert salvage.aside.with_name(f"{salvage.aside.name}-wal").read_bytes() == content
    assert opened(killed).read() is not None


def _is_refused(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(StateError, match="is damaged") as caught:
        opened(folder)
    assert LOG in caught.value.message
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
