"""A request to a product, read; what answers it; and how it is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from forge_emu.model import App, Json
from forge_emu.site.site import Site

NO_BODY: Final = object()
"""Stands for the body of a request that has none."""


class SiteError(Exception):
    """The product refuses a request with this status, body and headers."""

    def __init__(self, status: int, body: Json, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.body = body
        self.headers = dict(headers or {})


class NotEmulated(Exception):
    """A part of an operation that the site does not know; the text says which."""


@dataclass(frozen=True)
class SiteEvent:
    """A product event that a change of the site makes."""

    name: str
    payload: dict[str, Json]


@dataclass(frozen=True)
class Answer:
    """What a route answers. `body` None is an empty one, `text` stands for a body that is no JSON;
    `objects` counts what was read."""

    status: int = 200
    body: Json = None
    events: Sequence[SiteEvent] = ()
    objects: int = 1
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str | None = None


@dataclass(frozen=True)
class SiteCall:
    """A request, read.

    `path` has neither a slash at its beginning nor the product's prefix (`/wiki`). `names` are the
    parts of it that the route names. `account` is in whose name it comes,
    None for nobody; `as_app` says that this is the app. `now_ms` counts from 1970. `body` is
    `NO_BODY` where there is none, or where the route reads `text`, which has the body as it came.
    Names of `headers` are in small letters. Two are settings.
    """

    site: Site
    app: App
    now_ms: int
    method: str
    names: Mapping[str, str]
    query: Mapping[str, Sequence[str]]
    body: Json
    account: str | None
    as_app: bool
    path: str = ""
    unchanged_edits_tell: bool = True
    old_search_works: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str = ""

    def param(self, name: str) -> str | None:
        """The first value of a parameter of the query."""
        values = self.query.get(name)
        return values[0] if values else None

    def params(self, name: str) -> list[str]:
        """Every value of a parameter, which may be repeated or hold several behind commas."""
        values = self.query.get(name, ())
        return [part.strip() for value in values for part in value.split(",") if part.strip()]

    def int_param(self, name: str, otherwise: int) -> int:
        """A parameter as a whole number; `otherwise` where it is none."""
        text = self.param(name) or ""
        return int(text) if text.isdecimal() else otherwise

    def flag(self, name: str, *, otherwise: bool = False) -> bool:
        """A parameter as true or false."""
        text = self.param(name)
        return otherwise if text is None else text.lower() == "true"

    def object(self) -> dict[str, Json]:
        """The body, which has to be a JSON object. Raises SiteError (400)."""
        if isinstance(self.body, dict):
            return self.body
        raise SiteError(400, {"errorMessages": ["Invalid request payload. Refer to the REST API "
                                                "documentation and try again."]})  # fmt: skip


def decode_body(text: str | None) -> Any:
    """The JSON of a body; `NO_BODY` for an empty one. Raises SiteError (400) for what is none."""
    if not text:
        return NO_BODY
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        raise SiteError(400, {"errorMessages": ["There was an error parsing JSON. Check that your "
                                                "request body is valid."]}) from None  # fmt: skip
