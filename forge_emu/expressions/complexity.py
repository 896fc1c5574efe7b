"""How complex an expression is, as `forge deploy` estimates it: a sum of products of variables.

https://developer.atlassian.com/platform/forge/events-reference/product_events/ (2026-08-21). The
arithmetic behind the estimate is not documented; here every part of the expression counts one,
and what a list's method does counts once for each item of the list, a variable of its own.
"""

from __future__ import annotations

from collections import Counter
from typing import Final, TypeAlias

from forge_emu.expressions import nodes as n
from forge_emu.expressions.property_paths import walk_nodes

Estimate: TypeAlias = Counter[tuple[str, ...]]
"""The number of steps for each combination of variables; that of no variables is constant."""

MOST_VARIABLES: Final = 3
MOST_COMBINATIONS: Final = 3
MOST_IN_COMBINATION: Final = 3
MOST_CONSTANT: Final = 10_000
_LETTERS: Final = "NMLKPQRS"


def estimate_complexity(expression: n.Expression) -> Estimate:
    """The estimated steps of `expression`."""
    return _Estimator(expression.text).steps_of(expression.root)


def complexity_text(estimate: Estimate) -> str:
    """`N*M + 5*N + 20`."""
    ordered = sorted(estimate.items(), key=lambda item: (-len(item[0]), item[0]))
    return " + ".join(
        "*".join([*([str(count)] if count != 1 or not names else []), *names])
        for names, count in ordered
    )


def excess_of(estimate: Estimate) -> str | None:
    """What about an estimate is more than `forge deploy` allows; None where nothing is."""
    combinations = [names for names in estimate if names]
    variables = {name for names in combinations for name in names}
    constant = estimate[()]
    if len(variables) > MOST_VARIABLES:
        return f"{len(variables)} variables, {MOST_VARIABLES} are allowed"
    if len(combinations) > MOST_COMBINATIONS:
        return f"{len(combinations)} combinations of variables, {MOST_COMBINATIONS} are allowed"
    if any(len(names) > MOST_IN_COMBINATION for names in combinations):
        return f"more than {MOST_IN_COMBINATION} variables in one combination"
    if constant > MOST_CONSTANT:
        return f"{constant:,} other operations, {MOST_CONSTANT:,} are allowed"
    return None


class _Estimator:
    def __init__(self, text: str) -> None:
        self._text = text
        self._variables: dict[str, str] = {}

    def steps_of(self, root: n.Node) -> Estimate:
        """Functions are counted where they are called, everything else once."""
        total: Estimate = Counter()
        waiting: list[tuple[object, tuple[str, ...]]] = [(root, ())]
        while waiting:
            part, factors = waiting.pop()
            total[factors] += 1
            if isinstance(part, n.Chain):
                waiting += self._chain(part, factors)
            else:
                waiting += [(child, factors) for child in _children(part)]
        return total

    def _chain(
        self, chain: n.Chain, factors: tuple[str, ...]
    ) -> list[tuple[object, tuple[str, ...]]]:
        parts: list[tuple[object, tuple[str, ...]]] = [(chain.first, factors)]
        for position, link in enumerate(chain.links):
            if isinstance(link, n.Member):
                parts.append((link.key, factors))
                continue
            before = chain.links[: max(position - 1, 0)]
            end = before[-1].span[1] if before else chain.first.span[1]
            owner = self._text[chain.first.span[0] : end]
            for argument in link.arguments:
                inner = argument.body if isinstance(argument, n.Lambda) else None
                more = () if inner is None else (self._variable(owner),)
                parts.append((inner or argument, tuple(sorted((*factors, *more)))))
        return parts

    def _variable(self, owner: str) -> str:
        name = _LETTERS[len(self._variables) % len(_LETTERS)]
        return self._variables.setdefault(owner, name)


def _children(part: object) -> list[object]:
    return [node for node in _direct(part) if not isinstance(node, n.Call | n.Member)]


def _direct(part: object) -> list[object]:
    found: list[object] = []
    for name in getattr(part, "__dataclass_fields__", ()):
        value = getattr(part, name)
        waiting = [value]
        while waiting:
            item = waiting.pop()
            if isinstance(item, tuple):
                waiting += item
            elif hasattr(item, "__dataclass_fields__"):
                found.append(item)
    return found


def names_used(expression: n.Expression) -> set[str]:
    """The variables that an expression reads without declaring them."""
    declared: set[str] = set()
    used: set[str] = set()
    for part in walk_nodes(expression.root):
        match part:
            case n.Name():
                used.add(part.name)
            case n.Lambda():
                declared.update(part.parameters)
            case n.Let():
                declared.update(name for name, _ in part.variables)
            case n.Try() if part.variable:
                declared.add(part.variable)
    return used - declared
