"""The composite action at the top of the repository, its step played in a shell."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT
from tests.python_app import write_app

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
INSTALL, SIMULATE = ACTION["runs"]["steps"]


def played(folder: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """The step that simulates, with the inputs of a workflow, where forge-emu is installed."""
    environment = dict.fromkeys(SIMULATE["env"], "")
    given = {**{name: each["default"] for name, each in ACTION["inputs"].items()}, **inputs}
    for name, value in SIMULATE["env"].items():
        environment[name] = given[value.removeprefix("${{ inputs.").removesuffix(" }}")]
    tools = folder / "temp" / "forge-emu"
    tools.mkdir(parents=True, exist_ok=True)
    if not (tools / "bin").exists():
        (tools / "bin").symlink_to(Path(sys.executable).parent)
    job = {
        "RUNNER_TEMP": str(folder / "temp"),
        "GITHUB_ACTIONS": "true",
        "GITHUB_WORKSPACE": str(folder),
        "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
    }
    return subprocess.run(
        ["bash", "-c", SIMULATE["run"]],
        cwd=folder,
        env={**os.environ, **environment, **job},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_each_input_has_a_use_and_none_is_part_of_a_script() -> None:
    """A value from a pull request is data, whatever it says."""
    used = [value for step in (INSTALL, SIMULATE) for value in step["env"].values()]
    assert sorted(used) == sorted(f"${{{{ inputs.{name} }}}}" for name in ACTION["inputs"])
    assert all("${{" not in step["run"] for step in (INSTALL, SIMULATE))


def test_a_job_fails_where_a_condition_holds(tmp_path: Path) -> None:
    """With its annotation, its line in the job's summary and the JUnit file."""
    write_app(tmp_path / "my app")
    inputs = {"app": "my app", "events": "issue-created:3\n\nissue-created:2@5m\n"}
    done = played(tmp_path, **inputs, **{"fail-on": "succeeded<5\ndropped>0", "junit": "out.xml"})
    assert done.returncode == 0, done.stderr
    assert "✓ succeeded >= 5: 5" in done.stderr
    assert (tmp_path / "out.xml").read_text("utf-8").count("<testcase ") == 2
    done = played(tmp_path, **inputs, **{"fail-on": "succeeded>4", "arguments": "--seed=3"})
    assert done.returncode == 1
    assert "::error title=forge-emu%3A succeeded <= 4::failed" in done.stderr
    text = (tmp_path / "summary.md").read_text("utf-8")
    assert text.count("### forge-emu simulate: listener") == 2
    assert "| ❌ | `succeeded <= 4` | 5 |" in text
    assert "--seed 3" in text


@pytest.mark.parametrize("value", ["$(touch made)", "`touch made`", "x; touch made", "' touch '"])
def test_what_looks_like_a_command_is_not_run(tmp_path: Path, value: str) -> None:
    """It is the name of an event that does not exist."""
    write_app(tmp_path / "app")
    done = played(tmp_path, app="app", events=value)
    assert done.returncode == 2
    assert not (tmp_path / "made").exists()
