"""Which fields of `event` an expression reads."""

from __future__ import annotations

from collections.abc import Iterator

from forge_emu.expressions import nodes as n
from forge_emu.expressions.methods import METHODS
from forge_emu.expressions.property_paths import walk_nodes


def event_fields(expression: n.Expression) -> Iterator[list[tuple[str, int]]]:
    """The names behind each `event`, up to the first that is computed, with their offsets.

    Methods are no fields: a name that is called is left out.
    """
    for chain in walk_nodes(expression.root):
        if not isinstance(chain, n.Chain) or not isinstance(chain.first, n.Name):
            continue
        names = _names(chain) if chain.first.name == "event" else []
        if names:
            yield names


def _names(chain: n.Chain) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    for link, behind in zip(chain.links, (*chain.links[1:], None), strict=True):
        key = link.key if isinstance(link, n.Member) else None
        if not isinstance(key, n.Literal) or not isinstance(key.value, str):
            break
        if isinstance(behind, n.Call) or key.value == "length" or key.value in METHODS[str]:
            break
        found.append((key.value, link.span[0]))
    return found
