"""Calls of the key-value store about more than one key, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import msgspec

from forge_emu.errors import Fault
from forge_emu.model import Json, StoredValue


class KvsQuery(msgspec.Struct, frozen=True):
    """A page of the values whose key begins with something, as the app asked for it."""

    where: Json = None
    limit: Json = None
    after: Json = None
    options: Json = None
    invocation_id: str | None = None
    operation: Literal["query"] = "query"


class KvsItem(msgspec.Struct, frozen=True):
    """One key of a call. `value_text` is the value's JSON text, None where the app sent none.

    `conditional` says that it has conditions, which only custom entities can have.
    """

    key: Json
    value_text: bytes | None = None
    options: Json = None
    conditional: bool = False


class KvsBatch(msgspec.Struct, frozen=True):
    """As many of the items as possible, each for itself. `size` is that of the request's body."""

    operation: Literal["batch_get", "batch_set", "batch_delete"]
    items: tuple[KvsItem, ...]
    size: int = 0
    invocation_id: str | None = None


class KvsTransaction(msgspec.Struct, frozen=True):
    """All of it or nothing. `size` is that of the request's body."""

    sets: tuple[KvsItem, ...] = ()
    deletes: tuple[KvsItem, ...] = ()
    checks: tuple[KvsItem, ...] = ()
    size: int = 0
    invocation_id: str | None = None
    operation: Literal["transact"] = "transact"

    @property
    def items(self) -> tuple[KvsItem, ...]:
        """Everything it touches."""
        return (*self.sets, *self.deletes, *self.checks)


ManyCall: TypeAlias = KvsQuery | KvsBatch | KvsTransaction


@dataclass(frozen=True)
class KeyRefused:
    """Why one key of a batch failed."""

    key: Json
    fault: Fault


@dataclass(frozen=True)
class KvsMany:
    """What a call did: values found, keys that went well, keys that did not.

    `cursors` are those of the values found by a query, `more` whether others come after them.
    """

    found: tuple[StoredValue, ...] = ()
    keys: tuple[str, ...] = ()
    failed: tuple[KeyRefused, ...] = ()
    cursors: tuple[str, ...] = ()
    more: bool = False


NOTHING: Final = KvsMany()


def named(call: ManyCall) -> str:
    """What a record says in place of one key: the prefix, or the first key and how many more."""
    if isinstance(call, KvsQuery):
        return _prefix_of(call.where)
    if not call.items:
        return ""
    first = call.items[0].key
    name = first if isinstance(first, str) else repr(first)
    others = len(call.items) - 1
    return f"{name} and {others} more" if others else name


def _prefix_of(where: Json) -> str:
    """The prefix of a query that may be malformed; empty where none can be seen."""
    clause = where[0] if isinstance(where, list) and where else None
    values = clause.get("values") if isinstance(clause, dict) else None
    first = values[0] if isinstance(values, list) and values else ""
    return first if isinstance(first, str) else ""
