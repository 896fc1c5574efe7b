"""Which requests a mock answers: a method, and a path or a whole address. Pure."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec

from forge_emu.errors import UserError

METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
FORM: Final = (
    "Write method and path, such as `GET /rest/api/3/issue/{key}`: {key} is one part of the path, "
    "a * at its end all the rest, and ?jql={jql} asks for a parameter. What lies outside the "
    "platform has its whole address: `POST https://api.example.com/v1/chat`."
)
NAME: Final = re.compile(r"\{([A-Za-z_]\w*)\}")
_ADDRESS: Final = re.compile(r"(https?)://([^/?#]*)(.*)", re.DOTALL | re.IGNORECASE)
_DEFAULT_PORTS: Final = {"https": ":443", "http": ":80"}


class RequestPattern(msgspec.Struct, frozen=True):
    """Which requests a mock answers: `parameters` must be there, others may.

    `origin` is scheme and host of what lies outside the platform; None is a path of a service.
    """

    text: str
    method: str
    path: re.Pattern[str]
    parameters: tuple[tuple[str, re.Pattern[str]], ...] = ()
    origin: re.Pattern[str] | None = None

    def match(self, method: str, path: str) -> dict[str, str] | None:
        """What the names in braces stand for in this request; None where it does not match."""
        if method.upper() != self.method:
            return None
        origin, rest = split_address(path)
        names: dict[str, str] = {}
        if self.origin is not None and origin is not None:
            of_origin = self.origin.fullmatch(origin)
            if of_origin is None:
                return None
            names |= of_origin.groupdict()
        elif self.origin is not None or origin is not None:
            return None
        where, _, query = rest.partition("?")
        found = self.path.fullmatch(where)
        if found is None:
            return None
        names |= {name: unquote(value) for name, value in found.groupdict().items()}
        given = parse_qs(query, keep_blank_values=True) if self.parameters else {}
        for name, pattern in self.parameters:
            fits = (pattern.fullmatch(value) for value in given.get(name, ()))
            first = next((fit for fit in fits if fit is not None), None)
            if first is None:
                return None
            names.update(first.groupdict())
        return names


def split_address(target: str) -> tuple[str | None, str]:
    """Scheme with host, and the rest, of a request's target; packages leave out the first slash.

    >>> split_address("HTTPS://Example.com:443?a=1")
    ('https://example.com', '/?a=1')
    >>> split_address("api/v1/upload-url")
    (None, '/api/v1/upload-url')
    """
    found = _ADDRESS.fullmatch(target)
    if found is None:
        return None, target if target.startswith("/") else f"/{target}"
    scheme = found[1].lower()
    host = found[2].rpartition("@")[2].lower().removesuffix(_DEFAULT_PORTS[scheme])
    rest = found[3].partition("#")[0]
    return f"{scheme}://{host}", rest if rest.startswith("/") else f"/{rest}"


def parse_pattern(text: str) -> RequestPattern:
    """The pattern that `text` describes. Raises UserError."""
    words = text.split(maxsplit=1)
    if len(words) < 2 or words[0].upper() not in METHODS:
        raise UserError(f"{text[:80]!r} does not begin with a method and a path", FORM)
    method, target = words[0].upper(), words[1].strip()
    is_address = _ADDRESS.fullmatch(target) is not None
    if not (target.startswith("/") or is_address) or any(c.isspace() for c in target):
        message = f"the path {target[:80]!r} does not begin with / or https://, or has blanks in it"
        raise UserError(message, FORM)
    seen: set[str] = set()
    origin = _origin_pattern(target, seen, text) if is_address else None
    path = _address_rest(target) if is_address else target
    where, _, query = path.partition("?")
    rest = where.endswith("*")
    pattern = _regex_source(where.removesuffix("*"), r"[^/?]+", seen, text) + (".*" if rest else "")
    parameters = tuple(
        (unquote(name), re.compile(_regex_source(unquote(value), ".*", seen, text), re.DOTALL))
        for name, _, value in (part.partition("=") for part in query.split("&") if part)
    )
    return RequestPattern(text, method, re.compile(pattern), parameters, origin)


def _origin_pattern(target: str, seen: set[str], whole: str) -> re.Pattern[str]:
    found = _ADDRESS.fullmatch(target)
    assert found is not None
    scheme, given = found[1].lower(), found[2]
    if not given or "@" in given:
        raise UserError(f"{whole[:80]!r} names no host", FORM)
    # Names keep their case: hosts have none.
    host = "".join(
        part if NAME.fullmatch(part) else part.lower()
        for part in re.split(r"(\{[A-Za-z_]\w*\})", given)
    ).removesuffix(_DEFAULT_PORTS[scheme])
    if "{" not in host:
        try:
            _ = urlsplit(f"{scheme}://{host.replace('*', 'x')}").port
        except ValueError:
            raise UserError(f"{given[:80]!r} in {whole[:80]!r} is no host", FORM) from None
    subdomains, name = ("[^/]+\\.", host[2:]) if host.startswith("*.") else ("", host)
    if host == "*":
        subdomains, name = "[^/]+", ""
    return re.compile(f"{scheme}://{subdomains}{_regex_source(name, '[^/]+', seen, whole)}")


def _address_rest(target: str) -> str:
    return split_address(target)[1]


def _regex_source(text: str, one: str, seen: set[str], whole: str) -> str:
    parts: list[str] = []
    end = 0
    for name in NAME.finditer(text):
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
