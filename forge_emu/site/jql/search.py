"""Finds the issues that a query asks for, in its order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeAlias

from forge_emu.site.collection import id_order
from forge_emu.site.jira import entities as e
from forge_emu.site.jira.jira_site import JiraSite
from forge_emu.site.jql.field import JqlField
from forge_emu.site.jql.fields import find_field
from forge_emu.site.jql.instants import instant_of
from forge_emu.site.jql.parse import (
    Both,
    Clause,
    Either,
    Expression,
    Function,
    JqlError,
    JqlNotEmulated,
    Negation,
    Operand,
    Query,
)

Test: TypeAlias = Callable[[e.Issue], bool]

_WORD: Final = re.compile(r'"([^"]+)"|(\S+)')
_UNRESOLVED: Final = ("resolution", "unresolved")
"""How a query names the resolution of what has none."""

_SPRINT_STATES: Final = {
    "opensprints": "active()", "futuresprints": "future()", "closedsprints": "closed()",
}  # fmt: skip
_COMPARISONS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


class Search:
    """A search in the name of `account` at an instant in milliseconds since 1970."""

    def __init__(self, site: JiraSite, account: str | None, now_ms: int) -> None:
        self._site = site
        self._account = account
        self._now_ms = now_ms

    def find(self, query: Query) -> list[e.Issue]:
        """The issues, newest first where the query says nothing else.

        Raises JqlError and JqlNotEmulated.
        """
        fits = self._test(query.where) if query.where is not None else lambda issue: True
        found = [issue for issue in self._candidates(query.where) if fits(issue)]
        found.sort(key=lambda issue: id_order(issue.id), reverse=not query.order)
        for sort in reversed(query.order):
            field = find_field(self._site, sort.field)
            if field.sort_key is None:
                raise JqlError(f"Field '{sort.field}' does not support sorting.")
            found.sort(key=field.sort_key, reverse=sort.descending)
        return found

    def _candidates(self, where: Expression | None) -> Iterable[e.Issue]:
        """The issues that a clause on keys names; else all."""
        for part in where.parts if isinstance(where, Both) else (where,):
            if isinstance(part, Clause) and part.operator in ("=", "in"):
                if part.field.lower() not in ("key", "issuekey", "id"):
                    continue
                names = (x.text.upper() for x in part.operands if not isinstance(x, Function))
                found = (self._site.issues.find(name) for name in names)
                return {issue.id: issue for issue in found if issue}.values()
        return self._site.issues

    def _test(self, expression: Expression) -> Test:
        match expression:
            case Both(parts):
                tests = [self._test(part) for part in parts]
                return lambda issue: all(test(issue) for test in tests)
            case Either(parts):
                tests = [self._test(part) for part in parts]
                return lambda issue: any(test(issue) for test in tests)
            case Negation(part):
                test = self._test(part)
                return lambda issue: not test(issue)
            case Clause():
                return self._clause(expression)

    def _clause(self, clause: Clause) -> Test:
        field = find_field(self._site, clause.field)
        if clause.operator in ("is", "is not") or _is_empty(clause.operands):
            wants_empty = clause.operator in ("is", "=", "in")
            return lambda issue: (not any(True for _ in field.values(issue))) is wants_empty
        if field.kind == "date":
            return self._dates(field, clause)
        if clause.operator in ("~", "!~"):
            return _texts(field, clause)
        if clause.operator in _COMPARISONS:
            return _numbers(field, clause)
        if field.kind == "text":
            raise JqlError(
                f"The operator '{clause.operator}' is not supported by the '{clause.field}' field."
            )
        return self._names(field, clause)

    def _names(self, field: JqlField, clause: Clause) -> Test:
        wanted: set[str] = set()
        with_empty = False
        for operand in clause.operands:
            if isinstance(operand, Function):
                wanted.add(self._named_by(operand, field))
            elif operand.empty or (field.name, operand.text.lower()) == _UNRESOLVED:
                with_empty = True
            else:
                text = operand.text.lower()
                if not field.exists(text):
                    raise JqlError(_absent(field, clause, operand.text))
                wanted.add(text)
        negated = clause.operator in ("!=", "not in")

        def fits(issue: e.Issue) -> bool:
            values = list(field.values(issue))
            if not values:
                # As in Jira, what is empty is not found by `!=` either.
                return with_empty and not negated
            if with_empty and not wanted:
                return negated
            return (not wanted.isdisjoint(values)) is not negated

        return fits

    def _named_by(self, function: Function, field: JqlField) -> str:
        """The value that a function stands for: an account, or the state of sprints."""
        name = function.name.lower()
        if name == "currentuser":
            return (self._account or "").lower()
        if field.name == "sprint" and name in _SPRINT_STATES:
            return _SPRINT_STATES[name]
        raise JqlNotEmulated(f"the function {function.name}() of JQL")

    def _dates(self, field: JqlField, clause: Clause) -> Test:
        instants = [instant_of(x, clause.field, self._now_ms) for x in clause.operands]
        compare = _COMPARISONS.get(clause.operator)
        if compare is not None:
            (limit,) = instants
            return lambda issue: any(compare(value, limit) for value in field.values(issue))
        negated = clause.operator in ("!=", "not in")
        return lambda issue: any(
            (value in instants) is not negated for value in field.values(issue)
        )


def _is_empty(operands: tuple[Operand, ...]) -> bool:
    return all(not isinstance(x, Function) and x.empty for x in operands)


def _absent(field: JqlField, clause: Clause, text: str) -> str:
    if field.name == "key":
        return f"An issue with key '{text}' does not exist for field '{clause.field}'."
    return f"The value '{text}' does not exist for the field '{clause.field}'."


def _texts(field: JqlField, clause: Clause) -> Test:
    """Every word, or phrase in quotes, is there; `*` stands for the rest of a word."""
    (operand,) = clause.operands
    if isinstance(operand, Function):
        raise JqlError(
            f"The operator '{clause.operator}' does not take the function {operand.name}()."
        )
    patterns = [
        re.compile(rf"(?<!\w){re.escape(word).replace(chr(92) + '*', chr(92) + 'w*')}(?!\w)", re.I)
        for phrase, single in _WORD.findall(operand.text)
        if (word := phrase or single)
    ]
    negated = clause.operator == "!~"

    def fits(issue: e.Issue) -> bool:
        texts = [str(text) for text in field.values(issue)]
        found = any(all(pattern.search(text) for pattern in patterns) for text in texts)
        return found is not negated

    return fits


def _numbers(field: JqlField, clause: Clause) -> Test:
    """Of keys by their number, of anything else by value."""
    (operand,) = clause.operands
    compare = _COMPARISONS[clause.operator]
    if isinstance(operand, Function):
        raise JqlNotEmulated(f"the function {operand.name}() of JQL")
    limit = _number(operand.text)
    if limit is None:
        raise JqlError(
            f"The operator '{clause.operator}' is not supported by the '{clause.field}' field."
        )

    def fits(issue: e.Issue) -> bool:
        numbers = (_number(str(value)) for value in field.values(issue))
        return any(number is not None and compare(number, limit) for number in numbers)

    return fits


def _number(text: str) -> float | None:
    try:
        return float(text.rpartition("-")[2] if re.fullmatch(r"[A-Za-z]\w*-\d+", text) else text)
    except ValueError:
        return None
