"""Packages that are not installed, said once each and not at every import."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from forge_emu.appdir.packages import declared_packages
from forge_emu.errors import Problem

_MOST_ALONE: Final = 3
"""Declared packages that are named one by one; of more than these, nothing is installed yet."""
_SHOWN: Final = 8
_INSTALL: Final = "Run: npm install --ignore-scripts"
_NOT_INSTALLED: Final = re.compile(
    r'the package "((?:@[^/"]+/)?[^/"]+)(?:/[^"]*)?" is not installed'
)


def with_packages_once(root: Path, problems: Sequence[Problem]) -> list[Problem]:
    """`problems` with one for each package of the app at `root` that is not installed.

    Where more than a few of package.json are missing, one problem says so of all of them.
    """
    imports: dict[str, list[Problem]] = {}
    for problem in sorted(problems, key=lambda p: (p.file, p.line)):
        if package := _package_of(problem):
            imports.setdefault(package, []).append(problem)
    declared = [name for name in imports if name in declared_packages(root)]
    kept = [p for p in problems if _package_of(p) is None and not _is_repeated(p, imports)]
    if len(declared) > _MOST_ALONE:
        kept.append(_none_installed(declared, imports))
        imports = {name: found for name, found in imports.items() if name not in declared}
    return [*kept, *(_once(found, name in declared) for name, found in imports.items())]


def _package_of(problem: Problem) -> str | None:
    named = _NOT_INSTALLED.fullmatch(problem.message)
    return named[1] if named and problem.rule == "bundle" else None


def _is_repeated(problem: Problem, imports: Iterable[str]) -> bool:
    """Whether a warning about package.json says what the error of an import says."""
    return problem.rule == "package-missing" and problem.message.split(" ", 1)[0] in imports


def _once(found: Sequence[Problem], is_declared: bool) -> Problem:
    first = found[0]
    more = len({p.file for p in found}) - 1
    also = f"; {more} more file{'s import' if more > 1 else ' imports'} it" if more else ""
    hint = _INSTALL if is_declared else first.hint
    return msgspec.structs.replace(first, message=first.message + also, hint=hint)


def _none_installed(declared: Sequence[str], imports: dict[str, list[Problem]]) -> Problem:
    names = sorted(declared)
    shown = ", ".join(names[:_SHOWN])
    if len(names) > _SHOWN:
        shown += f" and {len(names) - _SHOWN} more"
    message = f"{len(names)} packages that package.json declares are not installed: {shown}"
    return msgspec.structs.replace(imports[declared[0]][0], message=message, hint=_INSTALL)
