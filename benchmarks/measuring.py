"""What something takes: time on the wall, and processor time of this process and its children."""

from __future__ import annotations

import resource
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Final

_LOOK_SECONDS: Final = 0.05
"""Between two looks at the memory of a command."""


@dataclass
class Spent:
    """Seconds, and the most memory of the process in megabytes, where that was asked for."""

    wall: float = 0.0
    cpu: float = 0.0
    peak_mb: float = 0.0

    def after(self, start: Spent) -> Spent:
        """The time on the wall without that of its `start`, which was measured by itself."""
        return Spent(self.wall - start.wall)


@contextmanager
def measure() -> Iterator[Spent]:
    """What the block takes; children count when they have been waited for."""
    spent = Spent()
    began, before = perf_counter(), _processor_seconds()
    yield spent
    spent.wall = perf_counter() - began
    spent.cpu = _processor_seconds() - before


def run_command(command: list[str]) -> Spent:
    """What a command takes, whose output nobody reads. Raises CalledProcessError."""
    peak = 0.0
    with measure() as spent, tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said)
        while process.returncode is None:
            # What wait4 says of memory begins with that of this process.
            peak = max(peak, _most_megabytes(process.pid))
            with suppress(subprocess.TimeoutExpired):
                process.wait(_LOOK_SECONDS)
        said.seek(0)
        text = said.read().decode(errors="replace")
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, stderr=text)
    spent.peak_mb = peak
    return spent


def _most_megabytes(pid: int) -> float:
    """The most memory that a process has had; 0 where the system does not say."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    found = next((line for line in status.splitlines() if line.startswith("VmHWM")), None)
    return int(found.split()[1]) / 1024 if found else 0.0


def _processor_seconds() -> float:
    found = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in found)
