"""How a command ends that cannot go on: what the machine refuses, and what is a defect."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from tests.conftest import AppDir, Call
from tests.manifest.sample import MANIFEST


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EMFILE, errno.EACCES])
def test_what_the_machine_refuses_is_no_defect(
    call: Call, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Exit code 2, the system's own words and the file."""
    refusal = _raise(OSError(number, os.strerror(number), "/x/y"))
    monkeypatch.setattr("forge_emu.events.event_info.all_templates", refusal)
    said = call("events")
    assert said.code == 2
    assert f"this machine refuses: {os.strerror(number)} (/x/y)" in said.err
    assert "Traceback" not in said.err


def test_what_nobody_foresaw_is_a_defect(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 70, and where to report it."""
    monkeypatch.setattr(
        "forge_emu.events.event_info.all_templates", _raise(ZeroDivisionError("by zero"))
    )
    said = call("events")
    assert said.code == 70
    assert "forge-emu broke: ZeroDivisionError: by zero" in said.err
    assert "Traceback" not in said.err


def test_a_simulation_needs_no_folder_in_the_app(app_dir: AppDir, call: Call) -> None:
    """Where `.forge-emu` cannot be made, the code is built elsewhere, and nothing is left."""
    manifest = MANIFEST.replace("queue/worker", "jobs/worker")
    files = {"src/index.py": "def push(): pass\n", "src/jobs/worker.py": "def consume(): pass\n"}
    root = app_dir({**files, "manifest.yml": manifest, ".forge-emu": "a file in its place"})
    before = sorted(Path(root).rglob("*"))
    said = call("simulate", root, "issue-created", "--json")
    assert said.code == 0, said.err
    assert sorted(p for p in Path(root).rglob("*") if "__pycache__" not in p.parts) == before


def test_a_folder_with_the_name_of_pythons_own_module(app_dir: AppDir, call: Call) -> None:
    """Python looks in its own `queue`; the hint says what to rename."""
    files = {"src/index.py": "def push(): pass\n", "src/queue/worker.py": "def consume(): pass\n"}
    said = call("check", app_dir({**files, "manifest.yml": MANIFEST}))
    assert said.code == 1
    assert "rename src/queue" in said.out + said.err


def _raise(error: Exception) -> object:
    def call(*_: object) -> None:
        raise error

    return call
