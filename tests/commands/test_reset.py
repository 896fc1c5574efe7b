"""`forge-emu reset`: removes the emulator's state, and nothing else."""

from __future__ import annotations

from pathlib import Path

from filelock import FileLock

from forge_emu.control.session import lock_app
from tests.conftest import Call
from tests.rules.apps import write_example
from tests.rules.examples import CLEAN


def with_state(tmp_path: Path) -> Path:
    """An app with state of its own and a link out of it."""
    app = write_example(tmp_path / "app", CLEAN)
    with lock_app(app):
        pass
    (app / ".forge-emu" / "build").mkdir()
    (app / ".forge-emu" / "build" / "x").write_text("12345")
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "y").write_text("keep")
    (app / ".forge-emu" / "link").symlink_to(tmp_path / "precious")
    return app


def test_reset_shows_and_removes_the_state_alone(call: Call, tmp_path: Path) -> None:
    """The app and what a link leads to stay."""
    app = with_state(tmp_path)
    said = call("reset", app, "--yes")
    assert said.code == 0
    assert "5 bytes" in said.err
    assert not (app / ".forge-emu").exists()
    assert (app / "src" / "index.js").exists()
    assert (tmp_path / "precious" / "y").read_text() == "keep"
    assert "nothing to clear" in call("reset", app, "--yes").err


def test_reset_asks_and_removes_nothing_where_nobody_answers(call: Call, tmp_path: Path) -> None:
    """In a pipe it needs --yes."""
    app = with_state(tmp_path)
    said = call("reset", app)
    assert said.code == 2
    assert "--yes" in said.err
    assert (app / ".forge-emu" / "build" / "x").exists()


def test_reset_refuses_while_an_emulator_runs(call: Call, tmp_path: Path) -> None:
    """Its lock is held."""
    app = with_state(tmp_path)
    with FileLock(app / ".forge-emu" / "lock"):
        said = call("reset", app, "--yes")
    assert said.code == 2
    assert "an emulator runs" in said.err
    assert (app / ".forge-emu" / "build" / "x").exists()


def test_reset_keeps_off_what_is_not_its_own(call: Call, tmp_path: Path) -> None:
    """A link or a file in the folder's place, and a directory without an app."""
    app = write_example(tmp_path / "app", CLEAN)
    (tmp_path / "other").mkdir()
    (app / ".forge-emu").symlink_to(tmp_path / "other")
    assert call("reset", app, "--yes").code == 2
    (app / ".forge-emu").unlink()
    (app / ".forge-emu").write_text("")
    assert call("reset", app, "--yes").code == 2
    assert call("reset", tmp_path, "--yes").code == 2
    assert (tmp_path / "other").is_dir()
