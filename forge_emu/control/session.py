"""The session of a running emulator: a lock held while it runs, and a file with its address.

The file carries a secret and says whom to give it to, so only one that this user wrote is believed.
"""

from __future__ import annotations

import os
import shlex
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from forge_emu import __version__
from forge_emu.control.folder_check import check_folder
from forge_emu.control.running.registry import (
    apps_text,
    register_app,
    registered_apps,
    unregister_app,
)
from forge_emu.errors import NoEmulatorError, UserError
from forge_emu.model import MANIFEST_NAMES

FOLDER = ".forge-emu"
"""The emulator's folder in an app's directory."""

FILE = "session.json"
"""The session file in that folder."""

_MAX_FILE_BYTES = 65_536


class Session(msgspec.Struct, frozen=True):
    """How to reach a running emulator."""

    url: str
    token: str
    pid: int
    started_at: str
    app: str = ""
    version: str = __version__


class AppLock:
    """The lock on an app, held while this process runs it."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._file = root / FOLDER / FILE

    def write_session(self, url: str, token: str, started_at: str) -> None:
        """Write the session file: other commands find the emulator from now on."""
        session = Session(url, token, os.getpid(), started_at, str(self._root))
        write_private_file(self._file, msgspec.json.format(msgspec.json.encode(session), indent=2))
        register_app(self._root)

    def remove_session(self) -> None:
        """Remove the session file, and what a kill while one was written has left."""
        self._file.unlink(missing_ok=True)
        unregister_app(self._root)
        for draft in self._file.parent.glob(f".{FILE}.*"):
            draft.unlink(missing_ok=True)


def emulator_folder(root: Path) -> Path:
    """The emulator's folder in the app at `root`, made where it is missing.

    Raises UserError, also where it or something in it is not this user's own.
    """
    folder = root / FOLDER
    try:
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        check_folder(folder)
        ignore = folder / ".gitignore"
        # A kill may have left it empty.
        if not ignore.exists() or not ignore.stat().st_size:
            ignore.write_text("*\n")
    except OSError as error:
        raise _unwritable_error(folder, error) from None
    return folder


def remove_empty_folder(folder: Path) -> None:
    """Remove the emulator's folder, if nothing is in it but what every run makes."""
    with suppress(OSError):
        made = {path.name for path in folder.iterdir()}
        if made <= {"lock", ".gitignore"}:
            for name in made:
                (folder / name).unlink()
            folder.rmdir()


@contextmanager
def lock_app(root: Path) -> Iterator[AppLock]:
    """Lock the app at `root` for this process. Raises UserError where another holds it."""
    from filelock import FileLock, Timeout

    folder = emulator_folder(root)
    try:
        lock = FileLock(folder / "lock", mode=0o600)
        lock.acquire(timeout=0)
    except Timeout:
        raise UserError(*_already_running(folder)) from None
    except (OSError, NotImplementedError) as error:
        # filelock's word for a file system without locks is NotImplementedError.
        raise _unwritable_error(folder, error) from None
    try:
        app_lock = AppLock(root)
        # One that a killed emulator left behind.
        app_lock.remove_session()
        yield app_lock
    finally:
        with suppress(OSError):
            app_lock.remove_session()
        lock.release()


def _unwritable_error(folder: Path, error: Exception) -> UserError:
    reason = (error.strerror if isinstance(error, OSError) else None) or error
    return UserError(
        f"cannot write to {folder}: {reason}",
        "forge-emu keeps its session there; give the app a directory you may write to.",
    )


def find_session(start: Path) -> Session:
    """The session of the app at `start`, or of the app that `start` lies in.

    Raises NoEmulatorError. That the emulator answers is for the client to see.
    """
    for folder in (start, *start.parents):
        session = read_session(folder)
        if session is not None:
            return session
        if any(os.path.exists(folder / name) for name in MANIFEST_NAMES):
            start = folder
            break
    others = apps_text([app for app in running_apps() if app != start])
    hint = f"Start one with: {start_command(start)}"
    raise NoEmulatorError(
        f"no emulator is running for {start}", f"{others}. {hint}" if others else hint
    )


def running_apps() -> list[Path]:
    """The apps of this user whose emulators run."""
    return [app for app in registered_apps() if read_session(app) is not None]


def read_session(root: Path) -> Session | None:
    """The session of the app at `root`; None where none runs."""
    try:
        session = msgspec.json.decode(_read_own_file(root / FOLDER / FILE), type=Session)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None
    if not session.url.startswith("http://127.0.0.1:"):
        return None
    return session if _is_alive(session.pid) else None


def _read_own_file(path: Path) -> bytes:
    """The content of a plain file of this user's. Raises OSError for any other."""
    # A pipe would block. Windows has neither flag.
    flags = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    handle = os.open(path, os.O_RDONLY | flags)
    try:
        found = os.fstat(handle)
        foreign = hasattr(os, "getuid") and found.st_uid != os.getuid()
        if foreign or not stat.S_ISREG(found.st_mode):
            raise PermissionError(f"{path} is not a file of this user")
        return os.read(handle, _MAX_FILE_BYTES)
    finally:
        os.close(handle)


def write_private_file(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise


def _already_running(folder: Path) -> tuple[str, str]:
    session = read_session(folder.parent)
    where = f" (pid {session.pid}, {session.url})" if session else ", which is just starting"
    return (
        f"an emulator already runs for this app{where}",
        "Use it with `forge-emu trigger` and `forge-emu tail`, or stop it with Ctrl-C.",
    )


def start_command(app: Path) -> str:
    """What to type to start an emulator for `app`."""
    if app == Path.cwd():
        return "forge-emu run"
    return f"forge-emu run {shlex.quote(str(app))}"


def _is_alive(pid: int) -> bool:
    if os.name == "nt":
        # There signal 0 is Ctrl-C. Whether the emulator answers will show.
        return True
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (ProcessLookupError, OverflowError):
        return False
    return pid > 0
