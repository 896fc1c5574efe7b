"""What a simulation prints and writes, and its exit code."""

from __future__ import annotations

import gc
from contextlib import suppress
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest

from forge_emu.control.session import FOLDER
from forge_emu.errors import ExitCode, ManifestError, UserError
from tests.emulator.emulator_harness import text_of
from tests.python_app import MANIFEST, write_app
from tests.runtime.node.harness import write_app as write_files
from tests.simulate.simulations import FAILING, simulated


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An app that prints the key of each created issue."""
    return write_app(tmp_path / "app").resolve()


def test_one_run_has_a_summary(root: Path) -> None:
    """And nothing else to say."""
    code, terminal = simulated(root, "issue-created:3")
    assert code is ExitCode.OK
    assert "Summary" in text_of(terminal.stdout)
    assert text_of(terminal.stderr) == ""


def test_what_an_earlier_play_has_left_can_be_freed(root: Path) -> None:
    """With --watch a process plays many times: only what the first one imports is kept for good."""
    simulated(root, "issue-created")
    kept = gc.get_freeze_count()
    simulated(root, "issue-created")
    assert 0 < gc.get_freeze_count() <= kept


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


def test_secret_values_are_printed_by_name(root: Path) -> None:
    """In the command that repeats a run, and as the values that are compared."""
    argv = ("app", "issue-created", "--compare=env.API_KEY=swordfish,trustno1")
    code, terminal = simulated(root, compare="env.API_KEY=swordfish,trustno1", argv=argv)
    assert code is ExitCode.OK
    text = text_of(terminal.stdout) + text_of(terminal.stderr)
    assert "[API_KEY 1]" in text
    assert "swordfish" not in text
    assert "trustno1" not in text


def test_nothing_runs_with_options_that_make_no_sense(root: Path) -> None:
    """Nor is the app looked at."""
    (root / "manifest.yml").write_text("")
    with pytest.raises(UserError, match="there is no figure"):
        simulated(root, fail_on=("droped>0",))


@pytest.mark.node
@pytest.mark.parametrize("source", ["export const listen = () => {};", "export const listen = ;"])
def test_nothing_that_was_built_is_left(tmp_path: Path, source: str) -> None:
    """Of a run to its end, and of code that does not build."""
    write_files(tmp_path, {"manifest.yml": MANIFEST, "src/index.js": source})
    with suppress(ManifestError):
        simulated(tmp_path)
    assert [path.name for path in (tmp_path / FOLDER).glob("simulate-*")] == []
