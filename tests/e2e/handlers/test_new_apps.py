"""Templates run at once, as they are written."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.e2e.emulator_process import EmulatorProcess, run_command
from tests.npm import packages_folder


@pytest.mark.node
@pytest.mark.parametrize("template", ["javascript", "typescript"])
def test_a_new_app_is_sound_and_runs(tmp_path: Path, template: str) -> None:
    """Nothing to check, and every note is kept, through refusals and retries."""
    app = tmp_path / "demo"
    assert run_command("init", app, "--template", template).returncode == 0
    packages = json.loads((app / "package.json").read_text("utf-8"))["dependencies"]
    modules = packages_folder(packages) / "node_modules"
    os.symlink(modules, app / "node_modules")
    checked = run_command("check", app, "--strict")
    assert checked.returncode == 0, checked.stdout
    _runs(app)


def test_a_new_python_app_needs_no_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is sound and runs on a machine that has only Python."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("FORGE_EMU_CACHE", str(tmp_path / "cache"))
    app = tmp_path / "demo"
    made = run_command("init", app, "--template", "python")
    assert made.returncode == 0
    assert "npm" not in made.stdout
    checked = run_command("check", app, "--strict")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    _runs(app)


def _runs(app: Path) -> None:
    run = EmulatorProcess(
        app,
        "--virtual",
        "--trigger",
        "issue-created",
        "--count",
        "60",
        "--until-idle",
        "--seed",
        "1",
        "--set",
        "limits.kvs.write_units_per_minute=20",
    )
    try:
        summary = run.wait_for_summary()
    finally:
        run.close()
    assert summary["events"]["succeeded"] == 60
    assert summary["retries"]["total"] > 0
    assert summary["errors"] == []
    assert not [p for p in summary["problems"] if p["severity"] == "error"]
