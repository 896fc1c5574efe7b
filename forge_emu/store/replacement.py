"""Replaces or removes a state: a kill at any moment leaves the old or the new one, whole.

A state in use is several files, and no system renames several at once. So one file says which state
counts: a `state.sqlite-next` that is there is the state from now on, and after
`state.sqlite-removed` there is none. Whoever opens the state next finishes what was begun.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

SUFFIXES = ("", "-wal", "-shm", "-journal")
"""The files of which a state consists while it is in use."""

IMPORT_DRAFT, SHRINK_DRAFT = "state.arriving", "state.shrunk"
COPY_DRAFT, RECOVERY_DRAFT = "state.salvage", "state.recovered"
"""Files of what is under way. Those that are found later are of no use."""

_LOG_HEADER_BYTES = 32
"""A log with no more than that holds nothing."""


def with_suffix(path: Path, suffix: str) -> Path:
    """The file of a state beside `path`."""
    return path.with_name(path.name + suffix)


def remove_state_files(path: Path) -> None:
    """Remove a state's files."""
    for suffix in SUFFIXES:
        with_suffix(path, suffix).unlink(missing_ok=True)


def state_exists(path: Path) -> bool:
    """Whether there is a state at `path`, sound or not: its log alone is one that lost its file."""
    if _removed(path).exists():
        return False
    return path.exists() or _next(path).exists() or _log_holds_something(path)


def damaged_files(path: Path) -> list[Path]:
    """The damaged states that were kept beside `path`, the oldest first.

    Of one whose file was missing there is only the log, under this name and `-wal`.
    """
    numbers = {
        int(found[1])
        for file in path.parent.glob(f"{path.name}.damaged-*")
        if (found := re.search(r"damaged-([0-9]+)(-wal)?$", file.name))
    }
    return [with_suffix(path, f".damaged-{number}") for number in sorted(numbers)]


def free_damaged_name(path: Path) -> Path:
    """A name for the old state: none that another one has, but one that a kill left half given."""
    number = 1
    while _is_other_state(aside := path.with_name(f"{path.name}.damaged-{number}"), path):
        number += 1
    return aside


def _is_other_state(kept: Path, path: Path) -> bool:
    """Whether `kept` is anything but a second name of the state at `path`."""
    for suffix in SUFFIXES:
        one, other = with_suffix(kept, suffix), with_suffix(path, suffix)
        if one.exists() and not (other.exists() and one.samefile(other)):
            return True
    return False


def replace_state(path: Path, new: Path) -> None:
    """Put the closed state file `new`, of the same folder, in the place of whatever is at `path`.

    Raises OSError; until the rename of `new` the old state is as it was.
    """
    if _log_holds_something(new):
        # It was closed while the disk did not work.
        raise OSError(errno.EIO, "not all of the new state could be written")
    sync_file(new)
    new.rename(_next(path))
    sync_folder_of(path)
    finish_replacement(path)


def remove_state(path: Path) -> None:
    """Remove the state at `path` and what was kept of damaged ones. Raises OSError."""
    marker = _removed(path)
    os.close(os.open(marker, os.O_CREAT | os.O_WRONLY, 0o600))
    sync_folder_of(path)
    finish_replacement(path)


def finish_replacement(path: Path) -> None:
    """Finish what a killed command has begun. Only for who holds the lock. Raises OSError."""
    for draft in (IMPORT_DRAFT, SHRINK_DRAFT, COPY_DRAFT, RECOVERY_DRAFT):
        remove_state_files(path.with_name(draft))
    marker, arrived = _removed(path), _next(path)
    if marker.exists():
        for file in _kept_files(path):
            file.unlink(missing_ok=True)
        arrived.unlink(missing_ok=True)
        remove_state_files(path)
        sync_folder_of(path)
        marker.unlink()
    elif arrived.exists():
        # Beside the new file, the log of the old one would be taken for its own.
        for suffix in SUFFIXES[1:]:
            with_suffix(path, suffix).unlink(missing_ok=True)
        arrived.replace(path)
        sync_folder_of(path)


def _next(path: Path) -> Path:
    return with_suffix(path, "-next")


def _removed(path: Path) -> Path:
    return with_suffix(path, "-removed")


def _kept_files(path: Path) -> Iterator[Path]:
    for file in damaged_files(path):
        for suffix in SUFFIXES:
            yield with_suffix(file, suffix)


def _log_holds_something(path: Path) -> bool:
    try:
        return with_suffix(path, "-wal").stat().st_size > _LOG_HEADER_BYTES
    except OSError:
        return False


def sync_file(file: Path) -> None:
    """Wait until the content of `file` is on the disk."""
    handle = os.open(file, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder_of(path: Path) -> None:
    """Wait until the names in the folder of `path` are on the disk."""
    # Windows opens no folders, and some file systems cannot sync one.
    with suppress(OSError):
        handle = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
