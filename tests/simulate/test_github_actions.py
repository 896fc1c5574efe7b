"""What a simulation in a job of GitHub Actions annotates, and adds to the job's summary."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from forge_emu.errors import ExitCode, ManifestError
from forge_emu.simulate.simulate import simulate
from tests.emulator.emulator_harness import text_of, text_terminal
from tests.python_app import write_app
from tests.simulate.simulations import FAILING, options_for


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An app in a repository that a job has checked out."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    return write_app(tmp_path / "apps" / "mine", FAILING).resolve()


def commands(root: Path, code: ExitCode, **more: Any) -> list[str]:
    """The commands for annotations that a simulation of the app prints."""
    terminal = text_terminal(width=80)
    assert asyncio.run(simulate(options_for(root, **more), terminal)) is code
    assert "::" not in text_of(terminal.stdout)
    return [line for line in text_of(terminal.stderr).splitlines() if line.startswith("::")]


def test_what_failed_and_what_was_found_is_annotated(root: Path) -> None:
    """At file and line, as the repository names them."""
    failed, *found = commands(
        root, ExitCode.CONDITION_FAILED, fail_on=("invocations.error>0", "dropped>9")
    )
    assert failed.startswith("::error title=forge-emu%3A invocations.error == 0::failed: ")
    assert "%0Aagain: forge-emu simulate" in failed
    assert found
    assert all(line.startswith("::warning file=apps/mine/src/index.py,line=") for line in found)


def test_a_condition_of_a_scenario_has_its_place(root: Path) -> None:
    """The line in which it is written."""
    play = root / "play.yml"
    play.write_text("steps:\n  - event: issue-created\nfail_on:\n  - invocations.error>0\n")
    failed = commands(root, ExitCode.CONDITION_FAILED, event=(), scenario=play)[0]
    assert failed.startswith("::error file=apps/mine/play.yml,line=4,title=")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("manifest.yml", "app: {}\nmodules: []\n"),
        ("play.yml", "steps:\n  - event: issue-creatid\n"),
    ],
)
def test_what_is_wrong_with_a_file_is_annotated(
    root: Path, name: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing runs. A manifest is named from the app, a scenario from where the command runs."""
    monkeypatch.chdir(root.parent)
    (root / name).write_text(text)
    terminal = text_terminal(width=80)
    more = {"event": (), "scenario": Path("mine", name)} if name == "play.yml" else {}
    with pytest.raises(ManifestError):
        asyncio.run(simulate(options_for(root, **more), terminal))
    assert f"::error file=apps/mine/{name},line=2,title=" in text_of(terminal.stderr)


@pytest.mark.parametrize("more", [{}, {"seeds": 2}], ids=["one", "several"])
def test_the_summary_of_the_job_is_added_to(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: dict[str, Any]
) -> None:
    """What an earlier command has written stays. It needs no other variable."""
    monkeypatch.delenv("GITHUB_ACTIONS")
    file = tmp_path / "summary.md"
    file.write_text("before\n\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(file))
    assert commands(root, ExitCode.OK, fail_on=("dropped>9",), **more) == []
    text = file.read_text("utf-8")
    assert text.startswith("before\n\n### forge-emu simulate: listener\n")
    assert "| ✅ | `dropped <= 9` | " in text


def test_a_summary_that_cannot_be_written_fails_nothing(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said."""
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "no" / "summary.md"))
    terminal = text_terminal(width=80)
    assert asyncio.run(simulate(options_for(root), terminal)) is ExitCode.OK
    assert "warning: cannot write the summary of the job to" in text_of(terminal.stderr)


def test_elsewhere_nothing_is_added(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other systems read the JUnit file and the exit code."""
    monkeypatch.setenv("GITHUB_ACTIONS", "")
    assert commands(root, ExitCode.CONDITION_FAILED, fail_on=("invocations.error>0",)) == []
