"""Where in the app something is: file and line of a handler, of a manifest entry, of a call."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from enum import IntEnum

from forge_emu.model import App, Function, Millis
from forge_emu.report.advice.imported_sources import Sources, imported_sources

MOST_PLACES = 3
"""Places named for one finding."""

_COMMENT = re.compile(r"\s*(//|\*|/\*|#)")
_DEFINITION = re.compile(
    r"(export|async|function|class|const|let|var|def|module\.exports|exports)\b|@\w"
)
"""What begins at the left margin after the end of a handler."""


class Fit(IntEnum):
    """How well a line of code fits what is sought."""

    CERTAIN = 0
    POSSIBLE = 1
    UNLIKELY = 2
    IMPOSSIBLE = 3


class SourcePlaces:
    """Finds places as `file:line`; none where it is not known.

    `read` gives the app's own sources; it is called once, at the first look-up. Those that no
    handler imports are left out.
    """

    def __init__(self, app: App | None = None, read: Callable[[], Sources] = dict) -> None:
        self._app = app
        self._read_sources = read
        self._sources: Sources | None = None

    def find_handler(self, function: str | None) -> list[str]:
        """Where a function of the manifest is written, or else declared."""
        found = self._function(function)
        if found is None or self._app is None:
            return []
        if number := self._handler_line(found):
            return [f"{found.file}:{number}"]
        return [f"{self._app.manifest}:{found.line}"]

    def find_declaration(self, function: str | None) -> list[str]:
        """Where the manifest declares a function."""
        found = self._function(function)
        return [f"{self._app.manifest}:{found.line}"] if found and self._app else []

    def declared_timeout(self, function: str) -> Millis | None:
        """The `timeoutSeconds` that the manifest gives a function; None if it gives none."""
        found = self._function(function)
        return found.timeout_ms if found else None

    def find_trigger(self, key: str) -> list[str]:
        """Where the manifest has a trigger."""
        triggers = self._app.triggers if self._app else ()
        return [f"{self._app.manifest}:{t.line}" for t in triggers if self._app and t.key == key]

    def find_code(
        self, pattern: str, near: str | None = None, fit: Callable[[str], Fit] | None = None
    ) -> list[str]:
        """Where the app's code matches `pattern`: first in function `near`, then in its file.

        `fit` says how well a line fits: those that fit better come before others of the same
        part of the code, and those that cannot be it are left out if there are any that can.
        """
        sought = re.compile(pattern)
        found = self._function(near)
        first = found.file if found else ""
        body = self._handler_body(found) if found else range(0)
        names = sorted(self._load_sources(), key=lambda name: (name != first, name))
        places = [
            (Fit.POSSIBLE if fit is None else fit(line), name, number)
            for name in names
            for number, line in self._lines_of(name, body if name == first else range(0))
            if sought.search(line)
        ]
        places = [place for place in places if place[0] is not Fit.IMPOSSIBLE] or places
        # The sort keeps the order of those that fit alike.
        places.sort(key=lambda p: (p[1] != first, p[1], p[2] not in body, p[0]))
        return [f"{name}:{number}" for _, name, number in places[:MOST_PLACES]]

    def _handler_line(self, function: Function) -> int:
        """The line on which a handler's definition begins; 0 where it is not found."""
        export = re.escape(function.export)
        defined = re.compile(
            rf"(function\s*\*?\s*{export}\b|(const|let|var)\s+{export}\b|exports\.{export}\s*="
            rf"|def\s+{export}\b|\b{export}\s*[:=]\s*(async\b|function\b|\())"
        )
        lines = _code_lines(self._source_text(function.file))
        return next((number for number, line in lines if defined.search(line)), 0)

    def _handler_body(self, function: Function) -> range:
        """The lines of a handler, up to the next definition at the left margin."""
        first = self._handler_line(function)
        if not first:
            return range(0)
        lines = self._source_text(function.file).splitlines()
        after = range(first + 1, len(lines) + 1)
        end = next((n for n in after if _DEFINITION.match(lines[n - 1])), len(lines) + 1)
        return range(first, end)

    def _lines_of(self, name: str, first: range) -> list[tuple[int, str]]:
        """The numbered lines of a file that are no comment, those within `first` before others."""
        lines = _code_lines(self._source_text(name))
        return sorted(lines, key=lambda line: (line[0] not in first, line[0]))

    def _function(self, key: str | None) -> Function | None:
        return self._app.functions.get(key) if self._app and key else None

    def _load_sources(self) -> Sources:
        if self._sources is None:
            handlers = [f.file for f in self._app.functions.values()] if self._app else []
            sources = self._read_sources()
            self._sources = imported_sources(sources, handlers) if handlers else sources
        return self._sources

    def _source_text(self, file: str) -> str:
        return self._load_sources().get(file, "")


def _code_lines(text: str) -> Iterator[tuple[int, str]]:
    """The numbered lines that are no comment."""
    for number, line in enumerate(text.splitlines(), 1):
        if not _COMMENT.match(line):
            yield number, line
