"""What a simulation prints and writes, and its exit code."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest

from forge_emu.emulator.starting.terminal import Terminal
from forge_emu.errors import ExitCode, ManifestError, UserError
from forge_emu.simulate.simulate import simulate
from tests.emulator.emulator_harness import text_of, text_terminal
from tests.python_app import write_app
from tests.simulate.simulations import FAILING, INTERRUPTING, PROCESS, options_for


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An app that prints the key of each created issue."""
    return write_app(tmp_path / "app").resolve()


def simulated(root: Path, *events: str, **more: Any) -> tuple[ExitCode, Terminal]:
    """A simulation of the app."""
    terminal = text_terminal(width=120)
    return asyncio.run(simulate(options_for(root, *events, **more), terminal)), terminal


def test_one_run_has_a_summary(root: Path) -> None:
    """And nothing else to say."""
    code, terminal = simulated(root, "issue-created:3")
    assert code is ExitCode.OK
    assert "Summary" in text_of(terminal.stdout)
    assert text_of(terminal.stderr) == ""


@pytest.mark.parametrize("more", [{}, {"seeds": 2}], ids=["one", "several"])
def test_an_event_that_no_trigger_wants_is_said_once(root: Path, more: dict[str, Any]) -> None:
    """Before anything runs; it is sent all the same."""
    _, terminal = simulated(root, "page-created", "issue-created", **more)
    said = text_of(terminal.stderr)
    assert said.startswith(
        "warning: no trigger of the app wants avi:confluence:created:page; it listens to "
        "avi:jira:created:issue. Sent all the same.\n"
    )
    assert said.count("warning:") == 1


def test_a_scenario_names_what_the_app_has(root: Path) -> None:
    """What it has not is said with its line, and nothing runs."""
    play = root / "play.yml"
    play.write_text("steps:\n  - {event: page-created}\n  - {invoke: lissen}\n")
    with pytest.raises(ManifestError) as refusal:
        simulated(root, event=(), scenario=play)
    [problem] = refusal.value.problems
    assert (problem.line, problem.hint) == (3, "Did you mean listen?")

    play.write_text("steps:\n  - {invoke: listen, payload: {issue: {key: 'E-{n}'}}, count: 2}\n")
    _, terminal = simulated(root, event=(), scenario=play, fail_on=("calls<2",), as_json=True)
    calls = msgspec.json.decode(text_of(terminal.stdout))["calls"]
    assert (calls["received"], calls["succeeded"]) == (2, 2)


@pytest.mark.parametrize(
    ("more", "type"), [({}, "summary"), ({"seeds": 2}, "comparison")], ids=["one", "several"]
)
def test_json_is_one_object(root: Path, more: dict[str, Any], type: str) -> None:
    """A summary, or a comparison of several runs."""
    code, terminal = simulated(root, as_json=True, **more)
    assert code is ExitCode.OK
    (line,) = text_of(terminal.stdout).splitlines()
    assert msgspec.json.decode(line)["type"] == type


def test_several_runs_are_compared(root: Path) -> None:
    """Each value under each seed; the worst of them can be repeated."""
    code, terminal = simulated(root, seeds=2, compare="env.WORD=one,two", as_json=True)
    assert code is ExitCode.OK
    runs = msgspec.json.decode(text_of(terminal.stdout))["runs"]
    assert [(run["value"], run["seed"]) for run in runs] == [
        ("one", 1),
        ("one", 2),
        ("two", 1),
        ("two", 2),
    ]
    assert text_of(terminal.stderr).startswith("the worst run again: forge-emu simulate app")


@pytest.mark.parametrize("more", [{}, {"seeds": 2}], ids=["one", "several"])
def test_json_has_what_came_of_each_condition(root: Path, more: dict[str, Any]) -> None:
    """Those that passed as well; without a condition there is no such field."""
    given = ("dropped>9", "product_events.succeeded<5%")
    _, terminal = simulated(root, fail_on=given, as_json=True, **more)
    passed, share = msgspec.json.decode(text_of(terminal.stdout))["conditions"]
    runs = more.get("seeds", 1)
    assert passed == {
        "condition": "dropped>9",
        "requires": "dropped <= 9",
        "passed": True,
        "value": 0.0,
        "value_text": "0",
        "runs": runs,
        "failed_runs": 0,
    }
    assert share["value_text"] == "100%"
    _, terminal = simulated(root, as_json=True, **more)
    assert "conditions" not in msgspec.json.decode(text_of(terminal.stdout))


@pytest.mark.parametrize(
    ("condition", "code"),
    [("invocations.error>0", ExitCode.CONDITION_FAILED), ("dropped>9", ExitCode.OK)],
)
def test_a_condition_that_holds_is_the_exit_code(
    root: Path, tmp_path: Path, condition: str, code: ExitCode
) -> None:
    """And a failure in the report for CI, which is written either way."""
    (root / "src" / "index.py").write_text(FAILING)
    file = tmp_path / "report.xml"
    ended, terminal = simulated(root, fail_on=(condition,), junit=file)
    assert ended is code
    failed = code is ExitCode.CONDITION_FAILED
    assert (f"failed: {condition}" in text_of(terminal.stderr)) == failed
    suite = ElementTree.parse(file).getroot().find("testsuite")
    assert suite is not None
    assert suite.get("failures") == str(int(failed))
    assert suite.get("name") == "forge-emu simulate: listener"


def test_what_has_no_effect_is_warned_of(root: Path) -> None:
    """A latency of nothing, and a variable that is not set."""
    (root / "forge-emu.yml").write_text("environment: [FORGE_EMU_TEST_NOT_SET]\n")
    _, terminal = simulated(root, faults=("kvs.latency=x10",))
    fault, variable = text_of(terminal.stderr).splitlines()
    assert fault.startswith("the fault kvs.latency=x10 has no effect")
    assert "FORGE_EMU_TEST_NOT_SET" in variable


def test_secret_values_are_printed_by_name(root: Path) -> None:
    """In the command that repeats a run, and as the values that are compared."""
    argv = ("app", "issue-created", "--compare=env.API_KEY=swordfish,trustno1")
    code, terminal = simulated(root, compare="env.API_KEY=swordfish,trustno1", argv=argv)
    assert code is ExitCode.OK
    text = text_of(terminal.stdout) + text_of(terminal.stderr)
    assert "[API_KEY 1]" in text
    assert "swordfish" not in text
    assert "trustno1" not in text


def test_an_interrupted_run_has_the_figures_so_far(root: Path) -> None:
    """What was lost by the interruption is not told as a loss of the app."""
    (root / "src" / "index.py").write_text(INTERRUPTING)
    code, terminal = simulated(
        root, "issue-created:3", spread=180_000, assignments=(PROCESS, "env.AT=EMU-2"), as_json=True
    )
    assert code is ExitCode.INTERRUPTED
    summary = msgspec.json.decode(text_of(terminal.stdout))
    assert summary["product_events"]["sent"] == 2
    assert text_of(terminal.stderr) == ""


def test_of_several_runs_an_interruption_leaves_the_whole_ones(root: Path) -> None:
    """Without any there is nothing to print."""
    (root / "src" / "index.py").write_text(INTERRUPTING)
    compared: dict[str, Any] = {"assignments": (PROCESS,), "as_json": True}
    code, terminal = simulated(root, compare="env.AT=EMU-9,EMU-1", **compared)
    assert code is ExitCode.INTERRUPTED
    runs = msgspec.json.decode(text_of(terminal.stdout))["runs"]
    assert [run["value"] for run in runs] == ["EMU-9"]
    code, terminal = simulated(root, compare="env.AT=EMU-1,EMU-9", **compared)
    assert code is ExitCode.INTERRUPTED
    assert text_of(terminal.stdout) == ""


def test_nothing_runs_with_options_that_make_no_sense(root: Path) -> None:
    """Nor is the app looked at."""
    (root / "manifest.yml").write_text("")
    with pytest.raises(UserError, match="there is no figure"):
        simulated(root, fail_on=("droped>0",))
