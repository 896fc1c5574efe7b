"""Links, folders, pipes and sockets in the places of the files of a state."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

Spoil = Callable[[Path], None]

_SUFFIXES = ("", "-wal", "-shm", "-journal", "-next", "-removed")
_NAMES = ("state.salvage", "state.recovered", "state.arriving", "state.shrunk")

VICTIM = "victim.txt"
"""A file beside the app, which nothing may touch."""


def special_files() -> dict[str, Spoil]:
    """By name: what another one has put in the place of a file."""
    found: dict[str, Spoil] = {}
    kinds: dict[str, Callable[[Path], None]] = {
        "link": lambda file: file.symlink_to(_victim(file)),
        "link to nothing": lambda file: file.symlink_to("nowhere"),
        "link to itself": lambda file: file.symlink_to(file.name),
        "folder": lambda file: (file / "full").mkdir(parents=True),
        "pipe": lambda file: os.mkfifo(file),
        "socket": _make_socket,
    }
    for name, make in kinds.items():
        for suffix in _SUFFIXES:
            found[f"{name} at state.sqlite{suffix}"] = _in_place(suffix, make)
    for file in _NAMES:
        found[f"link at {file}"] = _at(file, kinds["link"])
        found[f"folder at {file}"] = _at(file, kinds["folder"])
    return found


def _victim(file: Path) -> Path:
    return file.parent.parent / VICTIM


def _in_place(suffix: str, make: Callable[[Path], None]) -> Spoil:
    def spoil(path: Path) -> None:
        file = path.with_name(path.name + suffix)
        file.unlink(missing_ok=True)
        make(file)

    return spoil


def _at(name: str, make: Callable[[Path], None]) -> Spoil:
    return lambda path: make(path.with_name(name))


def _make_socket(file: Path) -> None:
    made = socket.socket(socket.AF_UNIX)
    before = os.getcwd()
    # The path of a socket must be short.
    os.chdir(file.parent)
    try:
        made.bind(file.name)
    finally:
        os.chdir(before)
        made.close()
