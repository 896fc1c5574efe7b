"""How a secret text may be written where an app prints it: line by line, escaped, in an address."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote, quote_plus

SHORTEST_SECRET: Final = 4
"""Characters from which on a text is looked for: shorter ones are in every other word."""

_SHORTEST_LINE = 16
"""The same for one line of several, such as those of a PEM file."""

_PLAIN = re.compile(r"[A-Za-z0-9_.~-]+")
"""Nothing that anybody would escape."""

_COMMON = frozenset(
    word
    for plain in ("true", "false", "null", "none", "undefined")
    for word in (plain, plain.capitalize(), plain.upper())
)
"""In the place of a secret these are none, and they are everywhere."""


def encoded_forms(secret: str) -> Iterator[str]:
    """Every form in which `secret` may appear; some come twice."""
    for piece in _parts(secret):
        yield piece
        if not _PLAIN.fullmatch(piece):
            yield from _escaped_forms(piece)


def _parts(secret: str) -> Iterator[str]:
    """The secret, without the blanks around it as well, and its lines where it has several."""
    for text in (secret, secret.strip()):
        if len(text) >= SHORTEST_SECRET and text not in _COMMON:
            yield text
    lines = secret.splitlines()
    if len(lines) > 1:
        for line in lines:
            if len(line.strip()) >= _SHORTEST_LINE:
                yield line.strip()


def _escaped_forms(text: str) -> Iterator[str]:
    """As JSON, as Python and Node.js show a value, and as a part of an address has it."""
    in_json = json.dumps(text, ensure_ascii=False)[1:-1]
    yield in_json
    yield json.dumps(text)[1:-1]
    # Node.js takes the quotation mark that the text does not hold.
    unquoted = in_json.replace('\\"', '"')
    yield unquoted
    yield unquoted.replace("'", "\\'")
    yield repr(text)[1:-1]
    encoded = text.encode("utf-8", "surrogatepass")
    yield quote(encoded, safe="-_.!~*'()")
    yield quote(encoded, safe="")
    yield quote_plus(encoded)
