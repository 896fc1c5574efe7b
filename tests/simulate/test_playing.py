"""How a simulation that has begun is played: some runs, what they lack, an interruption."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from forge_emu.errors import ExitCode
from forge_emu.simulate.plan.conditions import NOT_JUDGED
from tests.emulator.emulator_harness import text_of
from tests.python_app import write_app
from tests.simulate.simulations import INTERRUPTING, PROCESS, simulated


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An app that prints the key of each created issue."""
    return write_app(tmp_path / "app").resolve()


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


def test_what_has_no_effect_is_warned_of(root: Path) -> None:
    """A latency of nothing, and a variable that is not set."""
    (root / "forge-emu.yml").write_text("environment: [FORGE_EMU_TEST_NOT_SET]\n")
    _, terminal = simulated(root, faults=("kvs.latency=x10",))
    fault, variable = text_of(terminal.stderr).splitlines()
    assert fault.startswith("the fault kvs.latency=x10 has no effect")
    assert "FORGE_EMU_TEST_NOT_SET" in variable


def test_an_interrupted_run_has_the_figures_so_far(root: Path) -> None:
    """What was lost by the interruption is not told as a loss of the app."""
    (root / "src" / "index.py").write_text(INTERRUPTING)
    code, terminal = simulated(
        root,
        "issue-created:3",
        spread=180_000,
        assignments=(PROCESS, "env.AT=EMU-2"),
        as_json=True,
        fail_on=("dropped>0",),
    )
    assert code is ExitCode.INTERRUPTED
    summary = msgspec.json.decode(text_of(terminal.stdout))
    assert summary["product_events"]["sent"] == 2
    assert "conditions" not in summary
    assert text_of(terminal.stderr).splitlines() == [NOT_JUDGED]


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
