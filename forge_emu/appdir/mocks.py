"""`mocks:` in `forge-emu.yml`: what the user's own answers to product requests look like."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from forge_emu.appdir.folder import path_inside
from forge_emu.appdir.problem_reports import ReportProblem
from forge_emu.errors import UserError
from forge_emu.model import Json
from forge_emu.services.mocks import FORM, PRODUCTS, Mock, RequestPattern, parse_pattern
from forge_emu.yamlsource import (
    MappingNode,
    Part,
    ScalarNode,
    SequenceNode,
    SourcePosition,
    describe,
    to_json,
)

MOST_BYTES: Final = 1_000_000
_FIELDS: Final = ("request", "product", "status", "headers", "body", "file")
_HINT: Final = f"A mock has: {', '.join(_FIELDS)}; only `request` is needed."


def read_mocks(part: Part, root: Path, file: str, report: ReportProblem) -> tuple[Mock, ...]:
    """The mocks that `part` of `file` lists, as far as they are valid; `report` gets the rest.

    The files they name are read, and must lie in `root`.
    """
    if not isinstance(part.node, SequenceNode):
        report(part, f"mocks must be a list, found {describe(part.node)}", _HINT)
    read = (_MockReader(item, root, file, report).read_mock() for item in part.items())
    return tuple(mock for mock in read if mock is not None)


class _MockReader:
    """One mock."""

    def __init__(self, part: Part, root: Path, file: str, report_problem: ReportProblem) -> None:
        self._part = part
        self._root = root
        self._file = file
        self._report_problem = report_problem
        self._valid = True

    def read_mock(self) -> Mock | None:
        """The mock; None where something about it is wrong."""
        part = self._part
        if not isinstance(part.node, MappingNode):
            self._report(part, f"{part.name} must be a mapping, found {describe(part.node)}", _HINT)
            return None
        for name, inner in part.properties():
            if name not in _FIELDS:
                message = f"{part.name} has no field {name[:60]!r}"
                self._report(inner, message, _HINT, inner.key_place)
        pattern = self._pattern()
        body, is_json = self._body()
        status, headers, product = self._status(), self._headers(), self._product()
        if pattern is None or not self._valid:
            return None
        kind = "application/json" if is_json else "text/plain; charset=utf-8"
        typed = any(name == "content-type" for name in headers)
        if body is not None and not typed:
            headers = {"content-type": kind, **headers}
        where = f"{self._file}:{part.place.line}"
        return Mock(where, pattern, product, status, headers, body, is_json)

    def _pattern(self) -> RequestPattern | None:
        found = self._part.get("request")
        if found is None:
            self._report(self._part, f"{self._part.name} does not say which request", FORM)
            return None
        text = self._text(found)
        try:
            return None if text is None else parse_pattern(text)
        except UserError as error:
            self._report(found, f"{found.name}: {error.message}", error.hint)
            return None

    def _status(self) -> int:
        found = self._part.get("status")
        if found is None:
            return 200
        value = found.node.value if isinstance(found.node, ScalarNode) else None
        if not isinstance(value, int) or isinstance(value, bool) or not 200 <= value <= 599:
            message = f"{found.name} must be a status from 200 to 599, found {describe(found.node)}"
            self._report(found, message, None)
            return 200
        return value

    def _product(self) -> str | None:
        found = self._part.get("product")
        if found is None:
            return None
        word = self._text(found)
        if word is not None and word not in PRODUCTS:
            hint = f"It is one of: {', '.join(PRODUCTS)}; without it, every service is meant."
            self._report(found, f"there is no product {word[:60]!r}", hint)
        return word

    def _headers(self) -> dict[str, str]:
        found = self._part.get("headers")
        if found is None:
            return {}
        if not isinstance(found.node, MappingNode):
            message = f"{found.name} must be a mapping, found {describe(found.node)}"
            self._report(found, message, 'Such as: headers: {Retry-After: "5"}')
        headers: dict[str, str] = {}
        for name, inner in found.properties():
            value = self._text(inner)
            if value is not None and _is_header(name, value):
                headers[name.lower()] = value
            elif value is not None:
                self._report(inner, f"{inner.name} cannot be the header of an answer", None)
        return headers

    def _body(self) -> tuple[Json, bool]:
        """The body, and whether it is sent as JSON."""
        given, file = self._part.get("body"), self._part.get("file")
        if given is not None and file is not None:
            self._report(file, f"{self._part.name} has both body and file", "Keep one of them.")
        if file is not None:
            return self._from_file(file)
        body = None if given is None else to_json(given.node)
        return body, not isinstance(body, str)

    def _from_file(self, part: Part) -> tuple[Json, bool]:
        name = self._text(part)
        if name is None:
            return None, True
        try:
            content = _read_body_file(path_inside(self._root, name), name)
            return (json.loads(content), True) if name.endswith(".json") else (content, False)
        except UserError as error:
            self._report(part, f"{part.name}: {error.message}", error.hint)
        except OSError as error:
            message = f"{part.name}: cannot read {name!r}: {error.strerror or error}"
            self._report(part, message, "Its path begins at the app's directory.")
        except json.JSONDecodeError as error:
            message = f"{part.name}: {name}:{error.lineno}:{error.colno} {error.msg}"
            self._report(part, message, "A file called .json must hold JSON.")
        except (UnicodeDecodeError, RecursionError):
            self._report(part, f"{part.name}: {name} is no text that can be read", None)
        return None, True

    def _text(self, part: Part) -> str | None:
        if isinstance(part.node, ScalarNode) and part.node.text:
            return part.node.text
        self._report(part, f"{part.name} must be text, found {describe(part.node)}", None)
        return None

    def _report(
        self, part: Part, message: str, hint: str | None, place: SourcePosition | None = None
    ) -> None:
        self._valid = False
        self._report_problem(part, message, hint, place)


def _read_body_file(path: Path, name: str) -> str:
    if not path.is_file():
        raise UserError(f"there is no file {name!r}", "Its path begins at the app's directory.")
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise UserError(f"{name!r} is over {MOST_BYTES:,} bytes", "Give a shorter answer.")
    return content.decode()


def _is_header(name: str, value: str) -> bool:
    plain = name.isascii() and name.replace("-", "").replace("_", "").isalnum()
    return plain and value.isascii() and value.isprintable()
