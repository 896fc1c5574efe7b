"""The same app in Python: how many processes it takes at most, and their memory."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Final

from benchmarks.commands import EVENT, FORGE_EMU
from benchmarks.floor.app import MANIFEST

SOURCE: Final = """\
from forge_emu.sdk import Queue, kvs

queue = Queue("store-later")


def created(event, context):
    issue = event["issue"]
    queue.push({"body": {"key": issue["key"], "fields": issue["fields"]}})


def store(event, context):
    kvs.set(event["body"]["key"], {"summary": event["body"]["fields"]["summary"]})
"""

_LOOK_SECONDS: Final = 0.3
"""Between two looks at the processes: each takes about 20 ms."""


@dataclass
class PythonRun:
    """Most processes beside forge-emu's own, most memory of them together, and the speed."""

    processes: int = 0
    megabytes: float = 0.0
    events_a_second: float = 0.0

    def __str__(self) -> str:
        return (
            f"Python app: {self.processes} processes, {self.megabytes:,.0f} MB, "
            f"{self.events_a_second:,.0f} events/s"
        )


def run_python_app(root: Path, issues: int) -> PythonRun:
    """A run to its end without limits. Memory is shared out among processes that share it."""
    (root / "src").mkdir(parents=True)
    (root / "manifest.yml").write_text(MANIFEST)
    (root / "src" / "index.py").write_text(SOURCE)
    command = [*FORGE_EMU, "run", str(root), "--no-watch", "--limits", "off", "--until-idle"]
    order = ["--trigger", EVENT, "--count", str(issues), "--json"]
    found, began = PythonRun(), perf_counter()
    with subprocess.Popen(
        [*command, *order], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as run:
        while run.returncode is None:
            children = _descendants(run.pid)
            found.processes = max(found.processes, len(children))
            found.megabytes = max(found.megabytes, sum(map(_megabytes, children)))
            try:
                run.wait(_LOOK_SECONDS)
            except subprocess.TimeoutExpired:
                continue
    if run.returncode:
        raise subprocess.CalledProcessError(run.returncode, command)
    found.events_a_second = issues / (perf_counter() - began)
    return found


def _descendants(pid: int) -> list[int]:
    found: list[int] = []
    waiting = [pid]
    while waiting:
        for file in Path(f"/proc/{waiting.pop()}/task").glob("*/children"):
            try:
                children = [int(child) for child in file.read_text().split()]
            except OSError:
                continue
            found += children
            waiting += children
    return found


def _megabytes(pid: int) -> float:
    """The memory of a process, what it shares counted in part; 0 where it has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
