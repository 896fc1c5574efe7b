"""Problems are collected, never raised one by one: the user sees all of them at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final, Literal

from forge_emu.errors import Problem
from forge_emu.nearest import CUTOFF, did_you_mean, nearest
from forge_emu.yamlsource.nodes import Part, SourcePosition, shorten

MOST_PER_SEVERITY: Final = 100
"""Errors and warnings that are shown, of each; a wrong file must not give thousands."""


class TooManyErrors(Exception):
    """There are MOST errors: nobody reads more, so looking for them ends."""


class Findings:
    """What is wrong with one file, in the order of its lines."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.paths: set[tuple[str | int, ...]] = set()
        self._problems_by_place: dict[tuple[SourcePosition, str], Problem] = {}
        self._unknown_values: set[SourcePosition] = set()
        self._counts = {"error": 0, "warning": 0}
        self._partial_errors = 0

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All problems, by line and column."""
        found = sorted(self._problems_by_place.values(), key=lambda p: (p.line, p.column))
        unnoted = self._counts["warning"] - MOST_PER_SEVERITY
        if unnoted > 0:
            found.append(
                Problem(self.file, 0, 0, f"and {unnoted} more warnings", severity="warning")
            )
        if self._counts["error"] >= MOST_PER_SEVERITY:
            found.append(Problem(self.file, 0, 0, "and perhaps more errors", "Mend these first."))
        return tuple(found)

    @property
    def has_errors(self) -> bool:
        """Whether the app cannot be loaded."""
        return self._counts["error"] > self._partial_errors

    @property
    def is_crowded(self) -> bool:
        """Whether there are so many problems that nobody reads hints, which cost time."""
        return sum(self._counts.values()) > MOST_PER_SEVERITY

    def nearest(self, word: str, candidates: Collection[str], cutoff: float = CUTOFF) -> list[str]:
        """Up to three of `candidates` that `word` may have been meant to be."""
        return [] if self.is_crowded else nearest(word, candidates, cutoff=cutoff)

    def did_you_mean(self, word: str, candidates: Collection[str]) -> str | None:
        """A hint with the nearest of `candidates`, None when none is near."""
        return did_you_mean(self.nearest(word, candidates))

    def error(
        self, at: Part, message: str, hint: str | None = None, rule: str = "manifest"
    ) -> None:
        """Note an error about the value of `at`."""
        self._add_problem(at.path, at.place, message, hint, "error", rule)

    def mark_unknown(self, at: Part) -> None:
        """Note nothing more about `at`: what its value will be is not known."""
        self._unknown_values.add(at.place)

    def partial_error(
        self, at: Part, message: str, hint: str | None, rule: str, *, at_key: bool = False
    ) -> None:
        """Note an error about `at` that does not keep the rest from being used."""
        before = self._counts["error"]
        note = self.error_at_key if at_key else self.error
        note(at, message, hint, rule)
        self._partial_errors += self._counts["error"] - before

    def warn(self, at: Part, message: str, hint: str | None = None, rule: str = "manifest") -> None:
        """Note a warning about the value of `at`."""
        self._add_problem(at.path, at.place, message, hint, "warning", rule)

    def error_at_key(
        self, at: Part, message: str, hint: str | None = None, rule: str = "manifest"
    ) -> None:
        """Note an error about `at`, placed at its key."""
        self._add_problem(at.path, at.key_place, message, hint, "error", rule)

    def warn_at_key(
        self, at: Part, message: str, hint: str | None = None, rule: str = "manifest"
    ) -> None:
        """Note a warning about `at`, placed at its key."""
        self._add_problem(at.path, at.key_place, message, hint, "warning", rule)

    def warn_in_text(
        self, at: Part, offset: int, message: str, hint: str | None, rule: str
    ) -> None:
        """Note a warning about the character at `offset` of the text of `at`."""
        self._add_problem(at.path, at.position_in_text(offset), message, hint, "warning", rule)

    def error_missing(self, parent: Part, name: str, hint: str | None = None) -> None:
        """Note that `parent` lacks the property `name`."""
        message = f"{parent.name} has no {name!r}" if parent.path else f"there is no {name!r}"
        self._add_problem((*parent.path, name), parent.place, message, hint, "error", "missing")

    def warn_missing(
        self,
        parent: Part,
        name: str,
        message: str,
        hint: str | None = None,
        rule: str = "missing",
    ) -> None:
        """Note that `parent` lacks the property `name`, which the emulator can do without."""
        self._add_problem((*parent.path, name), parent.place, message, hint, "warning", rule)

    def _add_problem(
        self,
        path: tuple[str | int, ...],
        place: SourcePosition,
        message: str,
        hint: str | None,
        severity: Literal["error", "warning"],
        rule: str,
    ) -> None:
        if rule != "not-emulated":
            # Of a part that is not emulated nothing has been checked.
            self.paths.add(path)
        if place in self._unknown_values or (place, message) in self._problems_by_place:
            return
        self._counts[severity] += 1
        if self._counts[severity] <= MOST_PER_SEVERITY:
            self._problems_by_place[place, message] = Problem(
                self.file, *place, message, hint, severity, rule
            )
        if self._counts["error"] >= MOST_PER_SEVERITY:
            raise TooManyErrors


def join_names(names: Iterable[str], most: int = 8) -> str:
    """`a, b, c`, cut short after `most`."""
    all_names = list(names)
    shown = ", ".join(shorten(name, 60) for name in all_names[:most])
    return f"{shown} and {len(all_names) - most} more" if len(all_names) > most else shown
