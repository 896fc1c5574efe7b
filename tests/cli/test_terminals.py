"""What an app has written does nothing to a terminal, and closed or full streams break nothing."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from forge_emu.console.format import escape_json
from tests.cli.programs import on_terminal, run_program
from tests.conftest import AppDir, Call
from tests.manifest.sample import MANIFEST

ATTACK = "\x1b[2J\x9b31m\u202eend\x7f\x1b]0;owned\x07"
HOSTILE = ("\x1b", "\x9b", "\u202e", "\x7f", "\x07")


@pytest.fixture
def hostile_app(app_dir: AppDir) -> Path:
    """An app whose module tells the terminal what to do, and fails."""
    source = f"raise ValueError({ATTACK!r})\n"
    manifest = MANIFEST.replace("queue/worker", "jobs/worker")
    return Path(
        app_dir(
            {
                "manifest.yml": manifest,
                "src/index.py": source,
                "src/jobs/worker.py": source,
            }
        )
    )


@pytest.mark.parametrize("command", [("check",), ("run", "--ephemeral"), ("simulate",)])
def test_an_error_of_loading_shows_its_control_characters(
    call: Call, hostile_app: Path, command: tuple[str, ...]
) -> None:
    """They are words."""
    event = ["issue-created"] if command[0] == "simulate" else []
    said = call(command[0], hostile_app, *event, *command[1:])
    assert "\\x1b[2J\\x9b31m\\u202eend\\x7f" in said.out + said.err
    assert not any(character in said.out + said.err for character in HOSTILE)


def test_json_is_the_same_with_its_control_characters_escaped() -> None:
    """Nothing that moves a cursor is left."""
    text = json.dumps({ATTACK: [ATTACK, "é\u2028"]}, ensure_ascii=False).encode()
    shown = escape_json(text).decode()
    assert json.loads(shown) == json.loads(text)
    assert not any(character in shown for character in (*HOSTILE, "\u2028"))
    assert "é" in shown


def test_stored_values_are_shown_and_piped(hostile_app: Path) -> None:
    """On a terminal escaped; a pipe gets what is stored."""
    value = json.dumps(ATTACK, ensure_ascii=False)
    _keep_state(hostile_app)
    assert run_program("kvs", "set", "k", value, "--app", hostile_app).returncode == 0
    for command in (("kvs", "get", "k"), ("kvs", "export"), ("kvs", "list")):
        shown = on_terminal(*command, "--app", str(hostile_app))
        assert "end" in shown
        assert not any(character in shown for character in HOSTILE[1:])
    piped = run_program("kvs", "get", "k", "--app", hostile_app).stdout
    assert json.loads(piped) == ATTACK
    assert "\u202e" in piped.decode()


def _keep_state(app: Path) -> None:
    from forge_emu.control.session import FOLDER, lock_app
    from tests.store.state_files import close, fill_state_file

    with lock_app(app):
        close(fill_state_file(app / FOLDER, 1))


@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1, 2)])
@pytest.mark.parametrize(
    "command", [("events",), ("limits",), ("simulate", "{app}", "issue-created")]
)
def test_closed_streams_break_nothing(
    app_dir: AppDir, closed: tuple[int, ...], command: tuple[str, ...]
) -> None:
    """No file of the run gets their descriptors; that stdout is lost is said."""
    files = {"src/index.py": "def push(): pass\n", "src/jobs/worker.py": "def consume(): pass\n"}
    manifest = MANIFEST.replace("queue/worker", "jobs/worker")
    app = app_dir({**files, "manifest.yml": manifest})
    said = run_program(*(word.replace("{app}", str(app)) for word in command), closed=closed)
    assert said.returncode == 0, said.stderr
    assert (b"stdout is closed" in said.stderr) == (1 in closed and 2 not in closed)
    assert b"Traceback" not in said.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_full_disk_behind_stdout_is_said() -> None:
    """Exit code 2: not all was printed."""
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        said = run_program("events", stdout=full)
    finally:
        os.close(full)
    assert said.returncode == 2
    assert said.stderr.count(b"this machine refuses: No space left on device") == 1


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not limit it so")
def test_too_little_memory_is_said(tmp_path: Path) -> None:
    """One line and exit code 2, wherever it ends."""
    huge = tmp_path / "huge.json"
    huge.write_bytes(b'{"k": [' + b'"xxxxxxxx",' * 6_000_000 + b"1]}")
    (tmp_path / "manifest.yml").write_text("app: {id: x}\n")
    _keep_state(tmp_path)
    command = ("kvs", "import", huge, "--app", tmp_path)
    said = run_program(*command, memory_bytes=400_000_000)
    assert said.returncode == 2, said.stderr
    assert b"error: this machine has not enough memory" in said.stderr
    assert b"Traceback" not in said.stderr
