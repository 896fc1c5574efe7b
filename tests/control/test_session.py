"""One emulator per app; the session file says where it is and tells nobody else."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from forge_emu.control.session import (
    FOLDER,
    find_session,
    lock_app,
    read_session,
    remove_empty_folder,
)
from forge_emu.errors import NoEmulatorError, UserError


def test_a_published_session_is_found_from_below(tmp_path: Path) -> None:
    """As git finds its directory."""
    below = tmp_path / "src" / "deep"
    below.mkdir(parents=True)
    with lock_app(tmp_path) as ours:
        ours.write_session("http://127.0.0.1:1", "secret", "now")
        session = find_session(below)
        assert (session.url, session.token, session.pid) == (
            "http://127.0.0.1:1",
            "secret",
            os.getpid(),
        )
    with pytest.raises(NoEmulatorError) as error:
        find_session(below)
    assert "forge-emu run" in str(error.value.hint)


def test_the_session_file_is_private_and_the_folder_ignores_itself(tmp_path: Path) -> None:
    """The token is for its owner alone."""
    with lock_app(tmp_path) as ours:
        ours.write_session("http://127.0.0.1:1", "secret", "now")
        mode = (tmp_path / FOLDER / "session.json").stat().st_mode
        assert stat.S_IMODE(mode) == 0o600
        assert (tmp_path / FOLDER / ".gitignore").read_text() == "*\n"


def test_a_second_emulator_is_refused_with_the_first_ones_place(tmp_path: Path) -> None:
    """Its pid and its address; the first one's session stays."""
    with lock_app(tmp_path) as ours:
        ours.write_session("http://127.0.0.1:77", "secret", "now")
        with pytest.raises(UserError) as error, lock_app(tmp_path):
            pass
        assert f"pid {os.getpid()}" in error.value.message
        assert "http://127.0.0.1:77" in error.value.message
        assert read_session(tmp_path) is not None
    with lock_app(tmp_path):
        pass


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"url": 5}', b"\xff\x00"])
def test_a_damaged_session_file_is_none(tmp_path: Path, content: bytes) -> None:
    """No traceback, no emulator."""
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "session.json").write_bytes(content)
    assert read_session(tmp_path) is None


def test_the_session_of_a_killed_emulator_is_none_and_is_replaced(tmp_path: Path) -> None:
    """A dead process's file is stale."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    with lock_app(tmp_path) as ours:
        ours.write_session("http://127.0.0.1:1", "secret", "now")
        file = tmp_path / FOLDER / "session.json"
        text = file.read_text().replace(f'"pid": {os.getpid()}', f'"pid": {process.pid}')
    file.write_text(text)
    assert read_session(tmp_path) is None
    with lock_app(tmp_path):
        assert not file.exists()


def test_an_app_that_cannot_be_written_to_is_an_error_in_words(tmp_path: Path) -> None:
    """Here a file stands where the folder should be."""
    (tmp_path / FOLDER).write_text("")
    with pytest.raises(UserError) as error, lock_app(tmp_path):
        pass
    assert FOLDER in error.value.message


def test_a_folder_with_nothing_in_it_is_removed(tmp_path: Path) -> None:
    """What every run makes is nothing; a state is something."""
    folder = tmp_path / FOLDER
    folder.mkdir()
    (folder / "lock").write_bytes(b"")
    (folder / "state.sqlite").write_bytes(b"something")
    remove_empty_folder(folder)
    assert (folder / "lock").exists()
    (folder / "state.sqlite").unlink()
    remove_empty_folder(folder)
    assert not folder.exists()
    remove_empty_folder(folder)
