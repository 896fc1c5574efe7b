"""Writes a new app from a template: the files below `forge_emu/templates`, with the app's name,
and the schemas that these files name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from forge_emu.commands import npm_package
from forge_emu.commands.schema_files import write_schemas
from forge_emu.errors import UserError

_FILE_NAMES = {"gitignore": ".gitignore"}
_TESTS_TOLD = "\n`{}` runs the app in forge-emu, in virtual time, and looks at what came of it.\n"
_WITH_APP_NAME = ("package.json", "README.md")
"""Files that hold `{name}`."""


@dataclass(frozen=True)
class NewApp:
    """What was written. `needs_npm` says that its packages have to be installed."""

    root: Path
    written: tuple[str, ...]
    needs_npm: bool


def write_app(root: Path, template: str, *, with_tests: bool = False) -> NewApp:
    """Write a new app into `root`, which must be new or empty. Raises UserError.

    `with_tests` adds a test of it, and what that needs.
    """
    needs_package = with_tests and template in npm_package.TEST_SETTINGS
    if needs_package:
        # What is missing is said before anything is written.
        npm_package.packed_package()
    _prepare_folder(root)
    name = package_name(root.absolute().name)
    written: list[str] = []
    try:
        for path, content in _template_files(template, with_tests=with_tests):
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            if target.name in _WITH_APP_NAME:
                content = content.replace(b"{name}", name.encode())
            if with_tests and path == "README.md":
                content += _TESTS_TOLD.format("npm test" if needs_package else "pytest").encode()
            if needs_package and path == "package.json":
                content = npm_package.with_tests(content, template)
            target.write_bytes(content)
            written.append(path)
        written += write_schemas(root)
        if needs_package:
            written.append(npm_package.add_package(root))
    except OSError as error:
        raise UserError(
            f"cannot write into {str(root)!r}: {error.strerror or error}",
            "Give a directory that you may write to.",
        ) from None
    return NewApp(root, tuple(sorted(written)), "package.json" in written)


def package_name(folder: str) -> str:
    """The name of a directory as one that npm accepts."""
    name = re.sub(r"[^a-z0-9._-]+", "-", folder.lower()).strip("-._")
    return name[:100] or "forge-app"


def _prepare_folder(root: Path) -> None:
    try:
        if root.is_dir():
            if any(root.iterdir()):
                raise UserError(
                    f"{str(root)!r} is not empty", "Give a new directory, or an empty one."
                )
            return
        if root.exists():
            raise UserError(f"{str(root)!r} is a file", "Give a new directory.")
        root.mkdir(parents=True)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise UserError(f"cannot make the directory {str(root)!r}: {reason}") from None


def _template_files(template: str, *, with_tests: bool) -> Iterator[tuple[str, bytes]]:
    templates = files("forge_emu") / "templates"
    yield from _files_below(templates / template, "")
    if with_tests:
        yield from _files_below(templates / "tests" / template, "")


def _files_below(folder: Traversable, prefix: str) -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            if entry.name != "__pycache__":
                yield from _files_below(entry, f"{prefix}{entry.name}/")
        else:
            yield prefix + _FILE_NAMES.get(entry.name, entry.name), entry.read_bytes()
