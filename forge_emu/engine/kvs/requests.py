"""Calls of the key-value store, and what it answers to them.

A query's fields are named on the wire as `@forge/kvs` sends them, so that a service can decode its
body into one. What the app may have sent in any form is Json here: the store judges it.
"""

from __future__ import annotations

from typing import ClassVar, Literal, TypeAlias

import msgspec

from forge_emu.errors import Fault
from forge_emu.model import Json, KvsRequest, StoredValue


class KvsQuery(msgspec.Struct, frozen=True):
    """A page of the values whose key begins with something, as the app asked for it."""

    operation: ClassVar[Literal["query"]] = "query"

    where: Json = None
    limit: Json = None
    after: Json = None
    options: Json = None
    invocation_id: str | None = None


class KvsEntityQuery(msgspec.Struct, frozen=True):
    """A page of a custom entity's values by one of its indexes, as the app asked for it."""

    operation: ClassVar[Literal["query_entity"]] = "query_entity"

    entity: Json = msgspec.field(default=None, name="entityName")
    index: Json = msgspec.field(default=None, name="indexName")
    partition: Json = None
    range: Json = None
    filters: Json = None
    sort: Json = None
    limit: Json = None
    cursor: Json = None
    options: Json = None
    invocation_id: str | None = None


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
        """The key, that of a custom entity's value as `entity/key`."""
        return self.key if self.entity is None else f"{self.entity}/{self.key}"


class KvsBatch(msgspec.Struct, frozen=True):
    """As many of the items as possible, each for itself. `size` is the request's body in bytes."""

    operation: Literal["batch_get", "batch_set", "batch_delete"]
    items: tuple[KvsItem, ...]
    size: int = 0
    invocation_id: str | None = None


class KvsTransaction(msgspec.Struct, frozen=True):
    """All of it or nothing. `size` is the request's body in bytes."""

    operation: ClassVar[Literal["transact"]] = "transact"

    sets: tuple[KvsItem, ...] = ()
    deletes: tuple[KvsItem, ...] = ()
    checks: tuple[KvsItem, ...] = ()
    size: int = 0
    invocation_id: str | None = None

    @property
    def items(self) -> tuple[KvsItem, ...]:
        """The items of all its operations: sets, deletes, checks."""
        return (*self.sets, *self.deletes, *self.checks)


KvsMultiKeyCall: TypeAlias = KvsQuery | KvsEntityQuery | KvsBatch | KvsTransaction
"""A call that may be about more than one key."""

KvsCall: TypeAlias = KvsRequest | KvsMultiKeyCall
"""Every call of the store; a KvsAnswer answers it."""


class KeyRefused(msgspec.Struct, frozen=True):
    """Why one item of a batch failed."""

    item: KvsItem
    fault: Fault


class KvsAnswer(msgspec.Struct, frozen=True):
    """What a call did: values found, items that went well, items that did not.

    Of a call about one key, `value` is what it found. `cursors` are those of the values found by a
    query, or the one of a page of entities; `more` says whether others come after them.
    """

    found: tuple[StoredValue, ...] = ()
    done: tuple[KvsItem, ...] = ()
    failed: tuple[KeyRefused, ...] = ()
    cursors: tuple[str, ...] = ()
    more: bool = False

    @property
    def value(self) -> StoredValue | None:
        """The first value found; None where there is none, or none was asked for."""
        return self.found[0] if self.found else None

    @property
    def keys(self) -> tuple[str, ...]:
        """The qualified keys of the items that went well."""
        return tuple(str(item.qualified_key) for item in self.done)
