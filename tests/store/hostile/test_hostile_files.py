"""A state that another one has made: no crash, no hang, and one clear line where it is refused."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from forge_emu.control.session import FOLDER, lock_app
from forge_emu.store.schema import STATE_FILE
from tests.rules.apps import write_example
from tests.rules.examples import CLEAN
from tests.store.hostile.actions import (
    Action,
    export,
    import_it,
    outcome,
    read_values,
    recover,
    reset,
    start,
)
from tests.store.hostile.content_files import schema_files, value_files
from tests.store.hostile.header_files import Spoil, header_files, log_files
from tests.store.hostile.special_files import VICTIM, special_files
from tests.store.state_files import close, fill_state_file

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="forks, and makes pipes")

FILES = {**header_files(), **log_files(), **schema_files(), **value_files(), **special_files()}
OTHER_ACTIONS = (read_values, export, import_it, reset)
CASES = [
    pytest.param(spoil, OTHER_ACTIONS[n % len(OTHER_ACTIONS)], id=name)
    for n, (name, spoil) in enumerate(FILES.items())
]


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an app that has a sound state, and a file beside it."""
    folder = tmp_path_factory.mktemp("begun")
    app = write_example(folder / "app", CLEAN)
    with lock_app(app):
        close(fill_state_file(app / FOLDER, 7))
    (folder / VICTIM).write_text("untouched")
    return folder


@pytest.mark.parametrize(("spoil", "other"), CASES)
def test_a_hostile_state_is_used_or_refused(
    begun: Path, tmp_path: Path, spoil: Spoil, other: Action
) -> None:
    """Nothing breaks or waits, and no other file is touched; what is refused can be recovered."""
    started = _act(start, begun, tmp_path, spoil)
    _act(other, begun, tmp_path, spoil)
    if started != "done":
        _act(recover, begun, tmp_path, spoil)


def test_a_refused_state_stays_as_it_was(begun: Path, tmp_path: Path) -> None:
    """What a trigger would have done is not done."""
    folder = _copy(begun, tmp_path / "again", FILES["a trigger that removes values"])
    state = folder / "app" / FOLDER / STATE_FILE
    before = state.read_bytes()
    said = outcome(start, folder / "app")
    assert "it holds the trigger 't', which no state has" in said
    assert state.read_bytes() == before


def test_there_are_as_many_as_were_asked_for() -> None:
    """Each is of its own."""
    assert len(FILES) >= 115


def _act(action: Action, begun: Path, tmp_path: Path, spoil: Spoil) -> str:
    folder = _copy(begun, tmp_path / action.__name__, spoil)
    said = outcome(action, folder / "app")
    assert said != "hang"
    assert not said.startswith("crash"), said
    assert len(said.splitlines()) == 1
    assert (folder / VICTIM).read_text() == "untouched"
    shutil.rmtree(folder)
    return said


def _copy(begun: Path, folder: Path, spoil: Spoil) -> Path:
    shutil.copytree(begun, folder)
    spoil(folder / "app" / FOLDER / STATE_FILE)
    return folder
