"""What a GraphQL request is called: its operation. Pure.

A request without a name for its operation is called after the first field that it asks for.
https://spec.graphql.org/October2021/ (sections 2.1 and 2.3)
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from lark import Lark

PATHS: Final = ("/graphql", "/graphql/twg")
"""Of `requestGraph` and `requestTeamworkGraph`."""

_LONGEST: Final = 100_000
"""Characters of a query that is read."""

_TOKENS: Final = r"""
start: (NAME | OPEN | CLOSE | TEXT | OTHER)*
NAME: /[A-Za-z_][A-Za-z0-9_]*/
OPEN: /[{(\[]/
CLOSE: /[})\]]/
TEXT.3: /\"\"\"(?:\\\"\"\"|[\s\S])*?\"\"\"|"(?:\\.|[^"\\\n])*"/
COMMENT.4: /#[^\n\r]*/
BLANK.2: /[\s,\ufeff]+/
OTHER.-1: /[^\s,]/
%ignore COMMENT
%ignore BLANK
"""
_OPERATIONS: Final = ("query", "mutation", "subscription")


class _Body(msgspec.Struct):
    query: str
    operation_name: str | None = msgspec.field(name="operationName", default=None)


_read_body: Final = msgspec.json.Decoder(_Body).decode


def operation_name(body: str | None) -> str | None:
    """The operation that the body of a request asks for; None where it is no GraphQL.

    >>> operation_name('{"query": "query getIssue { issue { id } }"}')
    'getIssue'
    >>> operation_name('{"query": "{ me { name } }"}')
    'me'
    """
    try:
        read = _read_body(body or "")
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None
    return read.operation_name or _name_in(read.query[:_LONGEST])


@lru_cache(maxsize=256)
def _name_in(query: str) -> str | None:
    """The name of the first operation of the query, or of the first field of one without."""
    depth, definition = 0, ""
    tokens = [(token.type, str(token)) for token in _lexer().lex(query)]
    for number, (kind, text) in enumerate(tokens):
        if kind == "NAME" and depth == 0:
            if definition in _OPERATIONS and tokens[number - 1][1] == definition:
                return text
            definition = definition or text
        elif kind == "NAME" and tokens[number - 1][1] == "{" and depth == 1:
            if definition != "fragment":
                following = tokens[number + 1 : number + 3]
                is_alias = [kind for kind, _ in following] == ["OTHER", "NAME"]
                return following[1][1] if is_alias and following[0][1] == ":" else text
        elif kind == "OPEN":
            depth += 1
        elif kind == "CLOSE":
            depth -= 1
            definition = "" if depth == 0 and text == "}" else definition
    return None


@cache
def _lexer() -> Lark:
    # Slow to import, and few apps use GraphQL.
    from lark import Lark

    return Lark(_TOKENS, parser=None, lexer="basic")
