"""`forge-emu` in a process of its own, with the streams and limits that a test gives it."""

from __future__ import annotations

import os
import pty
import resource
import select
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
_SECONDS = 60.0


def run_program(
    *arguments: str | Path,
    cwd: Path | None = None,
    closed: Sequence[int] = (),
    memory_bytes: int | None = None,
    stdout: int | None = subprocess.PIPE,
    environment: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run a command to its end, without the descriptors `closed`."""
    return subprocess.run(
        [sys.executable, "-m", "forge_emu", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        timeout=_SECONDS,
        check=False,
        preexec_fn=_before(closed, memory_bytes),
    )


def on_terminal(*command: str | Path, environment: Mapping[str, str] | None = None) -> str:
    """What a command writes to a terminal on stdout, dumb unless `environment` says otherwise."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "forge_emu", *map(str, command)],
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "NO_COLOR": "1",
            "TERM": "dumb",
            **(environment or {}),
        },
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs)
    shown = b""
    while select.select([ours], [], [], _SECONDS)[0]:
        try:
            chunk = os.read(ours, 65_536)
        except OSError:
            break
        if not chunk:
            break
        shown += chunk
    os.close(ours)
    assert process.wait(_SECONDS) == 0
    return shown.decode()


def _before(closed: Sequence[int], memory_bytes: int | None) -> Callable[[], None]:
    def prepare() -> None:
        for number in closed:
            os.close(number)
        if memory_bytes is not None:
            resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))

    return prepare
