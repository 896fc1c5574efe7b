"""JQL as a tree: clauses, `AND`, `OR`, `NOT`, `ORDER BY`.

https://support.atlassian.com/jira-software-cloud/docs/use-advanced-search-with-jira-query-language-jql/
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal, TypeAlias

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedInput, VisitError

from forge_emu.site.query_trees import is_too_deep

_GRAMMAR: Final = r"""
start: [or_expr] [order]
?or_expr: and_expr (_OR and_expr)*
?and_expr: not_expr (_AND not_expr)*
?not_expr: _NOT not_expr -> negation
         | "(" or_expr ")"
         | clause
clause: field OPERATOR operand -> comparison
      | field IN values -> membership
      | field _NOT IN values -> no_membership
      | field IS EMPTY -> emptiness
      | field IS _NOT EMPTY -> no_emptiness
      | field HISTORY [_NOT] operand predicate* -> history
      | field HISTORY [_NOT] IN values predicate* -> history
      | field HISTORY predicate* -> history
predicate: PREDICATE operand
         | PREDICATE "(" operand ("," operand)* ")"
values: "(" operand ("," operand)* ")"
    | function
?operand: function | value
function: WORD "(" [value ("," value)*] ")"
value: WORD | STRING | EMPTY
field: WORD | STRING | CUSTOM
order: _ORDER _BY sort ("," sort)*
sort: field [DIRECTION]

OPERATOR: "=" | "!=" | "!~" | "~" | "<=" | ">=" | "<" | ">"
CUSTOM.3: /cf\[\d+\]/i
_AND.2: /and(?![\w.:-])|&&?/i
_OR.2: /or(?![\w.:-])|\|\|?/i
_NOT.2: /not(?![\w.:-])|!(?![=~])/i
_ORDER.2: /order(?=\s+by\b)/i
_BY.2: /by(?![\w.:-])/i
IN.2: /in(?![\w.:-])/i
IS.2: /is(?![\w.:-])/i
EMPTY.2: /(empty|null)(?![\w.:-])/i
DIRECTION.2: /(asc|desc)(?![\w.:-])/i
HISTORY.2: /(was|changed)(?![\w.:-])/i
PREDICATE.2: /(after|before|by|during|from|on|to)(?![\w.:-])/i
STRING: /"(\\.|[^"\\])*"|'(\\.|[^'\\])*'/
WORD: /[^\s()=!~<>,"'&|\[\]]+/
%ignore /\s+/
"""

ClauseOperator: TypeAlias = Literal[
    "=", "!=", "~", "!~", "<", "<=", ">", ">=", "in", "not in", "is", "is not"
]


class JqlError(Exception):
    """A query that Jira refuses; the text is Jira's."""


class JqlNotEmulated(Exception):
    """A part of JQL that the site does not know."""


@dataclass(frozen=True)
class Value:
    """A text or a number; `empty` stands for `EMPTY` and `NULL`."""

    text: str
    empty: bool = False


@dataclass(frozen=True)
class Function:
    """A function with its arguments: `startOfDay(-1d)`."""

    name: str
    arguments: tuple[str, ...]


Operand: TypeAlias = Value | Function


@dataclass(frozen=True)
class Clause:
    """A condition on a field."""

    field: str
    operator: ClauseOperator
    operands: tuple[Operand, ...]


@dataclass(frozen=True)
class Both:
    """All of these hold."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True)
class Either:
    """One of these holds."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True)
class Negation:
    """This does not hold."""

    part: Expression


Expression: TypeAlias = Clause | Both | Either | Negation


@dataclass(frozen=True)
class Sort:
    """A field to sort by."""

    field: str
    descending: bool


@dataclass(frozen=True)
class Query:
    """A query; `where` None finds everything."""

    where: Expression | None
    order: tuple[Sort, ...]


def parse_jql(text: str) -> Query:
    """The tree of a query. Raises JqlError with what Jira says, and JqlNotEmulated."""
    try:
        tree = _parser().parse(text)
        if is_too_deep(tree):
            raise JqlError("Error in the JQL Query: it is nested too deeply.")
        query: Query = _TreeBuilder().transform(tree)
    except UnexpectedInput as error:
        raise JqlError(_problem(text, error)) from None
    except VisitError as error:
        if isinstance(error.orig_exc, JqlNotEmulated):
            raise error.orig_exc from None
        raise
    return query


@cache
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", lexer="contextual", maybe_placeholders=True)


def _problem(text: str, error: UnexpectedInput) -> str:
    token: Any = getattr(error, "token", None)
    if token is not None and token.type == "$END":
        return "Error in the JQL Query: Expecting a value, a function or an operator before the end of the query."  # noqa: E501
    place = f"(line {error.line}, character {error.column})"
    found = str(token) if token is not None else text[error.pos_in_stream or 0 :][:1]
    expected = set(getattr(error, "expected", None) or getattr(error, "allowed", None) or ())
    if "OPERATOR" in expected:
        return (
            f"Error in the JQL Query: Expecting operator but got '{found}'. The valid operators "
            "are '=', '!=', '<', '>', '<=', '>=', '~', '!~', 'IN', 'NOT IN', 'IS' and 'IS NOT'. "
            + place
        )
    return f"Error in the JQL Query: '{found}' is not expected here. {place}"


class _TreeBuilder(Transformer[Token, Any]):
    """From lark's tree to ours."""

    def start(self, parts: list[Any]) -> Query:
        where, order = parts
        return Query(where, order or ())

    def or_expr(self, parts: list[Expression]) -> Expression:
        return Either(tuple(parts))

    def and_expr(self, parts: list[Expression]) -> Expression:
        return Both(tuple(parts))

    def negation(self, parts: list[Expression]) -> Expression:
        return Negation(parts[-1])

    def comparison(self, parts: list[Any]) -> Clause:
        field, operator, operand = parts
        return Clause(field, str(operator), (operand,))  # type: ignore[arg-type]

    def membership(self, parts: list[Any]) -> Clause:
        return Clause(parts[0], "in", parts[-1])

    def no_membership(self, parts: list[Any]) -> Clause:
        return Clause(parts[0], "not in", parts[-1])

    def emptiness(self, parts: list[Any]) -> Clause:
        return Clause(parts[0], "is", (Value("", empty=True),))

    def no_emptiness(self, parts: list[Any]) -> Clause:
        return Clause(parts[0], "is not", (Value("", empty=True),))

    def history(self, parts: list[Any]) -> Clause:
        raise JqlNotEmulated(f"the operator {str(parts[1]).upper()} of JQL")

    def predicate(self, parts: list[Any]) -> str:
        return str(parts[0])

    def values(self, parts: list[Operand]) -> tuple[Operand, ...]:
        return tuple(parts)

    def function(self, parts: list[Any]) -> Function:
        name, *arguments = parts
        return Function(str(name), tuple(each.text for each in arguments if each is not None))

    def value(self, parts: list[Token]) -> Value:
        (token,) = parts
        return Value(_unquoted(token), empty=token.type == "EMPTY")

    def field(self, parts: list[Token]) -> str:
        return _unquoted(parts[0])

    def order(self, parts: list[Sort]) -> tuple[Sort, ...]:
        return tuple(parts)

    def sort(self, parts: list[Any]) -> Sort:
        field, direction = parts
        return Sort(field, str(direction or "").lower() == "desc")


def _unquoted(token: Token) -> str:
    text = str(token)
    if token.type != "STRING":
        return text
    body, found, escaped = text[1:-1], [], False
    for character in body:
        if escaped or character != "\\":
            found.append(character)
            escaped = False
        else:
            escaped = True
    return "".join(found)
