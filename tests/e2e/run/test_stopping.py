"""Ctrl-C once, twice; SIGTERM; a reader that goes away."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e import apps
from tests.e2e.emulator_process import TIMEOUT_SECONDS, run_command, running_emulator

pytestmark = pytest.mark.node

HELD = """\
const { existsSync } = require('fs');
exports.created = async function (event) {
  console.log('begun');
  while (!existsSync(FILE)) await new Promise((r) => setTimeout(r, 5));
};
exports.store = function () {};
"""


def release_file(folder: Path) -> Path:
    """A file beside the app: in the app's own folder handlers see only what is deployed."""
    return folder.with_name(f"{folder.name}-release")


def held_app(folder: Path) -> Path:
    """An app whose trigger ends once its `release_file` is there."""
    source = HELD.replace("FILE", json.dumps(str(release_file(folder))))
    return apps.app_without_packages(folder, source)


def send(app: Path, *arguments: str) -> None:
    """Trigger an event."""
    done = run_command("trigger", "issue-created", "--app", app, *arguments)
    assert done.returncode == 0, done.stderr


def test_the_first_ctrl_c_lets_running_invocations_finish(tmp_path: Path) -> None:
    """Nothing new is taken, what runs ends, the summary is printed, the exit code is 0."""
    with running_emulator(held_app(tmp_path)) as run:
        send(tmp_path)
        run.wait_for(lambda r: r.get("message") == "begun")
        run.interrupt()
        refused = run.trigger_until_refused(tmp_path)
        assert "stopping" in refused.stderr
        assert refused.returncode == 2
        release_file(tmp_path).touch()
        summary = run.wait_for_summary()
        assert run.process.returncode == 0
        assert run.records_of("invocation.finished")[-1]["outcome"] == "success"
        assert summary["product_events"]["succeeded"] == 1
    assert not (tmp_path / ".forge-emu" / "session.json").exists()


def test_the_second_ctrl_c_stops_at_once(tmp_path: Path) -> None:
    """Exit code 130, no summary, and no process is left."""
    with running_emulator(held_app(tmp_path)) as run:
        send(tmp_path)
        run.wait_for(lambda r: r.get("message") == "begun")
        run.interrupt()
        run.trigger_until_refused(tmp_path)
        run.interrupt()
        assert run.process.wait(TIMEOUT_SECONDS) == 130
    assert "summary" not in {r["type"] for r in run.records}
    assert not _left_behind(tmp_path)


def test_sigterm_is_a_ctrl_c(tmp_path: Path) -> None:
    """As a supervisor stops it."""
    with running_emulator(held_app(tmp_path)) as run:
        run.process.send_signal(signal.SIGTERM)
        run.wait_for_summary()
        assert run.process.returncode == 0


def test_stopping_before_all_has_settled_is_an_interruption(tmp_path: Path) -> None:
    """`--until-idle` did not get what it was asked for."""
    app = held_app(tmp_path)
    with running_emulator(app, "--trigger", "issue-created", "--until-idle") as run:
        run.wait_for(lambda r: r.get("message") == "begun")
        run.interrupt()
        run.trigger_until_refused(tmp_path)
        release_file(tmp_path).touch()
        run.wait_for_summary()
        assert run.process.returncode == 130


def test_a_reader_that_goes_away_ends_the_run_quietly(tmp_path: Path) -> None:
    """`forge-emu run --json | head -1` says nothing of a broken pipe."""
    app = apps.app_without_packages(
        tmp_path, "exports.created = () => {}; exports.store = () => {};"
    )
    run = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "forge_emu",
            "run",
            str(app),
            "--json",
            "--trigger",
            "issue-created",
            "--count",
            "2000",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ},
        text=True,
    )
    assert run.stdout is not None
    assert run.stderr is not None
    with run:
        assert "app.loaded" in run.stdout.readline()
        run.stdout.close()
        said = run.stderr.read()
        run.wait(TIMEOUT_SECONDS)
    assert "Traceback" not in said
    assert "pipe" not in said.lower()


def _left_behind(app: Path) -> list[str]:
    """Processes that still work in the app's directory."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if os.readlink(process / "cwd") == str(app):
                found.append(process.name)
        except OSError:
            continue
    return found
