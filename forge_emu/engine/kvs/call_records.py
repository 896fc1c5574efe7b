"""What records say of a call of the key-value store."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import UNSET

from forge_emu.engine.kvs.rates import Cost
from forge_emu.engine.kvs.requests import KvsCall, KvsEntityQuery, KvsItem, KvsQuery
from forge_emu.errors import Fault
from forge_emu.model import Json, KvsRequest
from forge_emu.records import KvsDone, KvsRefused


def done_record(
    call: KvsCall,
    cost: Cost,
    keys: Iterable[str] | None = None,
    *,
    sizes: Iterable[int] | None = None,
    partition: str | None = None,
) -> KvsDone:
    """The record of a call that was done.

    `keys` are those that a call about many was about, `sizes` those of their values; `partition` is
    the one that a query read.
    """
    return KvsDone(
        operation=recorded_operation(call),
        key=recorded_key(call),
        bytes=cost.size,
        units=cost.units,
        invocation_id=call.invocation_id,
        keys=UNSET if keys is None else list(keys),
        key_bytes=UNSET if sizes is None else list(sizes),
        partition=UNSET if partition is None else partition,
    )


def refused_record(
    call: KvsCall, fault: Fault, units: int | None = None, *, item: KvsItem | None = None
) -> KvsRefused:
    """The record of a call that was refused, or of the single item of a batch that was.

    `units` is what the call would have used, None where it could not even be read.
    """
    return KvsRefused(
        operation=recorded_operation(call),
        key=recorded_key(call) if item is None else _key_text(item.qualified_key),
        code=str(fault.body.get("code", "UNKNOWN_ERROR")),
        status=fault.status,
        limit=fault.limit,
        invocation_id=call.invocation_id,
        units=units,
        of_batch=UNSET if item is None else True,
    )


def recorded_operation(call: KvsCall) -> str:
    """What records call the operation."""
    return call.label if isinstance(call, KvsRequest) else call.operation


def recorded_key(call: KvsCall) -> str:
    """What records say in place of the key.

    The key of a call about one; the prefix or the index of a query; of a batch or a transaction
    the first key and how many more.
    """
    if isinstance(call, KvsRequest):
        return _key_text(call.qualified_key)
    if isinstance(call, KvsQuery):
        return _prefix_of(call.where)
    if isinstance(call, KvsEntityQuery):
        return f"{call.entity}/{call.index}"
    if not call.items:
        return ""
    name = _key_text(call.items[0].qualified_key)
    others = len(call.items) - 1
    return f"{name} and {others} more" if others else name


def _key_text(key: Json) -> str:
    return key if isinstance(key, str) else repr(key)


def _prefix_of(where: Json) -> str:
    """The prefix of a query that may be malformed; empty where none can be seen."""
    clause = where[0] if isinstance(where, list) and where else None
    values = clause.get("values") if isinstance(clause, dict) else None
    first = values[0] if isinstance(values, list) and values else ""
    return first if isinstance(first, str) else ""
