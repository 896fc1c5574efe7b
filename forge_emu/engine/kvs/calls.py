"""Every call of the key-value store: faults injected, done or refused, and recorded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, assert_never

from forge_emu import settings as s
from forge_emu.engine.faults.injector import FaultInjector
from forge_emu.engine.journal.journal import Journal
from forge_emu.engine.kvs.batch import run_batch
from forge_emu.engine.kvs.call_records import refused_record
from forge_emu.engine.kvs.entity_query import run_entity_query
from forge_emu.engine.kvs.query import run_query
from forge_emu.engine.kvs.rates import RateFault
from forge_emu.engine.kvs.requests import (
    KeyRefused,
    KvsAnswer,
    KvsBatch,
    KvsCall,
    KvsEntityQuery,
    KvsQuery,
    KvsTransaction,
)
from forge_emu.engine.kvs.single_key import run_single_key, single_key_units
from forge_emu.engine.kvs.store import KvsStore
from forge_emu.engine.kvs.transaction import CONDITION_FAILED, run_transaction
from forge_emu.errors import Fault
from forge_emu.model import App, Instant, KvsRequest, StoredValue
from forge_emu.records import KvsDone, Log
from forge_emu.settings.refusals import KVS_SCOPE

STORAGE_SCOPE: Final = "storage:app"
SCOPE_TEXT: Final = "Request principal is not authorized to use storage resource"
"""What apps report that the platform says; no page of the documentation has it."""


class KvsCalls:
    """The one way to the store, for the app and for the developer."""

    def __init__(self, store: KvsStore, fault_injector: FaultInjector, journal: Journal) -> None:
        self._store = store
        self._missing_scope_warned = False
        self._app_manifest = ""
        self._may_store = True
        self._fault_injector = fault_injector
        self._journal = journal

    def use_app(self, app: App) -> None:
        """From now on `app` calls: its manifest says whether it may use the store at all."""
        allowed = self._store.settings[s.STORAGE_MISSING_SCOPE] == "allow"
        self._may_store = allowed or STORAGE_SCOPE in app.scopes
        self._app_manifest = app.manifest
        self._missing_scope_warned = False

    def call(self, call: KvsCall, now: Instant) -> KvsAnswer:
        """Do what the app asks for, within the rates. Raises Fault when it is refused as a whole.

        The keys of a batch that fail for themselves are recorded before the call is.
        """
        self._add_secret(call)
        try:
            self._check_scope(call, now)
            self._fault_injector.inject_kvs_error(call.invocation_id, now)
            answer, done = self._run(call, now)
        except Fault as fault:
            if _is_malformed(fault):
                self._store.rates.count_malformed(now)
            refused = refused_record(call, fault, self._units(call, fault, now))
            self._journal.record(refused, now)
            raise
        self._record_refused_keys(call, answer.failed, now)
        self._journal.record(done, now)
        return answer

    def edit(self, request: KvsRequest, now: Instant) -> None:
        """Do a `set` or `delete` of the developer, past the rates. Raises Fault (400)."""
        self._add_secret(request)
        self._journal.record(self._store.apply_edit(request, now), now)

    def fill(self, requests: Iterable[KvsRequest], now: Instant) -> None:
        """Store what a run begins with, which leaves no record. `check` has passed each `set`."""
        for request in requests:
            self._add_secret(request)
            self._store.apply_edit(request, now)

    def check(self, request: KvsRequest) -> None:
        """Raise the Fault (400) by which `edit` would refuse `request`, if it would."""
        self._store.check_edit(request)

    def items(
        self,
        prefix: str,
        now: Instant,
        *,
        secret: bool,
        entity: str = "",
        after: str | None = None,
    ) -> Iterator[StoredValue]:
        """The plain values, the secrets, or those of `entity`, whose key begins with `prefix` and
        comes after `after`, by key.
        """
        return self._store.items(prefix, after, now=now, secret=secret, entity=entity)

    def count_entities(self, now: Instant) -> dict[str, int]:
        """How many values each custom entity has that has any, by name."""
        return self._store.count_entities(now)

    def _check_scope(self, call: KvsCall, now: Instant) -> None:
        if self._may_store:
            return
        if not self._missing_scope_warned:
            self._missing_scope_warned = True
            message = (
                f"The manifest lacks the scope {STORAGE_SCOPE}: the platform refuses every call of "
                f"the store. Add it under permissions.scopes in {self._app_manifest}."
            )
            self._journal.record(
                Log(level="warn", message=message, invocation_id=call.invocation_id), now
            )
        raise Fault(403, {"code": "FORBIDDEN", "message": SCOPE_TEXT}, limit=KVS_SCOPE.name)

    def _add_secret(self, call: KvsCall) -> None:
        """What is meant for the store of secrets is secret, even where it is refused."""
        if isinstance(call, KvsRequest) and call.secret and call.operation == "set":
            self._journal.secrets.add_stored_value(call.key, call.value_text)

    def _run(self, call: KvsCall, now: Instant) -> tuple[KvsAnswer, KvsDone]:
        match call:
            case KvsRequest():
                return run_single_key(self._store, call, now)
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

    def _units(self, call: KvsCall, fault: Fault, now: Instant) -> int | None:
        """What a refused call would have used, None where it could not be read.

        Of a call with an injected fault it is what it sent.
        """
        if isinstance(fault, RateFault):
            return fault.units
        if _is_malformed(fault) or fault.limit == KVS_SCOPE.name:
            return None
        if isinstance(call, KvsRequest):
            return single_key_units(self._store, call, now)
        items = call.items if isinstance(call, KvsBatch | KvsTransaction) else ()
        size = sum(len(item.value_text or b"") for item in items)
        return self._store.rates.cost(call.operation, size).units

    def _record_refused_keys(
        self, call: KvsCall, failed: Sequence[KeyRefused], now: Instant
    ) -> None:
        for each in failed:
            # A value that is not there is an answer, not a refusal.
            if each.fault.status != 404:
                self._journal.record(refused_record(call, each.fault, item=each.item), now)


def _is_malformed(fault: Fault) -> bool:
    """Whether the form of a call is wrong: it has cost nothing."""
    return fault.status in (400, 422) and fault.body["code"] != CONDITION_FAILED
