"""Every call of the key-value store: faults injected, done or refused, and recorded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from forge_emu.engine.faults.injector import FaultInjector
from forge_emu.engine.journal.journal import Journal
from forge_emu.engine.kvs.batch import run_batch
from forge_emu.engine.kvs.entity_query import run_entity_query
from forge_emu.engine.kvs.query import run_query
from forge_emu.engine.kvs.rates import RateFault
from forge_emu.engine.kvs.requests import (
    KeyRefused,
    KvsAnswer,
    KvsBatch,
    KvsCall,
    KvsEntityQuery,
    KvsItem,
    KvsQuery,
    KvsTransaction,
    recorded_key,
)
from forge_emu.engine.kvs.store import KvsStore
from forge_emu.engine.kvs.transaction import CONDITION_FAILED, run_transaction
from forge_emu.errors import Fault
from forge_emu.model import Instant, Json, KvsRequest, KvsResponse, StoredValue
from forge_emu.records import KvsDone, KvsRefused


class KvsCalls:
    """The one way from an app to the store."""

    def __init__(self, store: KvsStore, fault_injector: FaultInjector, journal: Journal) -> None:
        self._store = store
        self._fault_injector = fault_injector
        self._journal = journal

    def edit(self, request: KvsRequest, now: Instant) -> None:
        """A `set` or `delete` by the developer, past the rate limits. Raises Fault."""
        self._add_secret(request)
        self._journal.record(self._store.apply_edit(request, now), now)

    def check(self, request: KvsRequest) -> None:
        """Whether `edit` would accept `request`. Raises Fault."""
        self._store.check_request(request)

    def items(self, prefix: str, now: Instant, *, secret: bool) -> Iterator[StoredValue]:
        """What the store holds, by key."""
        return self._store.items(prefix, now=now, secret=secret)

    def _add_secret(self, request: KvsRequest) -> None:
        """What is meant for the store of secrets is secret, even where it is refused."""
        if request.secret and request.operation == "set":
            self._journal.secrets.add_stored_value(request.key, request.value_text)

    def call_one_key(self, request: KvsRequest, now: Instant) -> KvsResponse:
        """A call about one key. Raises Fault when it is refused."""
        self._add_secret(request)
        try:
            self._fault_injector.inject_kvs_error(request.invocation_id, now)
            response, done = self._store.apply_request(request, now)
        except Fault as fault:
            # A fault is injected into calls that could not be read, too.
            readable = fault.status != 400 and isinstance(request.key, str)
            units = self._store.request_units(request, now) if readable else None
            key = KvsItem(request.key, entity=request.entity).qualified_key
            refused = _refusal_record(request.label, key, fault, request.invocation_id, units)
            self._journal.record(refused, now)
            raise
        self._journal.record(done, now)
        return response

    def call_many_keys(self, call: KvsCall, now: Instant) -> KvsAnswer:
        """A call about many keys. Raises Fault when it is refused as a whole.

        The keys that fail for themselves are recorded before the call is.
        """
        try:
            self._fault_injector.inject_kvs_error(call.invocation_id, now)
            answer, done = self._apply(call, now)
        except Fault as fault:
            if _is_malformed(fault):
                self._store.rates.count_malformed(now)
            units = self._units(call, fault)
            refused = _refusal_record(
                call.operation, recorded_key(call), fault, call.invocation_id, units
            )
            self._journal.record(refused, now)
            raise
        for failed in answer.failed:
            self._record_failed_item(call, failed, now)
        self._journal.record(done, now)
        return answer

    def _apply(self, call: KvsCall, now: Instant) -> tuple[KvsAnswer, KvsDone]:
        match call:
            case KvsQuery():
                return run_query(self._store, call, now)
            case KvsEntityQuery():
                return run_entity_query(self._store, call, now)
            case KvsBatch():
                return run_batch(self._store, call, now)
            case KvsTransaction():
                return run_transaction(self._store, call, now)
            case _:
                assert_never(call)

    def _units(self, call: KvsCall, fault: Fault) -> int | None:
        """What a refused call would have used; of one with an injected fault, what it sent."""
        if isinstance(fault, RateFault):
            return fault.units
        if _is_malformed(fault):
            return None
        items = call.items if isinstance(call, KvsBatch | KvsTransaction) else ()
        size = sum(len(item.value_text or b"") for item in items)
        return self._store.rates.cost(call.operation, size).units

    def _record_failed_item(self, call: KvsCall, failed: KeyRefused, now: Instant) -> None:
        if failed.fault.status == 404:
            # A value that is not there is an answer, not a refusal.
            return
        refused = _refusal_record(
            call.operation,
            failed.item.qualified_key,
            failed.fault,
            call.invocation_id,
            None,
            of_batch=True,
        )
        self._journal.record(refused, now)


def _is_malformed(fault: Fault) -> bool:
    """Whether the form of a call about many keys is wrong: it has cost nothing."""
    return fault.status in (400, 422) and fault.body["code"] != CONDITION_FAILED


def _refusal_record(
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
