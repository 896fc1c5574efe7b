"""Every call of the key-value store: struck by faults, done or refused, and on record."""

from __future__ import annotations

from typing import assert_never

from forge_emu.engine.faults.injector import Injection
from forge_emu.engine.journal.journal import Journal
from forge_emu.engine.kvs.batch import batch
from forge_emu.engine.kvs.entity_query import query_entity
from forge_emu.engine.kvs.query import query
from forge_emu.engine.kvs.rates import RateFault
from forge_emu.engine.kvs.requests import (
    KeyRefused,
    KvsBatch,
    KvsEntityQuery,
    KvsItem,
    KvsMany,
    KvsQuery,
    KvsTransaction,
    ManyCall,
    named,
)
from forge_emu.engine.kvs.store import KvsStore
from forge_emu.engine.kvs.transaction import CONDITION_FAILED, transact
from forge_emu.errors import Fault
from forge_emu.model import Instant, Json, KvsRequest, KvsResponse
from forge_emu.records import KvsDone, KvsRefused


class KvsCalls:
    """The one way from an app to the store."""

    def __init__(self, store: KvsStore, injection: Injection, journal: Journal) -> None:
        self._store = store
        self._injection = injection
        self._journal = journal

    def one(self, request: KvsRequest, now: Instant) -> KvsResponse:
        """A call about one key. Raises Fault when it is refused."""
        try:
            self._injection.kvs(request.invocation_id, now)
            response, done = self._store.apply(request, now)
        except Fault as fault:
            # A fault strikes what could not be read, too.
            readable = fault.status != 400 and isinstance(request.key, str)
            units = self._store.units(request, now) if readable else None
            key = KvsItem(request.key, entity=request.entity).label
            refused = _refused(request.label, key, fault, request.invocation_id, units)
            self._journal.note(refused, now)
            raise
        self._journal.note(done, now)
        return response

    def many(self, call: ManyCall, now: Instant) -> KvsMany:
        """A call about many keys. Raises Fault when it is refused as a whole.

        The keys that fail for themselves are on record before the call is.
        """
        try:
            self._injection.kvs(call.invocation_id, now)
            answer, done = self._apply(call, now)
        except Fault as fault:
            if _is_malformed(fault):
                self._store.rates.count_malformed(now)
            units = self._units(call, fault)
            refused = _refused(call.operation, named(call), fault, call.invocation_id, units)
            self._journal.note(refused, now)
            raise
        for failed in answer.failed:
            self._note_failed(call, failed, now)
        self._journal.note(done, now)
        return answer

    def _apply(self, call: ManyCall, now: Instant) -> tuple[KvsMany, KvsDone]:
        match call:
            case KvsQuery():
                return query(self._store, call, now)
            case KvsEntityQuery():
                return query_entity(self._store, call, now)
            case KvsBatch():
                return batch(self._store, call, now)
            case KvsTransaction():
                return transact(self._store, call, now)
            case _:
                assert_never(call)

    def _units(self, call: ManyCall, fault: Fault) -> int | None:
        """What a refused call would have used; of one struck by a fault, what it sent."""
        if isinstance(fault, RateFault):
            return fault.units
        if _is_malformed(fault):
            return None
        items = call.items if isinstance(call, KvsBatch | KvsTransaction) else ()
        size = sum(len(item.value_text or b"") for item in items)
        return self._store.rates.cost(call.operation, size).units

    def _note_failed(self, call: ManyCall, failed: KeyRefused, now: Instant) -> None:
        if failed.fault.status == 404:
            # A value that is not there is an answer, not a refusal.
            return
        refused = _refused(
            call.operation, failed.item.label, failed.fault, call.invocation_id, None, of_batch=True
        )
        self._journal.note(refused, now)


def _is_malformed(fault: Fault) -> bool:
    """Whether the form of a call about many keys is wrong: it has cost nothing."""
    return fault.status in (400, 422) and fault.body["code"] != CONDITION_FAILED


def _refused(
    operation: str,
    key: Json,
    fault: Fault,
    invocation_id: str | None,
    units: int | None,
    *,
    of_batch: bool = False,
) -> KvsRefused:
    more = {"of_batch": True} if of_batch else {}
    return KvsRefused(
        operation=operation,
        key=key if isinstance(key, str) else repr(key),
        code=str(fault.body.get("code", "UNKNOWN_ERROR")),
        status=fault.status,
        limit=fault.limit,
        invocation_id=invocation_id,
        units=units,
        **more,
    )
