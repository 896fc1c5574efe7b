"""Clears what forge-emu keeps of an app: the folder `.forge-emu` in it, and nothing else."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from forge_emu.appdir.folder import find_manifest
from forge_emu.control.session import FOLDER
from forge_emu.errors import UserError
from forge_emu.store.replacement import remove_state
from forge_emu.store.schema import STATE_FILE


@dataclass(frozen=True)
class StateFolderEntry:
    """Something in the folder, with its size in bytes, what is below it included."""

    name: str
    size: int


@dataclass(frozen=True)
class StateFolder:
    """The folder of an app's state and what is in it."""

    folder: Path
    entries: tuple[StateFolderEntry, ...]

    @property
    def size(self) -> int:
        """Bytes of everything in the folder."""
        return sum(thing.size for thing in self.entries)


@contextmanager
def lock_state_folder(root: Path) -> Iterator[StateFolder | None]:
    """The state of the app at `root`, with no emulator running for it meanwhile; None without any.

    Raises UserError where there is no app, where its emulator runs, or where the folder is not one
    that forge-emu made.
    """
    from filelock import FileLock, Timeout

    root = find_manifest(root).parent.resolve()
    folder = root / FOLDER
    if folder.is_symlink():
        raise UserError(f"{folder} is a symbolic link", "Remove it yourself.")
    if not folder.exists():
        yield None
        return
    if not folder.is_dir():
        raise UserError(f"{folder} is no directory", "Remove it yourself.")
    lock = FileLock(folder / "lock", mode=0o600)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise UserError(
            f"an emulator runs for {root}", "Stop it with Ctrl-C, then reset."
        ) from None
    except (OSError, NotImplementedError) as error:
        raise UserError(f"cannot write to {folder}: {error}", "Check its permissions.") from None
    try:
        names = sorted(os.listdir(folder))
        yield StateFolder(
            folder, tuple(StateFolderEntry(name, _size_on_disk(folder / name)) for name in names)
        )
    finally:
        lock.release()


def remove_state_folder(state: StateFolder) -> None:
    """Remove the folder, the state first. Links in it are removed, not followed. Raises UserError.

    So are pipes and whatever else another one has put there.

    A kill at any moment leaves the state whole, or none.
    """
    try:
        _remove_what_is_no_file(state.folder)
        remove_state(state.folder / STATE_FILE)
        shutil.rmtree(state.folder)
    except OSError as error:
        raise UserError(
            f"cannot remove {error.filename or state.folder}: {error.strerror or error}",
            "Check its permissions.",
        ) from None


def _remove_what_is_no_file(folder: Path) -> None:
    """Remove what stands in the place of a state's files, and all links."""
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            if entry.name.startswith(STATE_FILE.partition(".")[0]):
                shutil.rmtree(entry.path)
        elif not entry.is_file(follow_symlinks=False):
            os.unlink(entry.path)


def _size_on_disk(path: Path) -> int:
    if path.is_symlink() or not path.is_dir():
        return path.lstat().st_size
    inside = (Path(folder) / name for folder, _, names in os.walk(path) for name in names)
    return sum(file.lstat().st_size for file in inside)
