"""The folder that a deployed app runs in: its extra files, and what its code refers to by URL."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from forge_emu.errors import Problem
from forge_emu.model import App
from forge_emu.runtime.node.bundler.esbuild import Asset
from forge_emu.runtime.node.bundler.file_patterns import matching_files

FOLDER = "deployed"
"""Name of the folder within that of a build."""


def lay_out(root: Path, app: App, folder: Path, assets: Sequence[Asset]) -> list[Path]:
    """Fill `folder` as a deploy does; returns the files that were copied. Raises OSError.

    https://developer.atlassian.com/platform/forge/manifest-reference/#packaging (2026-08-22): extra
    files are in the application directory, at their paths. A manual package's files are there too.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if app.package is not None:
        for entry in (root / app.package).iterdir():
            (folder / entry.name).symlink_to(entry, target_is_directory=entry.is_dir())
    copied = [(root / name, folder / name) for name in extra_files(root, app)]
    copied += [(Path(asset.source), folder / asset.name) for asset in assets]
    for source, target in copied:
        if target.parent.is_symlink() or target.exists():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
    return [source for source, _ in copied]


def extra_files(root: Path, app: App) -> list[str]:
    """The files that `app.package.extraFiles` names, relative to the app, and within it."""
    found = {name for pattern in app.extra_files for name in matching_files(root, pattern)}
    return sorted(name for name in found if not _is_outside(name))


def extra_file_problems(root: Path, app: App) -> Iterator[Problem]:
    """Patterns that name no file, with which a deploy fails (`@forge/manifest` 13.7.0), and files
    that have no place in the deployed folder."""
    for pattern in app.extra_files:
        found = list(matching_files(root, pattern))
        if not found:
            yield _problem(
                app,
                f"{pattern[:80]!r} does not match any files",
                "Paths begin at the app's directory: data/*.json.",
            )
        elif any(_is_outside(name) for name in found):
            yield _problem(
                app,
                f"{pattern[:80]!r} names files outside of the app's directory, which are left out",
                "Copy them into it. Whether a deploy takes them is not documented.",
                "warning",
            )


def _is_outside(name: str) -> bool:
    return name.split("/", 1)[0] == ".."


def _problem(
    app: App, message: str, hint: str, severity: Literal["error", "warning"] = "error"
) -> Problem:
    text = f"app.package.extraFiles: {message}"
    return Problem(app.manifest, 0, 0, text, hint, severity, rule="extra-files")
