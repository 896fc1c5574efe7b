"""What is done with a hostile state, each in a process that a hang or a crash ends alone."""

from __future__ import annotations

import os
import resource
import select
import signal
import traceback
from collections.abc import Callable
from pathlib import Path

from forge_emu.commands.kvs_offline import open_offline_kvs
from forge_emu.commands.reset import lock_state_folder, remove_state_folder
from forge_emu.control.session import FOLDER, lock_app
from forge_emu.emulator.resume import damage_reported
from forge_emu.emulator.state import open_state, recover_state
from forge_emu.errors import UserError
from forge_emu.settings import Settings
from forge_emu.store.database import Database
from forge_emu.store.schema import STATE_FILE
from forge_emu.store.shapes import StoredState
from forge_emu.store.transfer import export_state, import_state
from tests.engine.world import World

Action = Callable[[Path], object]

_SECONDS = 20.0
_MEMORY_BYTES = 900_000_000
"""More than a look at a file of a few megabytes may take, beside what the process has already."""


def start(app: Path) -> None:
    """The start of a run, up to a restored engine and its first write."""
    with lock_app(app):
        state = open_state(app / FOLDER, Settings())
        try:
            if state.stored is not None:
                _restore(state.stored, state.database)
        finally:
            state.database.close()


def _restore(stored: StoredState, database: Database) -> None:
    engine = World().engine
    with damage_reported(database.path):
        engine.restore(stored.saved, stored.header.at + 10, away_ms=10, clean=False)


def recover(app: Path) -> None:
    """`run --recover`, and the start after it."""
    with lock_app(app):
        recover_state(app / FOLDER, "app", lambda line: None)
    start(app)


def read_values(app: Path) -> None:
    """`kvs list`."""
    with open_offline_kvs(app) as store:
        list(store.list_kvs(""))


def export(app: Path) -> None:
    """`state export`."""
    with lock_app(app):
        export_state(app / FOLDER, app / "monday.state")


def import_it(app: Path) -> None:
    """`state import` of the hostile file into another app."""
    other = app.parent / "other"
    other.mkdir()
    (other / "manifest.yml").write_bytes((app / "manifest.yml").read_bytes())
    with lock_app(other):
        import_state(app / FOLDER / STATE_FILE, other / FOLDER, force=False)
    start(other)


def reset(app: Path) -> None:
    """`reset --yes`."""
    with lock_state_folder(app) as state:
        if state is not None:
            remove_state_folder(state)


ACTIONS: tuple[Action, ...] = (start, read_values, export, import_it, recover, reset)


def outcome(action: Action, app: Path) -> str:
    """How an action ends: `done`, one line of error, `hang` or `crash` with what is known of it."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if not child:
        _act(action, app, write_end)
    os.close(write_end)
    ready, _, _ = select.select([read_end], [], [], _SECONDS)
    if not ready:
        os.kill(child, signal.SIGKILL)
    text = b"".join(iter(lambda: os.read(read_end, 65_536), b"")).decode(errors="replace")
    os.close(read_end)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if not ready:
        return "hang"
    return text if code == 0 else f"crash {code}: {text}"


def _act(action: Action, app: Path, write_end: int) -> None:
    code, said = 1, ""
    try:
        most = _address_space() + _MEMORY_BYTES
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        action(app)
        code, said = 0, "done"
    except UserError as error:
        code, said = 0, error.message
    except BaseException:
        said = traceback.format_exc()
    try:
        os.write(write_end, said.encode("utf-8", "backslashreplace")[:60_000] or b"?")
    finally:
        os._exit(code)


def _address_space() -> int:
    """The bytes that this process has mapped: tests before this one may have left much."""
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[0]) * resource.getpagesize() if statm.exists() else 0
