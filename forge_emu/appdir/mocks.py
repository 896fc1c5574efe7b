"""`mocks:` in `forge-emu.yml`: what the user's own answers to an app's requests look like."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Final

from forge_emu.appdir.folder import path_inside
from forge_emu.appdir.problem_reports import ReportProblem
from forge_emu.errors import UserError
from forge_emu.model import Json
from forge_emu.services.mocks.mock import PRODUCTS, Mock, MockAnswer
from forge_emu.services.mocks.request_pattern import FORM, RequestPattern, parse_pattern
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
ANSWER_FIELDS: Final = ("status", "headers", "body", "file")
MOCK_FIELDS: Final = ("request", "operation", "product", "request_body", *ANSWER_FIELDS, "answers")
_HINT: Final = f"A mock has: {', '.join(MOCK_FIELDS)}; only `request` or `operation` is needed."
_GRAPHQL: Final = "POST /graphql*"
"""What a mock with an operation alone answers."""

GRAPHQL_NAME: Final = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_ANSWER_HINT: Final = f"An answer has: {', '.join(ANSWER_FIELDS)}."


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
        self._check_fields(part, MOCK_FIELDS, _HINT)
        operation = self._operation()
        pattern = self._pattern()
        answers, product, request_body = self._answers(), self._product(), self._request_body()
        if pattern is None or not self._valid:
            return None
        where = f"{self._file}:{part.place.line}"
        return Mock(where, pattern, product, answers, request_body, operation)

    def _answers(self) -> tuple[MockAnswer, ...]:
        """The answers that come in turn, or the only one."""
        found = self._part.get("answers")
        if found is None:
            return (self._answer(self._part),)
        for name in ANSWER_FIELDS:
            if (beside := self._part.get(name)) is not None:
                message = f"{self._part.name} has both {name} and answers"
                self._report(beside, message, f"Give {name} to each of the answers.")
        items = list(found.items())
        if not items:
            message = f"{found.name} must be a list of answers, found {describe(found.node)}"
            self._report(found, message, _ANSWER_HINT)
        answers = []
        for item in items:
            if isinstance(item.node, MappingNode):
                self._check_fields(item, ANSWER_FIELDS, _ANSWER_HINT)
                answers.append(self._answer(item))
            else:
                message = f"{item.name} must be a mapping, found {describe(item.node)}"
                self._report(item, message, _ANSWER_HINT)
        return tuple(answers)

    def _answer(self, part: Part) -> MockAnswer:
        body, is_json = self._body(part)
        headers = self._headers(part)
        kind = "application/json" if is_json else "text/plain; charset=utf-8"
        if body is not None and "content-type" not in headers:
            headers = {"content-type": kind, **headers}
        source = part.get("file")
        # Anything else is reported with the body.
        file = source.node.text if source and isinstance(source.node, ScalarNode) else None
        return MockAnswer(self._status(part), headers, body, is_json, file)

    def _request_body(self) -> Json:
        found = self._part.get("request_body")
        if found is None:
            return None
        wanted = to_json(found.node)
        if wanted is None or wanted == "":
            hint = "Give text that the body must have in it, or fields of its JSON."
            self._report(found, f"{found.name} says nothing", hint)
        return wanted

    def _operation(self) -> str | None:
        found = self._part.get("operation")
        if found is None:
            return None
        name = self._text(found)
        if name is not None and GRAPHQL_NAME.fullmatch(name) is None:
            message = f"{found.name} cannot be {name[:60]!r}: it is no name of GraphQL"
            self._report(found, message, "Such as: operation: getIssue, for `query getIssue {`.")
        return name

    def _check_fields(self, part: Part, known: tuple[str, ...], hint: str) -> None:
        for name, inner in part.properties():
            if name not in known:
                message = f"{part.name} has no field {name[:60]!r}"
                self._report(inner, message, hint, inner.key_place)

    def _pattern(self) -> RequestPattern | None:
        found = self._part.get("request")
        if found is None and self._part.get("operation") is not None:
            return parse_pattern(_GRAPHQL)
        if found is None:
            self._report(self._part, f"{self._part.name} does not say which request", FORM)
            return None
        text = self._text(found)
        try:
            return None if text is None else parse_pattern(text)
        except UserError as error:
            self._report(found, f"{found.name}: {error.message}", error.hint)
            return None

    def _status(self, part: Part) -> int:
        found = part.get("status")
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

    def _headers(self, part: Part) -> dict[str, str]:
        found = part.get("headers")
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

    def _body(self, part: Part) -> tuple[Json, bool]:
        """The body, and whether it is sent as JSON."""
        given, file = part.get("body"), part.get("file")
        if given is not None and file is not None:
            self._report(file, f"{part.name} has both body and file", "Keep one of them.")
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
        node = part.node
        if isinstance(node, ScalarNode) and node.value is not None and node.text:
            return node.text
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
