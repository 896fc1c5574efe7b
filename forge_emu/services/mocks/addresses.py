"""Addresses outside the platform: what a record shows of one, and whether an app may call it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from forge_emu.engine.journal.secret_names import is_secret_name
from forge_emu.services.mocks.request_pattern import split_address

HIDDEN: Final = "***"
"""Stands in a record for a part of a path that looks secret."""

_LOOPBACK: Final = re.compile(r"localhost|.+\.localhost|127(\.\d{1,3}){3}|0\.0\.0\.0|\[::1?\]")
_SCHEMES: Final = {"wss": "https", "ws": "http"}


def shown_address(url: str) -> tuple[str, str]:
    """Scheme with host, and the path with its query, without parts that look secret.

    >>> shown_address("https://hooks.slack.com/services/T0/B0/a1B2c3D4e5F6g7H8i9J0k1L2?token=x&n=1")
    ('https://hooks.slack.com', '/services/T0/B0/***?token=***&n=1')
    """
    host, rest = split_address(url)
    path, mark, query = rest.partition("?")
    parts = [HIDDEN if looks_random(part) else part for part in path.split("/")]
    fields = []
    for field in query.split("&"):
        name, equals, value = field.partition("=")
        secret = bool(value) and (is_secret_name(name) or looks_random(value))
        fields.append(f"{name}={HIDDEN}" if secret else f"{name}{equals}{value}")
    return host or "", "/".join(parts) + mark + "&".join(fields)


def looks_random(part: str) -> bool:
    """Whether a part of a path is long, and mixes letters of both cases with digits, as keys do."""
    mixed = any(c.isdigit() for c in part) and part.lower() != part and part.upper() != part
    return len(part) >= 20 and mixed and "." not in part


def is_loopback(host: str) -> bool:
    """Whether `host` (`https://localhost:8080`) is this machine."""
    name = re.sub(r":\d+$", "", host.partition("://")[2])
    return _LOOPBACK.fullmatch(name) is not None


def is_allowed(host: str, addresses: Iterable[str], *, loopback_is_free: bool) -> bool:
    """Whether one of `addresses`, as the manifest has them, allows `host` (`https://example.com`).

    Scheme and host have to be the same, the port included, and paths do not matter. A `*` stands
    for any subdomains, not for the domain itself, and alone for every host. An address without a
    scheme is HTTPS. With `loopback_is_free`, this machine needs neither its port nor HTTPS.
    [manifest-reference/permissions/ 2026-08-21, and `@forge/egress` 2.1.0]
    """
    scheme, _, name = host.partition("://")
    free = loopback_is_free and is_loopback(host)
    for address in addresses:
        if address == "*":
            return True
        given_scheme, given_name = _parts_of(address)
        if free and (given_name in (name, re.sub(r":\d+$", "", name))):
            return True
        if given_scheme == scheme and _fits(given_name, name):
            return True
    return False


def _parts_of(address: str) -> tuple[str, str]:
    scheme, mark, rest = address.strip().partition("://")
    if not mark:
        scheme, rest = "https", address.strip().lstrip("/")
    scheme = scheme.lower()
    scheme = _SCHEMES.get(scheme, scheme)
    name = re.split(r"[/?#]", rest, maxsplit=1)[0].lower()
    return scheme, name.removesuffix({"https": ":443", "http": ":80"}.get(scheme, "://"))


def _fits(pattern: str, name: str) -> bool:
    if not pattern.startswith("*"):
        return pattern == name
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), name) is not None
