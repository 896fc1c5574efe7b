"""The `@forge/*` packages that the app's code will get, found as Node finds them."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from forge_emu.errors import Problem
from forge_emu.model import Json

_SCOPE = "@forge"
_SCHEMA = Path("out", "schema", "manifest-schema.json")
_DEPENDENCIES = ("dependencies", "optionalDependencies", "peerDependencies")


class Package(msgspec.Struct, frozen=True):
    """An installed npm package and where it is."""

    name: str
    version: str
    folder: Path


def find_packages(root: Path) -> list[Package]:
    """The installed `@forge/*` packages by name; of several copies the nearest."""
    nearest: dict[str, Package] = {}
    for folder in _module_folders(root):
        for package in _packages_in(folder / _SCOPE):
            name = f"{_SCOPE}/{package.name}"
            version = _read_json_object(package / "package.json").get("version")
            if name not in nearest and isinstance(version, str):
                nearest[name] = Package(name, version, package)
    return sorted(nearest.values(), key=lambda package: package.name)


def installed_versions(root: Path) -> dict[str, str]:
    """Names of the installed `@forge/*` packages with their versions; the nearest copy counts."""
    return {package.name: package.version for package in find_packages(root)}


def manifest_schema(root: Path) -> Json | None:
    """The JSON schema in the app's own `@forge/manifest`, None where it is not installed."""
    for folder in _module_folders(root):
        for package in (
            folder / _SCOPE / "manifest",
            folder / _SCOPE / "cli" / "node_modules" / _SCOPE / "manifest",
        ):
            path = package / _SCHEMA
            try:
                changed = path.stat()
            except (OSError, ValueError):
                continue
            schema = _read_schema(path, changed.st_mtime_ns, changed.st_size)
            if schema is not None:
                return schema
    return None


@lru_cache(maxsize=4)
def _read_schema(path: Path, _changed: int, _size: int) -> Json | None:
    # The same object again is what lets the manifest's checks keep their compiled validator.
    schema = _read_json_object(path)
    return schema or None


def declared_packages(root: Path) -> set[str]:
    """The packages that the app's package.json names, those for development among them."""
    content = _read_json_object(root / "package.json")
    sections = (content.get(section) for section in (*_DEPENDENCIES, "devDependencies"))
    return {name for section in sections if isinstance(section, dict) for name in section}


def undeclared_package_check(root: Path) -> Callable[[str], bool]:
    """A check whether a package is installed though the app's package.json does not name it."""
    content = _read_json_object(root / "package.json")
    declared = declared_packages(root)

    def is_undeclared(name: str) -> bool:
        if not content or name in declared:
            return False
        return any((folder / name / "package.json").is_file() for folder in _module_folders(root))

    return is_undeclared


def package_json_problems(root: Path, packages: dict[str, str]) -> list[Problem]:
    """What is wrong with the app's package.json and what it declares."""
    path = root / "package.json"
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return [
            Problem(
                "package.json",
                0,
                0,
                "the app has no package.json",
                "Create it with `npm init --yes`, then install the packages its code imports.",
                "warning",
                "package-json",
            )
        ]
    except OSError as e:
        return [_broken_package_json(f"cannot be read: {e.strerror or e}")]
    try:
        # npm reads a file with a byte order mark too.
        declared = msgspec.json.decode(text.removeprefix(BOM_UTF8))
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as e:
        return [_broken_package_json(f"is not JSON: {e}")]
    if not isinstance(declared, dict):
        return [_broken_package_json("must hold an object")]
    return list(_missing_packages(declared, text.decode("utf-8", "replace"), packages))


def _broken_package_json(saying: str) -> Problem:
    return Problem("package.json", 1, 1, f"package.json {saying}", None, "error", "package-json")


def _missing_packages(
    declared: dict[str, Any], text: str, packages: dict[str, str]
) -> Iterator[Problem]:
    for section in _DEPENDENCIES:
        names = declared.get(section)
        for name in names if isinstance(names, dict) else ():
            if name.startswith(f"{_SCOPE}/") and name not in packages:
                line, column = _position_of(text, f'"{name}"')
                yield Problem(
                    "package.json",
                    line,
                    column,
                    f"{name} is declared but not installed",
                    "Run: npm install --ignore-scripts",
                    "warning",
                    "package-missing",
                )


def _position_of(text: str, word: str) -> tuple[int, int]:
    at = max(text.find(word), 0)
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def _module_folders(root: Path) -> Iterator[Path]:
    """`node_modules` of `root` and of every directory above it, nearest first."""
    start = root.absolute()
    for folder in (start, *start.parents):
        if folder.name != "node_modules":
            yield folder / "node_modules"


def _packages_in(scope: Path) -> list[Path]:
    try:
        return sorted(scope.iterdir())
    except (OSError, ValueError):
        return []


def _read_json_object(path: Path) -> dict[str, Any]:
    """The JSON object in the file, empty where there is none: it is not the user's to mend."""
    try:
        decoded = msgspec.json.decode(path.read_bytes().removeprefix(BOM_UTF8))
    except (OSError, ValueError, RecursionError, msgspec.DecodeError):
        return {}
    return decoded if isinstance(decoded, dict) else {}
