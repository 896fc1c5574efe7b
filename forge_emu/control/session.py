"""Which emulator runs for an app: a lock held for its life, and a file that says where it is."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
from filelock import FileLock, Timeout

from forge_emu import __version__
from forge_emu.errors import NoEmulatorError, UserError

FOLDER = ".forge-emu"
_FILE = "session.json"


class Session(msgspec.Struct, frozen=True):
    """How to reach a running emulator."""

    url: str
    token: str
    pid: int
    started_at: str
    version: str = __version__


class Claim:
    """An app that is ours to run."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / _FILE

    def publish(self, url: str, token: str, started_at: str) -> None:
        """Write the session file: other commands find the emulator from now on."""
        session = Session(url, token, os.getpid(), started_at)
        write_private(self._file, msgspec.json.format(msgspec.json.encode(session), indent=2))

    def withdraw(self) -> None:
        """Remove the session file."""
        self._file.unlink(missing_ok=True)


@contextmanager
def claim(root: Path) -> Iterator[Claim]:
    """Hold the app at `root` for this process. Raises UserError where another one holds it."""
    folder = root / FOLDER
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        ignore = folder / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n")
        lock = FileLock(folder / "lock", mode=0o600)
        lock.acquire(timeout=0)
    except Timeout:
        raise UserError(*_taken(folder)) from None
    except OSError as error:
        raise UserError(
            f"cannot write to {folder}: {error.strerror or error}",
            "forge-emu keeps its session there; give the app a directory you may write to.",
        ) from None
    try:
        ours = Claim(folder)
        # One that a killed emulator left behind.
        ours.withdraw()
        yield ours
    finally:
        with suppress(OSError):
            ours.withdraw()
        lock.release()


def find(start: Path) -> Session:
    """The session of the app at `start` or of the nearest directory above it.

    Raises NoEmulatorError. That the emulator answers is for the client to see.
    """
    for folder in (start, *start.parents):
        session = read(folder)
        if session is not None:
            return session
    raise NoEmulatorError(
        f"no emulator is running for {start}", f"Start one with: {_start_command(start)}"
    )


def read(root: Path) -> Session | None:
    """The session of the app at `root`; None where none runs."""
    try:
        session = msgspec.json.decode((root / FOLDER / _FILE).read_bytes(), type=Session)
    except (OSError, msgspec.DecodeError):
        return None
    return session if _lives(session.pid) else None


def write_private(path: Path, content: bytes) -> None:
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


def _taken(folder: Path) -> tuple[str, str]:
    session = read(folder.parent)
    where = f" (pid {session.pid}, {session.url})" if session else ", which is just starting"
    return (
        f"an emulator already runs for this app{where}",
        "Use it with `forge-emu trigger` and `forge-emu tail`, or stop it with Ctrl-C.",
    )


def _start_command(start: Path) -> str:
    return "forge-emu run" if start == Path.cwd() else f"forge-emu run {start}"


def _lives(pid: int) -> bool:
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
