"""`forge-emu` in a process of its own, with the streams and limits that a test gives it."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
_SECONDS = 60.0


def run_program(
    *arguments: str | Path,
    cwd: Path | None = None,
    closed: Sequence[int] = (),
    memory_bytes: int | None = None,
    stdout: int | None = subprocess.PIPE,
) -> subprocess.CompletedProcess[bytes]:
    """Run a command to its end, without the descriptors `closed`."""
    return subprocess.run(
        [sys.executable, "-m", "forge_emu", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        timeout=_SECONDS,
        check=False,
        preexec_fn=_before(closed, memory_bytes),
    )


def _before(closed: Sequence[int], memory_bytes: int | None) -> Callable[[], None]:
    def prepare() -> None:
        for number in closed:
            os.close(number)
        if memory_bytes is not None:
            resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))

    return prepare
