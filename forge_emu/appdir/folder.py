"""The app's directory: where its manifest is, or what to do when there is none."""

from __future__ import annotations

from pathlib import Path

from forge_emu.errors import ManifestError, UserError
from forge_emu.model import MANIFEST_NAMES
from forge_emu.yamlsource import MAX_BYTES, too_large_problem

_LEVELS = 3
"""Folders within folders that are looked into for an app; `apps/jira/forge` is three."""
_MOST_FOLDERS = 200
_NO_APP = "Give the directory of a Forge app, the one with its manifest.yml."


def find_manifest(root: Path) -> Path:
    """The manifest in `root`. Raises UserError where there is none, or more than one."""
    try:
        if not root.exists():
            raise UserError(f"there is no directory {str(root)!r}", _hint_for_missing(root))
        _check_name(root.absolute())
        if not root.is_dir():
            hint = f"Give its directory: {root.parent}" if root.name in MANIFEST_NAMES else _NO_APP
            raise UserError(f"{str(root)!r} is a file, not the directory of an app", hint)
        found = [root / name for name in MANIFEST_NAMES if (root / name).exists()]
    except (OSError, ValueError) as e:
        raise unreadable_error(root, e) from None
    if len(found) > 1:
        raise UserError(
            f"{str(root)!r} has both {found[0].name} and {found[1].name}",
            f"Forge reads {found[0].name}; remove the other.",
        )
    if not found:
        raise UserError(
            f"there is no {' or '.join(MANIFEST_NAMES)} in {str(root.absolute())!r}",
            _hint_for_empty(root.absolute()),
        )
    return found[0]


def _check_name(root: Path) -> None:
    """Check that the path is text: records, reports and handlers' processes hold it."""
    try:
        str(root).encode()
    except UnicodeEncodeError:
        raise UserError(
            f"the path {str(root)!a} is no UTF-8 text", "Rename the directory."
        ) from None


def read_bytes(path: Path) -> bytes:
    """What the file holds, up to what a manifest may hold. Raises UserError or ManifestError."""
    try:
        if path.is_dir():
            raise UserError(f"{str(path)!r} is a directory, not a file", "Remove or rename it.")
        if not path.is_file():
            raise UserError(f"{str(path)!r} is not a regular file")
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise ManifestError([too_large_problem(path.name, size)])
        return path.read_bytes()
    except OSError as e:
        raise unreadable_error(path, e) from None


def path_inside(root: Path, name: str) -> Path:
    """The path `name`, seen from the app's directory `root`, that must not lead out of it.

    Links are followed. Raises UserError.
    """
    try:
        path = (root / name).resolve()
        leaves = not path.is_relative_to(root.resolve())
    except (OSError, ValueError, RuntimeError) as e:
        raise UserError(f"{name[:200]!r} is no path that can be followed: {e}") from None
    if leaves:
        raise UserError(
            f"{name[:200]!r} lies outside the app's directory", "Put the file into the app."
        )
    return path


def unreadable_error(path: Path, error: Exception) -> UserError:
    """`error` on the way to `path`, in one line."""
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    hint = "Check its permissions." if isinstance(error, PermissionError) else None
    return UserError(f"cannot read {str(path)!r}: {reason}", hint)


def find_app_root(start: Path) -> Path:
    """The app that `start` is in: the nearest directory with a manifest, or `start` itself."""
    start = start.resolve()
    return next((f for f in (start, *start.parents) if has_manifest(f)), start)


def has_manifest(folder: Path) -> bool:
    """Whether `folder` looks like an app."""
    try:
        return any((folder / name).is_file() for name in MANIFEST_NAMES)
    except OSError:
        return False


def _hint_for_missing(root: Path) -> str:
    existing = root.absolute()
    while not existing.exists() and existing != existing.parent:
        existing = existing.parent
    if has_manifest(existing):
        return f"There is an app in {existing}."
    return _NO_APP


def _hint_for_empty(root: Path) -> str:
    above = next((folder for folder in root.parents if has_manifest(folder)), None)
    if above is not None:
        return f"There is an app in {above}: go there, or give that directory."
    below = _apps_below(root)
    if len(below) == 1:
        return f"There is an app in {below[0]}: go there, or give that directory."
    if below:
        return f"There are apps in {', '.join(str(app) for app in below[:5])}: give one of them."
    if template := next(root.glob("manifest.*.y*ml"), None):
        return f"{template.name} is there: make manifest.yml of it, as the app's README says."
    return _NO_APP


def _apps_below(root: Path) -> list[Path]:
    """The apps in the folders of `root`, and in theirs, as a monorepo has them."""
    found: list[Path] = []
    level = [root]
    for _ in range(_LEVELS):
        level = [inner for folder in level for inner in _folders_in(folder)][:_MOST_FOLDERS]
        found += [folder for folder in level if has_manifest(folder)]
        level = [folder for folder in level if folder not in found]
    return found


def _folders_in(folder: Path) -> list[Path]:
    try:
        inner = [path for path in folder.iterdir() if path.is_dir() and not path.is_symlink()]
    except OSError:
        return []
    return sorted(path for path in inner if path.name[0] != "." and path.name != "node_modules")
