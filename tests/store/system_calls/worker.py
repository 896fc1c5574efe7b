"""Kills a command before each of its system calls that change files, and looks what is left.

Run with the library of `counted.c` preloaded: SQLite's own calls count as well.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

from tests.store.test_replacement import (
    Work,
    events_in,
    export,
    import_other,
    import_values,
    recover,
    reset,
    start,
    stored_in,
)


def main(action: str, every: int, begun: Path, other: Path, again: Path) -> dict[str, object]:
    """What the kills of `action` left: each thing that was seen, and how many calls there were.

    It is killed before every call, or before the first and each `every`th one after it.
    """
    library = ctypes.CDLL(None)
    work, look = _actions(other)[action]
    seen: list[object] = []
    n, killed = 1 - every, True
    while killed:
        n += every
        shutil.rmtree(again, ignore_errors=True)
        shutil.copytree(begun, again)
        killed = _is_killed_before(n, work, again, library)
        found = look(again)
        if found not in seen:
            seen.append(found)
    return {"calls": n, "seen": seen}


def _actions(other: Path) -> dict[str, tuple[Work, Callable[[Path], object]]]:
    return {
        "import": (import_other(other), events_in),
        "recover": (recover, _events_after_recovery),
        "reset": (reset, events_in),
        "export": (export, _export),
        "kvs import": (import_values, _new_values),
        "start": (start, events_in),
    }


def _events_after_recovery(app: Path) -> int | None:
    recover(app)
    return events_in(app)


def _export(app: Path) -> object:
    """How many events the state has, and how many a finished export has."""
    exported = app / "monday.state"
    before = events_in(app)
    if not exported.exists():
        return [before, None]
    import_other(exported)(app)
    return [before, events_in(app)]


def _new_values(app: Path) -> int:
    stored = stored_in(app)
    assert stored is not None
    return sum(key.startswith("new") for _, key in stored.saved.values)


def _is_killed_before(n: int, work: Work, app: Path, library: ctypes.CDLL) -> bool:
    child = os.fork()
    if not child:
        code = 1
        try:
            library.kill_before(n)
            work(app)
            library.kill_before(0)
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code not in (0, -signal.SIGKILL):
        raise AssertionError(f"the work failed by itself before call {n}: {code}")
    return code != 0


if __name__ == "__main__":
    action, every, *paths = sys.argv[1:]
    sys.stdout.write(json.dumps(main(action, int(every), *map(Path, paths))))
