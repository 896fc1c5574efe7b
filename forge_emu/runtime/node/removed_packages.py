"""Packages in an app's bundle that need a part of Forge that is gone: the sandbox, UI Kit 1."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, Literal, TypeAlias

import msgspec
from msgspec import structs

from forge_emu.errors import Problem
from forge_emu.ports import BuildResult
from forge_emu.runtime.host.wire import LoadFailure
from forge_emu.runtime.node.package_json import version_in
from forge_emu.runtime.node.source_text import line_and_column

RULE: Final = "package-removed"

_Severity: TypeAlias = Literal["error", "warning"]
_Version: TypeAlias = tuple[int, int]


class _RemovedPackage(msgspec.Struct, frozen=True):
    """`before` is the first version that does not need what is gone, None where all of them do."""

    before: _Version | None
    needs: str
    hint: str


_SANDBOX = "works only in the sandbox runtime, which Forge no longer has"
# The first versions that can do without the global `api` of the sandbox.
_REMOVED: Final = {
    "@forge/api": _RemovedPackage(
        (2, 10),
        _SANDBOX,
        "Run `npm install @forge/api@2` for the oldest version that works (its calls are the "
        "same), or `npm install @forge/api` for the newest.",
    ),
    "@forge/events": _RemovedPackage(
        (0, 8),
        _SANDBOX,
        "Run `npm install @forge/events@0` for the oldest version that works (its calls are the "
        "same), or `npm install @forge/events` for the newest.",
    ),
    "@forge/ui": _RemovedPackage(
        None,
        "is UI Kit 1, which Forge no longer has, so what it shows is not run here",
        "Move the user interface to @forge/react (https://developer.atlassian.com/platform/forge/"
        "ui-kit/upgrade-to-ui-kit-latest/), and keep handlers of events in files without it.",
    ),
}
_UI_KIT_1: Final = "@forge/ui"
_PACKAGE_IN_PATH = re.compile(r"^(?P<folder>(?:.*/)?node_modules/(?P<name>@forge/[^/]+))/")
_JSX_WITHOUT_REACT = "React is not defined"


def removed_package_problems(
    root: Path, inputs: Iterable[str], sources: Sequence[str]
) -> Iterator[Problem]:
    """Packages of the bundle that need what is gone: an error, for UI Kit 1 a warning.

    `inputs` are the files of the bundle, `sources` those of the app among them, relative to `root`.
    """
    matches = (_PACKAGE_IN_PATH.match(name) for name in inputs)
    folders = {(m["name"], m["folder"]) for m in matches if m and m["name"] in _REMOVED}
    read_source = _source_reader(root)
    for name, folder in sorted(folders):
        version, removed = version_in(root / folder), _REMOVED[name]
        if removed.before is not None and (
            version is None or _major_and_minor(version) >= removed.before
        ):
            continue
        file, line, column = _first_import(name, sources, read_source)
        message = f"{name} {version or ''} ".replace("  ", " ") + removed.needs
        severity: _Severity = "warning" if name == _UI_KIT_1 else "error"
        yield Problem(file, line, column, message, removed.hint, severity, RULE)


def ui_kit_1_problem(root: Path, failure: LoadFailure) -> Problem | None:
    """The error for a module that failed while loading because its user interface is UI Kit 1."""
    if failure.error.message != _JSX_WITHOUT_REACT:
        return None
    return shown_with_ui_kit_1(root, failure.source or failure.file, failure.line, failure.column)


def shown_with_ui_kit_1(root: Path, file: str, line: int, column: int) -> Problem | None:
    """The error for JSX at a place in a file, if the file imports UI Kit 1."""
    if _first_import(_UI_KIT_1, [file], _source_reader(root))[1] == 0:
        return None
    removed = _REMOVED[_UI_KIT_1]
    message = f"{file} shows a user interface with {_UI_KIT_1}: UI Kit 1, which Forge no longer has"
    return Problem(file, line, column, message, removed.hint, rule=RULE)


def without_repeated(result: BuildResult) -> BuildResult:
    """The result without warnings of UI Kit 1, where the error of a file says the same."""
    errors = {p.file for p in result.problems if p.rule == RULE and p.severity == "error"}
    blamed = (*result.unloaded.values(),)
    kept = (
        p
        for p in result.problems
        if p.rule != RULE or p.severity == "error" or p.file not in errors or p in blamed
    )
    return structs.replace(result, problems=tuple(kept))


def _first_import(
    package: str, sources: Iterable[str], read_source: Callable[[str], str]
) -> tuple[str, int, int]:
    """Where the app first names the package; its package.json where another package imports it."""
    quoted = re.compile(rf"""(['"`]){re.escape(package)}(?:/[^'"`\n]*)?\1""")
    for name in sources:
        text = read_source(name)
        if found := quoted.search(text):
            at = found.start()
            return name, *line_and_column(text, at)
    return "package.json", 0, 0


def _source_reader(root: Path) -> Callable[[str], str]:
    def read_source(name: str) -> str:
        try:
            return (root / name).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""

    return read_source


def _major_and_minor(version: str) -> _Version:
    numbers = re.match(r"(\d+)\.(\d+)", version)
    return (int(numbers[1]), int(numbers[2])) if numbers else (0, 0)
