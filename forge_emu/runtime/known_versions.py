"""The versions of programs that were asked before: each is asked once, not at each start."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

_FILE: Final = "versions.json"
_MOST: Final = 50
"""Programs that are remembered."""

_SMALLEST: Final = 20_000_000
"""Bytes of a program that answers for itself: a Node.js has 80 MB and more. What a version manager
puts in its place is small, and may answer for another program the next time."""


def known_version(program: Path, folder: Path, ask: Callable[[Path], str | None]) -> str | None:
    """The version of `program`: as remembered in `folder`, where it is the same file as then, else
    what `ask` finds out. Where `folder` cannot be written to, nothing is remembered.
    """
    try:
        found = program.stat()
        name = f"{program.resolve()} {found.st_size} {found.st_mtime_ns}"
    except OSError:
        return None
    if found.st_size < _SMALLEST:
        return ask(program)
    versions = _read(folder / _FILE)
    if name not in versions and (version := ask(program)) is not None:
        versions = dict([*versions.items(), (name, version)][-_MOST:])
        with suppress(OSError):
            _write(folder / _FILE, versions)
    return versions.get(name)


def _read(path: Path) -> dict[str, str]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, str])
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return {}


def _write(path: Path, versions: dict[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.encode(versions))
        os.replace(draft, path)
    except OSError:
        os.unlink(draft)
        raise
