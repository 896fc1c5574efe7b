"""Declarations by name, in the order in which they are made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar


class Declared(Protocol):
    """Something that is declared once, under a name."""

    @property
    def name(self) -> str:
        """The name, as users write it."""
        ...


D = TypeVar("D", bound=Declared)


class DeclarationError(ValueError):
    """A declaration lacks something, or contradicts itself. The message begins with its name."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"{name or 'a declaration without a name'}: {problem}")


def require_fields(declared: Declared, *fields: str) -> None:
    """Raise DeclarationError for the first of `fields` that is empty."""
    for field in fields:
        if not getattr(declared, field):
            raise DeclarationError(declared.name, f"it needs `{field}`")


class Registry(Generic[D]):
    """Every declaration of a kind."""

    def __init__(self) -> None:
        self._by_name: dict[str, D] = {}

    def declare(self, declared: D) -> None:
        """Add a declaration. Raises DeclarationError if its name is taken."""
        if declared.name in self._by_name:
            raise DeclarationError(declared.name, "it is declared twice")
        self._by_name[declared.name] = declared

    def find(self, name: str) -> D | None:
        """The declaration of this name; None where there is none."""
        return self._by_name.get(name)

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that is declared, in order."""
        return tuple(self._by_name)

    def __iter__(self) -> Iterator[D]:
        return iter(tuple(self._by_name.values()))

    def __len__(self) -> int:
        return len(self._by_name)
