"""How often aliases may be used: the platform's reader refuses a file in which they multiply.

It counts 100 uses of a value; of one that holds aliases itself each use counts as many times as
those were used. (The `yaml` package that `@forge/manifest` 13.7.0 depends on.)
"""

from __future__ import annotations

from typing import Final

from forge_emu.yamlsource.nodes import Node, ScalarNode

MAX_ALIAS_COUNT: Final = 100


class AnchorUse:
    """An anchor's value, and how often it has been used so far."""

    __slots__ = ("count", "node", "weight")

    def __init__(self, node: Node) -> None:
        self.node = node
        self.count = 1
        self.weight = 0


class AliasCounter:
    """Counts the uses of anchored values."""

    def __init__(self) -> None:
        self._children: dict[int, list[Node | AnchorUse]] = {}

    def add_child(self, collection: Node, child: Node | AnchorUse) -> None:
        """`child` is in `collection`; as an AnchorUse where it is there by an alias."""
        self._children.setdefault(id(collection), []).append(child)

    def use_anchor(self, anchor: AnchorUse) -> bool:
        """Count one use; False where it is one too many."""
        anchor.count += 1
        if anchor.weight == 0:
            anchor.weight = self._weight(anchor.node)
        return anchor.count * anchor.weight <= MAX_ALIAS_COUNT

    def _weight(self, node: Node) -> int:
        """How often the most used of the aliases within `node` was used, at least 1."""
        heaviest, waiting = 0, [node]
        while waiting:
            current = waiting.pop()
            if isinstance(current, ScalarNode):
                heaviest = max(heaviest, 1)
            for child in self._children.get(id(current), ()):
                if isinstance(child, AnchorUse):
                    heaviest = max(heaviest, child.count * child.weight)
                else:
                    waiting.append(child)
        return heaviest
