"""The mock that would answer a request, as it can be written into `forge-emu.yml`."""

from __future__ import annotations

import re
from typing import Final

from forge_emu.errors import UserError
from forge_emu.ports import AppRequest
from forge_emu.services.mocks.addresses import looks_random
from forge_emu.services.mocks.graphql import PATHS, operation_name
from forge_emu.services.mocks.request_pattern import METHODS, parse_pattern, split_address

# What stands in a path for something that differs from one event to the next, the first that fits.
_IDS: Final = (
    ("accountId", re.compile(r"\d+(:|%3A)[0-9a-fA-F-]{36}|[0-9a-f]{24}", re.IGNORECASE)),
    ("uuid", re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")),
    ("key", re.compile(r"[A-Z][A-Z0-9_]+-\d+")),
    ("id", re.compile(r"\d+")),
    ("ari", re.compile(r"ari(:|%3A).*", re.IGNORECASE)),
)
_VERSION: Final = re.compile(r"\d{1,2}")
"""`3` in `/rest/api/3` is no id."""

_BEFORE_VERSION: Final = frozenset({"api", "rest", "v", "version", "webhooks"})
_GRAPHQL_NAME: Final = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_PLAIN: Final = re.compile(r"[A-Za-z0-9._~!$&'()+,;=:@%-]*")


def proposed_mock(request: AppRequest) -> str | None:
    """`{request: 'GET /rest/api/3/issue/{key}', body: {}}`; None where no mock can answer.

    A GraphQL request is proposed by its operation: `{operation: 'getIssue', body: {data: {}}}`.
    The reader of mocks takes it as it stands, and the mock answers `request`.
    """
    pattern = proposed_pattern(request.method, request.path)
    if pattern is None:
        return None
    quoted = "request: '" + pattern.replace("'", "''") + "'"
    operation = _graphql_operation(request)
    if operation is None:
        return f"{{{quoted}, body: {{}}}}"
    at_gateway = request.path.partition("?")[0] in PATHS and request.method == "POST"
    where = "" if at_gateway else f"{quoted}, "
    return f"{{{where}operation: '{operation}', body: {{data: {{}}}}}}"


def _graphql_operation(request: AppRequest) -> str | None:
    """The operation; None for anything but GraphQL, and for a name that is no name there."""
    path = request.path.partition("?")[0]
    if path not in PATHS and not path.endswith("/graphql"):
        return None
    name = operation_name(request.body)
    return name if name and _GRAPHQL_NAME.fullmatch(name) else None


def proposed_pattern(method: str, target: str) -> str | None:
    """Method and path or address, with names in braces where ids are; None where there is none."""
    if method not in METHODS:
        return None
    host, rest = split_address(target)
    path = _without_ids(rest.partition("?")[0])
    text = f"{method} {host or ''}{path}"
    try:
        fits = parse_pattern(text).match(method, target)
    except UserError:
        return None
    return None if fits is None else text


def _without_ids(path: str) -> str:
    seen: dict[str, int] = {}
    parts: list[str] = []
    for part in path.split("/"):
        name = _name_for(part, parts[-1] if parts else "")
        if name is not None:
            seen[name] = seen.get(name, 0) + 1
            name = name if seen[name] == 1 else f"{name}{seen[name]}"
        parts.append(part if name is None else f"{{{name}}}")
    return "/".join(parts)


def _name_for(part: str, before: str) -> str | None:
    """The name that stands for a part of a path; None where the part stands for itself."""
    if before.lower() in _BEFORE_VERSION and _VERSION.fullmatch(part):
        return None
    for name, form in _IDS:
        if form.fullmatch(part):
            return name
    if looks_random(part):
        return "token"
    return None if _PLAIN.fullmatch(part) else "part"
