"""Kills a process before each call of its own that touches a folder."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

FILE_EVENTS = frozenset(
    {"open", "sqlite3.connect", "shutil.rmtree"}
    | {f"os.{name}" for name in ("link", "mkdir", "remove", "rename", "rmdir", "truncate")}
)
"""Audit events of calls that touch files: https://docs.python.org/3/library/audit_events.html."""


def killed_at_each_call(work: Callable[[Path], object], begun: Path, again: Path) -> Iterator[int]:
    """Copy the folder `begun` to `again`, do `work` there and kill it before its n-th call.

    Yields n after each kill, until the work comes to its end.
    """
    n, killed = 0, True
    while killed:
        n += 1
        shutil.rmtree(again, ignore_errors=True)
        shutil.copytree(begun, again)
        killed = _is_killed_at(n, work, again)
        yield n


def _is_killed_at(n: int, work: Callable[[Path], object], folder: Path) -> bool:
    child = os.fork()
    if not child:
        _work_until(n, work, folder)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, -signal.SIGKILL), f"the work failed by itself: {code}"
    return code != 0


def _work_until(n: int, work: Callable[[Path], object], folder: Path) -> None:
    calls = 0

    def count(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal calls
        if event in FILE_EVENTS and any(str(folder) in str(given) for given in arguments):
            calls += 1
            if calls == n:
                os.kill(os.getpid(), signal.SIGKILL)

    try:
        sys.addaudithook(count)
        work(folder)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)
