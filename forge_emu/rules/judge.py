"""The rules, applied: facts of the sources against the manifest, the packages and the limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import chain

from forge_emu.errors import Problem
from forge_emu.model import App
from forge_emu.rules.about_packages import about_packages
from forge_emu.rules.about_queues import about_queues
from forge_emu.rules.about_retries import about_retries
from forge_emu.rules.about_store import about_store
from forge_emu.rules.case import Case
from forge_emu.rules.facts import Facts
from forge_emu.settings import Settings

_CHAPTERS: tuple[Callable[[Case], Iterator[Problem]], ...] = (
    about_packages,
    about_queues,
    about_retries,
    about_store,
)


def judge(
    app: App,
    facts: Facts,
    packages: Mapping[str, str],
    undeclared: Callable[[str], bool],
    settings: Settings,
) -> list[Problem]:
    """Everything that the rules find, by file and line.

    `packages` are the installed `@forge/*` packages with versions; `undeclared` tells of a package
    that it is installed though package.json does not name it.
    """
    case = Case(app, facts, packages, undeclared, settings)
    found = set(chain.from_iterable(chapter(case) for chapter in _CHAPTERS))
    return sorted(found, key=lambda p: (p.file, p.line, p.column, p.rule, p.message))
