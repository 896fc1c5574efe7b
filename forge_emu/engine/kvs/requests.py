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


class KvsEntityQuery(msgspec.Struct, frozen=True):
    """A page of a custom entity's values by one of its indexes, as the app asked for it."""

    entity: Json = None
    index: Json = None
    partition: Json = None
    range: Json = None
    filters: Json = None
    sort: Json = None
    limit: Json = None
    cursor: Json = None
    options: Json = None
    invocation_id: str | None = None
    operation: Literal["query_entity"] = "query_entity"


class KvsItem(msgspec.Struct, frozen=True):
    """One key of a call. `value_text` is the value's JSON text, None where the app sent none.

    `entity` names the custom entity it belongs to; only those can have conditions.
    """

    key: Json
    value_text: bytes | None = None
    options: Json = None
    entity: Json = None
    conditions: Json = None

    @property
    def qualified_key(self) -> Json:
        """The key, with its entity as `entity/key`."""
        return self.key if self.entity is None else f"{self.entity}/{self.key}"


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


KvsCall: TypeAlias = KvsQuery | KvsEntityQuery | KvsBatch | KvsTransaction


@dataclass(frozen=True)
class KeyRefused:
    """Why one item of a batch failed."""

    item: KvsItem
    fault: Fault


@dataclass(frozen=True)
class KvsAnswer:
    """What a call did: values found, items that went well, items that did not.

    `cursors` are those of the values found by a query, or the one of a page of entities; `more`
    says whether others come after them.
    """

    found: tuple[StoredValue, ...] = ()
    done: tuple[KvsItem, ...] = ()
    failed: tuple[KeyRefused, ...] = ()
    cursors: tuple[str, ...] = ()
    more: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that went well."""
        return tuple(str(item.qualified_key) for item in self.done)


EMPTY_ANSWER: Final = KvsAnswer()


def recorded_key(call: KvsCall) -> str:
    """What a record says in place of one key: the prefix, or the first key and how many more."""
    if isinstance(call, KvsQuery):
        return _prefix_of(call.where)
    if isinstance(call, KvsEntityQuery):
        return f"{call.entity}/{call.index}"
    if not call.items:
        return ""
    first = call.items[0].qualified_key
    name = first if isinstance(first, str) else repr(first)
    others = len(call.items) - 1
    return f"{name} and {others} more" if others else name


def _prefix_of(where: Json) -> str:
    """The prefix of a query that may be malformed; empty where none can be seen."""
    clause = where[0] if isinstance(where, list) and where else None
    values = clause.get("values") if isinstance(clause, dict) else None
    first = values[0] if isinstance(values, list) and values else ""
    return first if isinstance(first, str) else ""
