"""The Confluence Query Language: its syntax, and what a query asks for.

https://developer.atlassian.com/cloud/confluence/advanced-searching-using-cql/ (2026-08-21)
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

from forge_emu.site.query_trees import is_too_deep

if TYPE_CHECKING:
    from lark import Lark, Token, Tree

OPERATORS: Final[dict[str, tuple[str, ...]]] = {
    "ancestor": ("=", "!=", "in", "not in"),
    "content": ("=", "!=", "in", "not in"),
    "contributor": ("=", "!=", "in", "not in"),
    "created": ("=", "!=", ">", ">=", "<", "<="),
    "creator": ("=", "!=", "in", "not in"),
    "id": ("=", "!=", "in", "not in"),
    "label": ("=", "!=", "in", "not in"),
    "lastmodified": ("=", "!=", ">", ">=", "<", "<="),
    "parent": ("=", "!=", "in", "not in"),
    "sitesearch": ("~", "!~"),
    "space": ("=", "!=", "in", "not in"),
    "space.key": ("=", "!=", "in", "not in"),
    "space.type": ("=", "!=", "in", "not in"),
    "text": ("~", "!~"),
    "title": ("=", "!=", "~", "!~", "in", "not in"),
    "type": ("=", "!=", "in", "not in"),
}
"""The fields that are built, by their names in lower case, and the operators of each."""

ORDERS: Final = ("created", "lastmodified", "title", "id", "type", "space")

_GRAMMAR: Final = r"""
start: either? ("ORDER"i "BY"i order ("," order)*)?
?either: both ("OR"i both)*
?both: one ("AND"i one)*
?one: "NOT"i one -> negated
    | "(" either ")"
    | FIELD OPERATOR value -> clause
    | FIELD "IN"i "(" value ("," value)* ")" -> inside
    | FIELD "NOT"i "IN"i "(" value ("," value)* ")" -> outside
?value: STRING -> quoted
    | WORD -> word
    | FIELD -> word
    | FIELD "(" [STRING ("," STRING)*] ")" -> call
order: FIELD [DIRECTION]
OPERATOR: ">=" | "<=" | "!=" | "!~" | "=" | "~" | ">" | "<"
DIRECTION.3: /(asc|desc)\b/i
FIELD.2: /(?!(and|or|not|in|order|by|asc|desc)\b)[a-z][a-z._]*(?![\w:*-])/i
STRING: /"(\\.|[^"\\])*"|'(\\.|[^'\\])*'/
WORD.1: /[^\s"'(),=~<>!]+/
%ignore /\s+/
"""


class CqlError(Exception):
    """A query that cannot be read, or asks for what is not built: the text says which."""


@dataclass(frozen=True)
class Call:
    """A function in a query, such as `now("-4w")`."""

    name: str
    argument: str | None = None


Value: TypeAlias = str | Call


@dataclass(frozen=True)
class Clause:
    """A condition on one field. `values` are several for `in` and `not in`."""

    field: str
    operator: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Group:
    """Conditions of which all (`and`), one (`or`) or none (`not`) have to hold."""

    kind: str
    parts: tuple[Condition, ...]


Condition: TypeAlias = Clause | Group


@dataclass(frozen=True)
class Query:
    """What a query asks for. `orders` are fields, each with whether it goes downwards."""

    condition: Condition | None
    orders: tuple[tuple[str, bool], ...] = ()


@lru_cache(maxsize=256)
def parse_cql(text: str) -> Query:
    """The query that `text` is. Raises CqlError."""
    from lark import UnexpectedInput
    from lark.exceptions import LarkError

    try:
        tree = _parser().parse(text)
    except UnexpectedInput as error:
        place = text[max(error.pos_in_stream or 0, 0) :][:30]
        is_end = getattr(getattr(error, "token", None), "type", "") == "$END"
        where = "at its end" if is_end or not place else f"at {place!r}"
        raise CqlError(f"Could not parse cql : {text} ({where})") from None
    except LarkError:
        raise CqlError(f"Could not parse cql : {text}") from None
    if is_too_deep(tree):
        raise CqlError("Could not parse cql : it is nested too deeply")
    return _query(tree)


@cache
def _parser() -> Lark:
    # Slow to import, and few apps search.
    from lark import Lark

    return Lark(_GRAMMAR, parser="lalr", lexer="contextual")


def _query(tree: Tree[Token]) -> Query:
    condition: Condition | None = None
    orders: list[tuple[str, bool]] = []
    for child in tree.children:
        if _data(child) == "order":
            orders.append(_order(child))
        else:
            condition = _condition(child)
    return Query(condition, tuple(orders))


def _order(tree: Tree[Token] | Token) -> tuple[str, bool]:
    field, direction = tree.children  # type: ignore[union-attr]  # only trees have rules
    name = str(field).lower()
    if name not in ORDERS:
        raise CqlError(f"Cannot order by {field}. Fields that order here: {', '.join(ORDERS)}")
    return name, direction is not None and str(direction).lower() == "desc"


def _condition(tree: Tree[Token] | Token) -> Condition:
    kind = _data(tree)
    parts = tree.children  # type: ignore[union-attr]  # only trees have rules
    if kind in ("either", "both", "negated"):
        name = {"either": "or", "both": "and", "negated": "not"}[kind]
        return Group(name, tuple(map(_condition, parts)))
    field = str(parts[0]).lower()
    operator = {"inside": "in", "outside": "not in"}.get(kind) or str(parts[1])
    if field not in OPERATORS:
        known = ", ".join(OPERATORS)
        raise CqlError(f"No field exists with name: {parts[0]}. Fields here: {known}")
    if operator not in OPERATORS[field]:
        raise CqlError(f"The operator {operator} is not supported for the field {parts[0]}")
    values = parts[2:] if kind == "clause" else parts[1:]
    return Clause(field, operator, tuple(map(_value, values)))


def _value(tree: Tree[Token] | Token) -> Value:
    first, *rest = tree.children  # type: ignore[union-attr]  # only trees have rules
    if _data(tree) == "call":
        argument = next((_unquoted(str(each)) for each in rest if each is not None), None)
        return Call(str(first).lower(), argument)
    return _unquoted(str(first)) if _data(tree) == "quoted" else str(first)


def _data(tree: Tree[Token] | Token) -> str:
    return str(getattr(tree, "data", ""))


def _unquoted(text: str) -> str:
    return text[1:-1].replace('\\"', '"').replace("\\'", "'").replace("\\\\", "\\")
