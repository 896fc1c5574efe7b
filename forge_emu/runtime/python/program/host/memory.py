"""Memory and CPU time of processes, and their waits for a processor."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Collection
from typing import Final

_LINUX: Final = os.path.isdir("/proc/self")
CHECK_SECONDS: Final = 0.05 if _LINUX else 0.5
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")


def resident_bytes(pids: Collection[int]) -> dict[int, int]:
    """Bytes of memory in use by each process; those that are gone are left out."""
    if _LINUX:
        return {pid: size for pid in pids if (size := _statm(pid)) is not None}
    return _ps(pids)


def _statm(pid: int) -> int | None:
    try:
        with open(f"/proc/{pid}/statm", "rb") as file:
            return int(file.read().split()[1]) * _PAGE
    except (OSError, IndexError, ValueError):
        return None


def _ps(pids: Collection[int]) -> dict[int, int]:
    if not pids:
        return {}
    command = ["ps", "-o", "pid=,rss=", "-p", ",".join(map(str, pids))]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    rows = (line.split() for line in answer.stdout.splitlines())
    return {int(row[0]): int(row[1]) * 1024 for row in rows if len(row) == 2}


def cpu_ms(pid: int) -> float | None:
    """CPU milliseconds used by a process so far; None where the system does not tell."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
        return (int(fields[11]) + int(fields[12])) * 1000 / _TICKS
    except (OSError, IndexError, ValueError):
        return None


def processor_wait_ms(pid: int) -> float | None:
    """For how long a process was ready to run and did not, so far; None where nothing tells."""
    try:
        with open(f"/proc/{pid}/schedstat", "rb") as file:
            return int(file.read().split()[1]) / 1_000_000
    except (OSError, IndexError, ValueError):
        return None
