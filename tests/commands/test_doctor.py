"""`forge-emu doctor`: what is in order, and what mends what is not."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from forge_emu.control.session import lock_app
from tests.conftest import Call
from tests.rules.apps import write_example
from tests.rules.examples import CLEAN, EXAMPLES


def signs(call: Call, app: Path) -> dict[str, dict[str, Any]]:
    """What the doctor finds, by subject."""
    said = call("doctor", app, "--json")
    found = {sign["subject"]: sign for sign in json.loads(said.out)}
    wrong = any(sign["state"] == "wrong" for sign in found.values())
    assert said.code == (1 if wrong else 0)
    return found


@pytest.mark.node
def test_the_doctor_says_where_everything_is(call: Call, tmp_path: Path) -> None:
    """With versions, and nothing is wrong with a sound app."""
    found = signs(call, write_example(tmp_path, CLEAN))
    for subject in ("Python", "Node.js", "npm", "tool cache", "manifest", "@forge/events"):
        assert found[subject]["state"] == "ok", subject
    assert found["@forge/events"]["found"] == "3.0.8"
    assert found["@forge/events"]["why"] == str(tmp_path / "node_modules" / "@forge" / "events")
    assert found["emulator"]["found"] == "none is running"


@pytest.mark.node
def test_another_major_of_node_is_noted(call: Call, tmp_path: Path) -> None:
    """It is nothing wrong."""
    app = write_example(tmp_path, CLEAN)
    text = (app / "manifest.yml").read_text("utf-8")
    for major in (20, 22, 24):
        (app / "manifest.yml").write_text(text.replace("nodejs22.x", f"nodejs{major}.x"))
        if "runtime" in (found := signs(call, app)):
            assert found["runtime"]["state"] == "note"
            assert str(major) in found["runtime"]["mend"]
            return
    pytest.fail("one machine cannot have three versions")


def test_missing_packages_and_a_broken_manifest_are_wrong(call: Call, tmp_path: Path) -> None:
    """With the command that mends each."""
    app = write_example(tmp_path / "a", EXAMPLES["package-missing"])
    assert "npm install" in signs(call, app)["packages"]["mend"]
    app = write_example(tmp_path / "b", EXAMPLES["missing"])
    assert signs(call, app)["manifest"]["mend"] == f"forge-emu check {app}"


def test_a_session_left_behind_is_wrong(call: Call, tmp_path: Path) -> None:
    """Its process is gone; the command that clears it is named."""
    app = write_example(tmp_path, CLEAN)
    with lock_app(app) as ours:
        ours.write_session("http://127.0.0.1:1", "token", "now")
        file = app / ".forge-emu" / "session.json"
        text = file.read_text("utf-8")
    file.write_text(text.replace(str(os.getpid()), "999999999"))
    found = signs(call, app)["session file"]
    assert found["state"] == "wrong"
    assert "forge-emu reset" in found["mend"]


def test_an_emulator_that_does_not_answer_is_wrong(call: Call, tmp_path: Path) -> None:
    """Its process lives, but not its port."""
    app = write_example(tmp_path, CLEAN)
    with lock_app(app) as ours:
        ours.write_session("http://127.0.0.1:1", "token", "now")
        assert signs(call, app)["emulator"]["state"] == "wrong"


def test_without_node_only_apps_that_need_it_are_ill(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine without Node.js is well for Python."""
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    monkeypatch.setenv("FORGE_EMU_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    found = signs(call, write_example(tmp_path / "app", CLEAN))
    assert found["Node.js"]["state"] == "wrong"
    assert "nodejs.org" in found["Node.js"]["mend"]
    (tmp_path / "nothing").mkdir()
    assert signs(call, tmp_path / "nothing")["Node.js"]["state"] == "note"


def test_the_doctor_needs_a_directory(call: Call) -> None:
    """Quoted, exit code 2."""
    said = call("doctor", "/nowhere")
    assert said.code == 2
    assert "/nowhere" in said.err
