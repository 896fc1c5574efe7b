"""A state is carried from one app's folder to another."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from forge_emu.errors import UserError
from forge_emu.store.opening import NAME
from forge_emu.store.transfer import export, import_
from tests.store.filling import close, filled, opened


@pytest.fixture
def there(tmp_path: Path) -> Path:
    """A folder with a state."""
    folder = tmp_path / "there"
    folder.mkdir()
    close(filled(folder))
    return folder


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A folder with none."""
    folder = tmp_path / "here"
    folder.mkdir()
    return folder


def test_all_of_it_arrives(there: Path, here: Path, tmp_path: Path) -> None:
    """In one file that only its owner can read."""
    file = tmp_path / "monday.state"
    export(there, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    import_(file, here, force=False)
    assert opened(here).read() == opened(there).read()
    assert [f.name for f in here.iterdir() if not f.name.startswith(NAME)] == []


def test_a_state_is_replaced_only_by_force(there: Path, here: Path, tmp_path: Path) -> None:
    """What is there stays otherwise."""
    file = tmp_path / "monday.state"
    export(there, file)
    close(filled(here, events=2))
    with pytest.raises(UserError, match="a state in"):
        import_(file, here, force=False)
    kept = opened(here).read()
    assert kept is not None
    assert len(kept.saved.deliveries) == 2
    import_(file, here, force=True)
    kept = opened(here).read()
    assert kept is not None
    assert len(kept.saved.deliveries) == 20


def test_nothing_is_written_over(there: Path, tmp_path: Path) -> None:
    """An export is a new file."""
    file = tmp_path / "notes.txt"
    file.write_text("mine")
    with pytest.raises(UserError, match="exists already"):
        export(there, file)
    assert file.read_text() == "mine"


@pytest.mark.parametrize("content", [b"rubbish" * 500, b"", b"SQLite format 3\x00" + b"\0" * 999])
def test_what_is_no_state_is_not_imported(here: Path, tmp_path: Path, content: bytes) -> None:
    """The message has the file's own name, and nothing is left behind."""
    file = tmp_path / "monday.state"
    file.write_bytes(content)
    with pytest.raises(UserError) as raised:
        import_(file, here, force=False)
    assert "monday.state" in raised.value.message
    assert list(here.iterdir()) == []


def test_without_a_state_there_is_nothing_to_export(here: Path, tmp_path: Path) -> None:
    """And no file is made."""
    with pytest.raises(UserError, match="no state"):
        export(here, tmp_path / "monday.state")
    assert not (tmp_path / "monday.state").exists()
