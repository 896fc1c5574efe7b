"""The app that is checked, and what several rules need of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Protocol

from forge_emu.errors import Problem
from forge_emu.model import App
from forge_emu.rules.catalogue import Severity, severity_of
from forge_emu.rules.facts import ModuleFacts, SourceFacts, Unit
from forge_emu.settings import Settings

_LIFE_CYCLE = "avi:forge:"


class Located(Protocol):
    """Something with a place in a module."""

    @property
    def line(self) -> int:
        """Counted from 1."""
        ...

    @property
    def column(self) -> int:
        """Counted from 1."""
        ...


class RuleContext:
    """The app, what its sources do, and what surrounds it."""

    def __init__(
        self,
        app: App,
        facts: SourceFacts,
        packages: Mapping[str, str],
        is_undeclared: Callable[[str], bool],
        settings: Settings,
    ) -> None:
        self.app = app
        self.facts = facts
        self.packages = packages
        self.is_undeclared = is_undeclared
        self.settings = settings

    def problem_at(
        self,
        rule: str,
        module: ModuleFacts | str,
        at: Located | None,
        message: str,
        hint: str,
        severity: Severity = "error",
    ) -> Problem:
        """A finding at a place of a module, or in the file named.

        `severity` counts where the rule leaves it open.
        """
        file = module if isinstance(module, str) else module.file
        line, column = (at.line, at.column) if at else (0, 0)
        return Problem(file, line, column, message, hint, severity_of(rule, severity), rule)

    def major_version(self, package: str) -> int | None:
        """The major version of an installed package."""
        version = self.packages.get(package, "").split(".", 1)[0]
        return int(version) if version.isdigit() else None

    def handler_unit(self, function: str) -> Unit | None:
        """Where the handler of a function is."""
        known = self.app.functions.get(function)
        return self.facts.exported_unit(known.file, known.export) if known else None

    @cached_property
    def users_by_unit(self) -> dict[Unit, str]:
        """Units that run for one event of many, and which kind of module they run for.

        What the life of the app's installation sends comes once, and is left out.
        """
        users = [(c.function, "consumer", c.key) for c in self.app.consumers]
        users += [
            (t.function, "trigger", t.key)
            for t in self.app.triggers
            if not all(s.event.startswith(_LIFE_CYCLE) for s in t.subscriptions)
        ]
        found: dict[Unit, str] = {}
        for function, kind, key in users:
            for unit in self.reached_units(function):
                found.setdefault(unit, f"the {kind} {key!r}")
        return found

    def reached_units(self, function: str) -> frozenset[Unit]:
        """Every unit that a function's handler reaches."""
        start = self.handler_unit(function)
        return self.facts.units_reached_from([start]) if start else frozenset()

    @cached_property
    def modules(self) -> tuple[ModuleFacts, ...]:
        """The modules, by file."""
        return tuple(sorted(self.facts.modules, key=lambda m: m.file))

    @cached_property
    def sources_complete(self) -> bool:
        """Whether nothing of the sources is unknown."""
        return bool(self.facts.modules) and not self.facts.unread

    def is_python(self, module: ModuleFacts) -> bool:
        """Whether a module is written in Python."""
        return module.file.endswith(".py")
