"""A request of a remote to the REST APIs, and who makes it, as data. Pure."""

from __future__ import annotations

import msgspec


class ApiCaller(msgspec.Struct, frozen=True):
    """Who calls: the app itself, or a user with this account."""

    account: str | None = None


class ApiRequest(msgspec.Struct, frozen=True):
    """A request to the APIs, as it came in. `path` has the query; `token` is that of the header
    `authorization`."""

    method: str
    path: str
    headers: dict[str, str]
    body: str | None
    token: str
