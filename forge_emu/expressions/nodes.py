"""The parts of a parsed expression. `span` is where a part stands in the text, from and to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

Span: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Literal:
    """A text, number, truth value or null."""

    value: str | float | bool | None
    span: Span


@dataclass(frozen=True, slots=True)
class Name:
    """A variable, or a function of the language."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Template:
    """A text with expressions in it, in order: `a ${b} c`."""

    parts: tuple[str | Node, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class RegExp:
    """A regular expression literal; `flags` are some of `g`, `i`, `m` and `s`."""

    pattern: str
    flags: str
    span: Span


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list literal."""

    items: tuple[Node, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class MapOf:
    """A map literal."""

    entries: tuple[tuple[str, Node], ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Lambda:
    """An arrow function."""

    parameters: tuple[str, ...]
    body: Node
    span: Span


@dataclass(frozen=True, slots=True)
class Member:
    """`.name` or `[expression]` behind something; `optional` where `?.` stands before it."""

    key: Node
    optional: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Call:
    """`(arguments)` behind something."""

    arguments: tuple[Node, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Chain:
    """Accesses and calls, one behind the other."""

    first: Node
    links: tuple[Member | Call, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class PropertyPath:
    """`event.runtime.issue.properties['key'].path`: a value of an entity property."""

    entity: str
    key: str
    path: tuple[str, ...]
    span: Span

    @property
    def text(self) -> str:
        """As `payload.include.propertyPaths` writes it."""
        below = f".{'.'.join(self.path)}" if self.path else ""
        return f"{self.entity}.properties['{self.key}']{below}"


@dataclass(frozen=True, slots=True)
class Unary:
    """`!x`, `-x` or `typeof x`."""

    operator: str
    operand: Node
    span: Span


@dataclass(frozen=True, slots=True)
class Binary:
    """Operands of one precedence, from left to right, with the operators between them."""

    operators: tuple[str, ...]
    operands: tuple[Node, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Conditional:
    """`test ? yes : no`, and an `if` with its `else`."""

    test: Node
    yes: Node
    no: Node
    span: Span


@dataclass(frozen=True, slots=True)
class Let:
    """Variables, each visible behind its declaration, and what is computed with them."""

    variables: tuple[tuple[str, Node], ...]
    body: Node
    span: Span


@dataclass(frozen=True, slots=True)
class Try:
    """`try`, and what is computed instead where that fails; `variable` holds the error."""

    body: Node
    variable: str | None
    handler: Node
    span: Span


@dataclass(frozen=True, slots=True)
class Throw:
    """An error of the user's own."""

    message: Node
    span: Span


Node: TypeAlias = (
    Literal
    | Name
    | Template
    | RegExp
    | ListOf
    | MapOf
    | Lambda
    | Chain
    | PropertyPath
    | Unary
    | Binary
    | Conditional
    | Let
    | Try
    | Throw
)


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression and its text."""

    text: str
    root: Node
    property_paths: tuple[PropertyPath, ...] = ()
