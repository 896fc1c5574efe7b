"""Short ways to make batches, queries and transactions, above a world that keeps its records."""

from __future__ import annotations

from typing import Any

import pytest

from forge_emu import records
from forge_emu.engine.kvs.requests import (
    KvsAnswer,
    KvsBatch,
    KvsItem,
    KvsMultiKeyCall,
    KvsQuery,
    KvsTransaction,
)
from forge_emu.errors import Fault
from forge_emu.model import Json, KvsRequest
from tests.engine.world import World

PER_SECOND, READS, WRITES = (
    "limits.kvs.requests_per_second",
    "limits.kvs.read_units_per_minute",
    "limits.kvs.write_units_per_minute",
)


def json_text_of_size(size: int) -> bytes:
    """JSON text of exactly `size` bytes."""
    return b'"' + b"x" * (size - 2) + b'"'


def kvs_items(*keys: Json, text: bytes | None = b"1", **options: Json) -> tuple[KvsItem, ...]:
    """An item for each key, all with the same value and options."""
    return tuple(KvsItem(key, text, options or None) for key in keys)


def key_names(n: int, prefix: str = "k") -> list[str]:
    """As many keys, in order."""
    return [f"{prefix}{i:03d}" for i in range(n)]


def keys_of(page: KvsAnswer) -> list[str]:
    """The keys that a query found."""
    return [value.key for value in page.found]


class StoreDriver:
    """The store of a world, with settings whose dots are written as two underscores."""

    def __init__(self, **settings: Any) -> None:
        self.world = World(**settings)

    @property
    def now(self) -> int:
        """The present."""
        return self.world.now

    def advance(self, ms: int) -> None:
        """Let time pass."""
        self.world.now += ms

    def add_values(self, *keys: str, text: bytes = b"1") -> None:
        """Put values into the store, past its rates."""
        for key in keys:
            self.world.engine.kvs.edit(KvsRequest("set", key, text), self.now)
        self.world.collect()
        self.world.records.clear()

    def stored_values(self) -> dict[str, bytes]:
        """What is in the store."""
        every = self.world.engine.kvs.items("", self.now, secret=False)
        return {value.key: value.value_text for value in every}

    def call(self, call: Any) -> Any:
        """Any call. Raises Fault."""
        try:
            return self.world.engine.kvs.call(call, self.now)
        finally:
            self.world.collect()

    def batch(self, operation: Any, *items: KvsItem, size: int = 0) -> KvsAnswer:
        """A batch. Raises Fault."""
        return self._call_many(KvsBatch(operation, items, size, "inv"))

    def query(self, prefix: str | None = None, **more: Json) -> KvsAnswer:
        """A query. Raises Fault."""
        if prefix is not None:
            clause = {"property": "key", "condition": "BEGINS_WITH", "values": [prefix]}
            more = {"where": [clause], **more}
        return self._call_many(KvsQuery(**more, invocation_id="inv"))

    def transact(self, **parts: Any) -> KvsAnswer:
        """A transaction. Raises Fault."""
        return self._call_many(KvsTransaction(**parts, invocation_id="inv"))

    def _call_many(self, call: KvsMultiKeyCall) -> KvsAnswer:
        answer: KvsAnswer = self.call(call)
        return answer

    def refusals(self) -> list[tuple[str, str, int, str | None, int | None]]:
        """Operation, key, status, limit and units of every refusal."""
        return [
            (x.operation, x.key, x.status, x.limit, x.units)
            for x in self.world.bodies_of(records.KvsRefused)
        ]

    def completed_calls(self) -> list[tuple[str, str, int, int]]:
        """Operation, key, bytes and units of what was done."""
        return [
            (x.operation, x.key, x.bytes, x.units) for x in self.world.bodies_of(records.KvsDone)
        ]

    def limit_used(self, name: str) -> float:
        """How much of a limit is in use."""
        return next(u.used for u in self.world.engine.usage(self.now) if u.name == name)


def refusal(store: StoreDriver, call: Any) -> tuple[int, str, str | None]:
    """Status, code and limit of the refusal that `ask` meets."""
    with pytest.raises(Fault) as caught:
        call(store)
    fault = caught.value
    assert fault.body["message"]
    return fault.status, fault.body["code"], fault.limit
