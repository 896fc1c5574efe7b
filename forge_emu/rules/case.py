"""One app under judgement, and what several rules ask of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Protocol

from forge_emu.errors import Problem
from forge_emu.model import App
from forge_emu.rules.catalogue import Severity, severity_of
from forge_emu.rules.facts import Facts, ModuleFacts, Unit
from forge_emu.settings import Settings


class Placed(Protocol):
    """Something with a place in a module."""

    @property
    def line(self) -> int:
        """From 1."""
        ...

    @property
    def column(self) -> int:
        """From 1."""
        ...


class Case:
    """The app, what its sources do, and what surrounds it."""

    def __init__(
        self,
        app: App,
        facts: Facts,
        packages: Mapping[str, str],
        undeclared: Callable[[str], bool],
        settings: Settings,
    ) -> None:
        self.app = app
        self.facts = facts
        self.packages = packages
        self.undeclared = undeclared
        self.settings = settings

    def problem(
        self,
        rule: str,
        module: ModuleFacts | str,
        at: Placed | None,
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

    def major(self, package: str) -> int | None:
        """The major version of an installed package."""
        version = self.packages.get(package, "").split(".", 1)[0]
        return int(version) if version.isdigit() else None

    def unit_of(self, function: str) -> Unit | None:
        """Where the handler of a function is."""
        known = self.app.functions.get(function)
        return self.facts.exported(known.file, known.export) if known else None

    @cached_property
    def handled(self) -> dict[Unit, str]:
        """Units that run for an event, and which kind of module they run for."""
        users = [(c.function, "consumer", c.key) for c in self.app.consumers]
        users += [(t.function, "trigger", t.key) for t in self.app.triggers]
        found: dict[Unit, str] = {}
        for function, kind, key in users:
            for unit in self.reached(function):
                found.setdefault(unit, f"the {kind} {key!r}")
        return found

    def reached(self, function: str) -> frozenset[Unit]:
        """Every unit that a function's handler reaches."""
        start = self.unit_of(function)
        return self.facts.reached_from([start]) if start else frozenset()

    @cached_property
    def modules(self) -> tuple[ModuleFacts, ...]:
        """By file."""
        return tuple(sorted(self.facts.modules, key=lambda m: m.file))

    @cached_property
    def sources_complete(self) -> bool:
        """Whether nothing of the sources is unknown."""
        return bool(self.facts.modules) and not self.facts.unread

    def is_python(self, module: ModuleFacts) -> bool:
        """Whether a module is written in Python."""
        return module.file.endswith(".py")
