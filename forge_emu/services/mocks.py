"""Answers that the user has written for requests to products and remotes. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qs, unquote

import msgspec

from forge_emu.errors import UserError
from forge_emu.model import Json
from forge_emu.ports import AppRequest

METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
PRODUCTS: Final = ("jira", "confluence", "bitbucket")
FORM: Final = (
    "Write method and path, such as `GET /rest/api/3/issue/{key}`: {key} is one part of the path, "
    "a * at its end all the rest, and ?jql={jql} asks for a parameter."
)
_NAME: Final = re.compile(r"\{([A-Za-z_]\w*)\}")


@dataclass(frozen=True)
class RequestPattern:
    """Which requests a mock answers: `parameters` must be there, others may."""

    text: str
    method: str
    path: re.Pattern[str]
    parameters: tuple[tuple[str, re.Pattern[str]], ...] = ()

    def match(self, method: str, path: str) -> dict[str, str] | None:
        """What the names in braces stand for in this request; None where it does not match."""
        if method.upper() != self.method:
            return None
        where, _, query = path.partition("?")
        found = self.path.fullmatch(where)
        if found is None:
            return None
        names = {name: unquote(value) for name, value in found.groupdict().items()}
        given = parse_qs(query, keep_blank_values=True) if self.parameters else {}
        for name, pattern in self.parameters:
            fits = (pattern.fullmatch(value) for value in given.get(name, ()))
            first = next((fit for fit in fits if fit is not None), None)
            if first is None:
                return None
            names.update(first.groupdict())
        return names


@dataclass(frozen=True)
class Mock:
    """An answer, and what it answers. `where` is its place in the user's file.

    `product` None is any service. `body` is text as it is sent, or what becomes JSON.
    """

    where: str
    pattern: RequestPattern
    product: str | None = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Json = None
    is_json: bool = True

    def render_body(self, names: Mapping[str, str]) -> str:
        """The body, with what `names` stand for in the place of their braces."""
        filled = _fill_in(self.body, names) if names else self.body
        if not self.is_json:
            return str(filled)
        return "" if filled is None else msgspec.json.encode(filled).decode()


def find_mock(mocks: Iterable[Mock], request: AppRequest) -> tuple[Mock, dict[str, str]] | None:
    """The first mock that answers `request`, and what the names in its pattern stand for."""
    remote = request.options.get("remote")
    for mock in mocks:
        if mock.product is not None and mock.product != remote:
            continue
        names = mock.pattern.match(request.method, request.path)
        if names is not None:
            return mock, names
    return None


def parse_pattern(text: str) -> RequestPattern:
    """The pattern that `text` describes. Raises UserError."""
    words = text.split(maxsplit=1)
    if len(words) < 2 or words[0].upper() not in METHODS:
        raise UserError(f"{text[:80]!r} does not begin with a method and a path", FORM)
    method, path = words[0].upper(), words[1].strip()
    if not path.startswith("/") or any(character.isspace() for character in path):
        raise UserError(f"the path {path[:80]!r} does not begin with / or has blanks in it", FORM)
    where, _, query = path.partition("?")
    seen: set[str] = set()
    rest = where.endswith("*")
    pattern = _regex_source(where.removesuffix("*"), r"[^/?]+", seen, text) + (".*" if rest else "")
    parameters = tuple(
        (unquote(name), re.compile(_regex_source(unquote(value), ".*", seen, text), re.DOTALL))
        for name, _, value in (part.partition("=") for part in query.split("&") if part)
    )
    return RequestPattern(text, method, re.compile(pattern), parameters)


def _regex_source(text: str, one: str, seen: set[str], whole: str) -> str:
    parts: list[str] = []
    end = 0
    for name in _NAME.finditer(text):
        if name[1] in seen:
            raise UserError(f"{{{name[1]}}} stands twice in {whole[:80]!r}", FORM)
        seen.add(name[1])
        parts += [_escape_literal(text[end : name.start()], whole), f"(?P<{name[1]}>{one})"]
        end = name.end()
    return "".join([*parts, _escape_literal(text[end:], whole)])


def _escape_literal(text: str, whole: str) -> str:
    if found := re.search(r"[{}*]", text):
        raise UserError(f"{found[0]!r} in {whole[:80]!r} stands for nothing", FORM)
    return re.escape(text)


def _fill_in(value: Json, names: Mapping[str, str]) -> Json:
    if isinstance(value, str):
        return _NAME.sub(lambda name: names.get(name[1], name[0]), value)
    if isinstance(value, Mapping):
        return {key: _fill_in(inner, names) for key, inner in value.items()}
    if isinstance(value, Sequence):
        return [_fill_in(inner, names) for inner in value]
    return value
