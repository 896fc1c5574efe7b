"""Checks that the emulator's folder in an app is this user's own, before anything in it is used.

It may have come with the app, or from another user of the machine: a link in it would lead what is
written there to another file.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from forge_emu.errors import UserError

_WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH
# fmt: off
_KINDS = (
    (stat.S_ISLNK, "a symbolic link"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"),
    (stat.S_ISBLK, "a device"), (stat.S_ISCHR, "a device"),
)
# fmt: on


def check_folder(folder: Path) -> None:
    """Check the emulator's folder and what lies in it, and keep others out from now on.

    Raises UserError for a link, a pipe, a socket or a device, and for what belongs to another
    user; OSError where it cannot be looked at.
    """
    found = folder.lstat()
    if stat.S_ISLNK(found.st_mode):
        raise UserError(
            f"{folder} is a symbolic link",
            "forge-emu keeps its session in a directory of its own there; remove the link.",
        )
    if not stat.S_ISDIR(found.st_mode):
        raise UserError(
            f"{folder} is no directory", "forge-emu keeps its session there; move it away."
        )
    owners = _trusted_owners(folder)
    _check_owner(folder, found, owners)
    if found.st_mode & _WRITABLE_BY_OTHERS:
        # Some file systems have no modes: there it stays as it is.
        with suppress(OSError):
            folder.chmod(0o700)
    for entry in os.scandir(folder):
        _check_entry(Path(entry.path), entry.stat(follow_symlinks=False), owners)


def special_kind(found: os.stat_result) -> str | None:
    """What it is, where it is neither a file nor a directory: `a pipe`."""
    return next((words for is_kind, words in _KINDS if is_kind(found.st_mode)), None)


def _check_entry(path: Path, found: os.stat_result, owners: frozenset[int]) -> None:
    if kind := special_kind(found):
        raise UserError(
            f"{path} is {kind}", f"forge-emu writes none there; remove it: rm {path.name}"
        )
    _check_owner(path, found, owners)


def _check_owner(path: Path, found: os.stat_result, owners: frozenset[int]) -> None:
    if owners and found.st_uid not in owners:
        raise UserError(
            f"{path} belongs to another user (uid {found.st_uid})",
            "What is in it need not be forge-emu's. Remove it, or work on a copy of the app.",
        )


def _trusted_owners(folder: Path) -> frozenset[int]:
    """Whose files may be there; none where the system has no owners.

    To root also the app's owner, whose code it runs: so it is in containers.
    """
    if not hasattr(os, "geteuid"):
        return frozenset()
    user = os.geteuid()
    return frozenset({user} if user else {user, folder.parent.stat().st_uid})
