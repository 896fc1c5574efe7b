"""A file for each running emulator, so that a command that finds none can name those there are.

It holds the path of the app alone: address and token are in the app's own folder.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

from forge_emu.control.folder_check import check_folder
from forge_emu.errors import UserError

_MOST: Final = 200
"""Files that are looked at."""

_MOST_NAMED: Final = 5


def registry_folder() -> Path:
    """The folder of this user: below XDG_RUNTIME_DIR, else below the one for temporary files."""
    if base := os.environ.get("XDG_RUNTIME_DIR"):
        return Path(base) / "forge-emu"
    user = os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "")
    return Path(tempfile.gettempdir()) / f"forge-emu-{user}"


def register_app(root: Path) -> None:
    """Note that an emulator runs for the app at `root`. That it cannot be noted ends no run."""
    with suppress(OSError, UserError):
        folder = registry_folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        check_folder(folder)
        _file_of(root).write_text(str(root), encoding="utf-8")


def unregister_app(root: Path) -> None:
    """Note that none runs any more."""
    with suppress(OSError):
        _file_of(root).unlink(missing_ok=True)


def registered_apps() -> list[Path]:
    """The apps with a file, which a killed emulator has left as well, by path."""
    found: set[Path] = set()
    with suppress(OSError, UserError, UnicodeDecodeError):
        folder = registry_folder()
        if folder.is_dir():
            check_folder(folder)
            for file in sorted(folder.iterdir())[:_MOST]:
                found.add(Path(file.read_text(encoding="utf-8")))
    return sorted(found)


def apps_text(apps: list[Path]) -> str | None:
    """`An emulator runs for another app: --app ../b`; None without one."""
    if not apps:
        return None
    named = ", ".join(f"--app {shlex.quote(_short_path(app))}" for app in apps[:_MOST_NAMED])
    more = f" and {len(apps) - _MOST_NAMED} more" if len(apps) > _MOST_NAMED else ""
    if len(apps) == 1:
        return f"One runs for another app: {named}"
    return f"Some run for other apps: {named}{more}"


def _short_path(app: Path) -> str:
    """Relative to where the user stands, where the app lies below."""
    with suppress(ValueError, OSError):
        return str(app.relative_to(Path.cwd()))
    return str(app)


def _file_of(root: Path) -> Path:
    name = hashlib.sha256(os.fsencode(root)).hexdigest()[:32]
    return registry_folder() / name
