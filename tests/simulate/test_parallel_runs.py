"""Several runs at once: the same output as one after the other, and every way that they end."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from forge_emu.errors import ExitCode, ManifestError, UserError
from forge_emu.simulate.parallel_runs import job_count, usable_cores
from tests.emulator.emulator_harness import text_of
from tests.python_app import write_app
from tests.simulate.simulations import FAILING, INTERRUPTING, PROCESS, simulated


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An app that prints the key of each created issue."""
    return write_app(tmp_path / "app").resolve()


def test_the_output_is_that_of_one_process(root: Path) -> None:
    """Byte for byte, with conditions that hold and values that are compared."""
    (root / "src" / "index.py").write_text(FAILING)
    given: dict[str, Any] = {
        "compare": "product_events.max_retries=1,2",
        "fail_on": ("dropped.max_retries>0", "p95>5m"),
        "as_json": True,
    }
    outputs = []
    for jobs in (1, 2):
        code, terminal = simulated(root, "issue-created:4", jobs=jobs, **given)
        assert code is ExitCode.CONDITION_FAILED
        outputs.append((text_of(terminal.stdout), text_of(terminal.stderr)))
    assert outputs[0] == outputs[1]
    assert "failed: dropped.max_retries>0" in outputs[0][1]


def test_the_error_is_that_of_one_process(root: Path) -> None:
    """An app whose code does not load."""
    (root / "src" / "index.py").write_text("def listen(:\n")
    told = []
    for jobs in (1, 2):
        with pytest.raises(ManifestError) as raised:
            simulated(root, seeds=2, jobs=jobs)
        told.append(raised.value.problems)
    assert told[0] == told[1]
    assert told[0][0].file == "src/index.py"


def test_an_interruption_leaves_the_whole_runs(root: Path) -> None:
    """The processes have ended when the command has."""
    (root / "src" / "index.py").write_text(INTERRUPTING)
    code, terminal = simulated(
        root, seeds=2, jobs=2, assignments=(PROCESS, "env.AT=EMU-1"), as_json=True
    )
    assert code is ExitCode.INTERRUPTED
    assert text_of(terminal.stdout) == ""
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    if children.exists():
        names = [Path(f"/proc/{pid}/cmdline") for pid in children.read_text().split()]
        assert not [name for name in names if b"spawn_main" in name.read_bytes()]


KILLED = """\
import os, signal

def listen(event, context):
    pid = os.getpid()
    while int(os.environ["PROCESS"]) != (parent := parent_of(pid)):
        pid = parent
    os.kill(pid, signal.SIGKILL)

def parent_of(pid):
    with open(f"/proc/{pid}/stat") as file:
        return int(file.read().rpartition(")")[2].split()[1])
"""
"""Kills the process of the run that it belongs to: a child of the simulation."""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")
def test_a_process_that_ends_by_itself_is_named_by_its_seed(root: Path) -> None:
    """One clear error, and nothing goes on."""
    (root / "src" / "index.py").write_text(KILLED)
    with pytest.raises(UserError, match="the process of the run with seed 1 has ended") as raised:
        simulated(root, seeds=2, jobs=2, assignments=(PROCESS,))
    assert raised.value.hint is not None
    assert "--jobs" in raised.value.hint


@pytest.mark.parametrize(
    ("asked", "runs", "reaches_outside", "jobs"),
    [
        (None, 1_000, False, usable_cores()),
        (None, 1, False, 1),
        (None, 1_000, True, 1),
        (7, 1_000, True, 7),
        (7, 3, False, 3),
    ],
)
def test_as_many_at_once_as_there_are_cores(
    asked: int | None, runs: int, reaches_outside: bool, jobs: int
) -> None:
    """Never more than runs; where the outside may be shared, one, unless it is asked for."""
    assert job_count(asked, runs, reaches_outside) == jobs


WAITING = """\
import os, signal

def listen(event, context):
    os.write(os.open(os.environ["FIFO"], os.O_WRONLY), b"x")
    while True:
        signal.pause()
"""
"""Says that it runs, and holds the pipe open for as long as it lives."""


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_simulation_that_is_killed_leaves_no_process(root: Path) -> None:
    """Its runs end, and their handlers with them."""
    (root / "src" / "index.py").write_text(WAITING)
    pipe = root / "alive"
    os.mkfifo(pipe)
    options = ("--seeds", "2", "--jobs", "2", "--set", f"env.FIFO={pipe}")
    command = [sys.executable, "-m", "forge_emu", "simulate", str(root), "issue-created", *options]
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, **quiet) as simulation, pipe.open("rb", buffering=0) as alive:
        seen = b""
        while len(seen) < 2:
            seen += alive.read(2)
        simulation.kill()
        assert select.select([alive], [], [], 60)[0]
        assert alive.read(1) == b""
