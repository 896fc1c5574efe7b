"""Answers that the user has written for what an app asks products, remotes and the outside. Pure.

A mock says which requests it answers, and what: one answer, or several in turn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from forge_emu.model import Json
from forge_emu.ports import AppRequest
from forge_emu.services.mocks.graphql import operation_name
from forge_emu.services.mocks.request_pattern import NAME, RequestPattern

PRODUCTS: Final = ("jira", "confluence", "bitbucket")


class MockAnswer(msgspec.Struct, frozen=True):
    """One answer. `body` is text as it is sent, or what becomes JSON (`is_json`).

    `file` is the name of the file that it stands in, within the app.
    """

    status: int = 200
    headers: Mapping[str, str] = msgspec.field(default_factory=dict)
    body: Json = None
    is_json: bool = True
    file: str | None = None

    def render_body(self, names: Mapping[str, str]) -> str:
        """The body, with what `names` stand for in the place of their braces."""
        filled = _fill_in(self.body, names) if names else self.body
        if not self.is_json:
            return str(filled)
        return "" if filled is None else msgspec.json.encode(filled).decode()


class Mock(msgspec.Struct, frozen=True):
    """Answers, and what they answer. `where` is the mock's place in the user's file.

    `product` None is any service. `request_body` None is any body; text has to be in the body, and
    everything else has to be in its JSON. `operation` None is any request; otherwise it is the
    name of a GraphQL operation. `answers` come in turn, and the last one is repeated.
    """

    where: str
    pattern: RequestPattern
    product: str | None = None
    answers: tuple[MockAnswer, ...] = (MockAnswer(),)
    request_body: Json = None
    operation: str | None = None

    def match(self, request: AppRequest) -> dict[str, str] | None:
        """What the names in braces stand for in `request`; None where it is another request."""
        if self.product is not None and self.product != request.options.get("remote"):
            return None
        names = self.pattern.match(request.method, request.path)
        if names is None:
            return None
        if self.operation is not None and self.operation != operation_name(request.body):
            return None
        if self.request_body is None:
            return names
        return names if _body_fits(self.request_body, request.body) else None


class FoundMock(msgspec.Struct, frozen=True):
    """The mock that answers a request, which of its answers it is, and what its names stand for."""

    mock: Mock
    answer: MockAnswer
    names: Mapping[str, str]


class Mocks:
    """The mocks in force, and how many requests each has answered in this run.

    Counts belong to a mock by its place and its pattern: one that stays in its line keeps them when
    the file is read again. A restart begins anew.
    """

    def __init__(self) -> None:
        self.all: Sequence[Mock] = ()
        self._answered: Counter[tuple[str, str, str | None]] = Counter()

    def has_answer(self, request: AppRequest) -> bool:
        """Whether a mock answers `request`; it does not count as an answer."""
        return any(mock.match(request) is not None for mock in self.all)

    def take_answer(self, request: AppRequest) -> FoundMock | None:
        """The next answer of the first mock that answers `request`; None where none does."""
        for mock in self.all:
            names = mock.match(request)
            if names is not None:
                place = (mock.where, mock.pattern.text, mock.operation)
                turn = min(self._answered[place], len(mock.answers) - 1)
                self._answered[place] += 1
                return FoundMock(mock, mock.answers[turn], names)
        return None


def _body_fits(wanted: Json, body: str | None) -> bool:
    if isinstance(wanted, str):
        return wanted in (body or "")
    try:
        given = msgspec.json.decode(body or "")
    except (msgspec.DecodeError, RecursionError):
        return False
    return _is_part_of(wanted, given)


def _is_part_of(wanted: Json, given: Json) -> bool:
    """Whether `given` has all that `wanted` has: fields of objects, and items of lists in order."""
    if isinstance(wanted, Mapping):
        return isinstance(given, Mapping) and all(
            name in given and _is_part_of(inner, given[name]) for name, inner in wanted.items()
        )
    if isinstance(wanted, list | tuple):
        same_length = isinstance(given, list) and len(given) == len(wanted)
        return same_length and all(map(_is_part_of, wanted, given))
    if isinstance(wanted, bool) or isinstance(given, bool):
        return wanted is given
    return bool(wanted == given)


def _fill_in(value: Json, names: Mapping[str, str]) -> Json:
    if isinstance(value, str):
        return NAME.sub(lambda name: names.get(name[1], name[0]), value)
    if isinstance(value, Mapping):
        return {key: _fill_in(inner, names) for key, inner in value.items()}
    if isinstance(value, Sequence):
        return [_fill_in(inner, names) for inner in value]
    return value
