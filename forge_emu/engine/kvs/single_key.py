"""`get`, `set` and `delete` of one key.

A request is judged in the order of the platform's own answers: its form (400), the rate limits
(429), the state of the key (409). A refused request changes nothing; whether it uses up the limits
is `limits.kvs.count_refused`.
"""

from __future__ import annotations

from forge_emu.engine.kvs import rules
from forge_emu.engine.kvs.call_records import done_record
from forge_emu.engine.kvs.requests import KvsAnswer
from forge_emu.engine.kvs.store import KvsStore
from forge_emu.errors import Fault
from forge_emu.model import Instant, KvsRequest, StoredValue
from forge_emu.records import KvsDone
from forge_emu.settings.refusals import KVS_KEY_POLICY


def run_single_key(store: KvsStore, request: KvsRequest, now: Instant) -> tuple[KvsAnswer, KvsDone]:
    """Do what `request` asks. Raises Fault, and has changed nothing then.

    Reading a key that does not exist is no fault: the answer holds nothing.
    """
    if request.operation == "get":
        return _get(store, request, now)
    if request.operation == "set":
        return _set(store, request, now)
    return _delete(store, request, now)


def single_key_units(store: KvsStore, request: KvsRequest, now: Instant) -> int | None:
    """The units that a request would have used which a fault struck before it was judged.

    None where it has no readable key.
    """
    if not isinstance(request.key, str):
        return None
    size = 0
    if request.operation == "set":
        size = len(request.value_text or b"")
    elif request.operation == "get" and (found := _find_if_any(store, request, now)):
        size = len(found.value_text)
    return store.rates.cost(request.operation, size).units


def _find_if_any(store: KvsStore, request: KvsRequest, now: Instant) -> StoredValue | None:
    """The value that a request is about; None for a key that breaks the rules."""
    try:
        place = store.check_place(request.key, request.entity, secret=request.secret)
    except Fault:
        return None
    return store.find(place, now)


def _get(store: KvsStore, request: KvsRequest, now: Instant) -> tuple[KvsAnswer, KvsDone]:
    place = store.check_place(request.key, request.entity, secret=request.secret)
    options = rules.check_options("get", request.options)
    rules.check_metadata(options.get("metadataFields"))
    found = store.find(place, now)
    size = len(found.value_text) if found else 0
    cost, pieces = store.rates.cost("get", size), [(place, size)]
    store.rates.check_cost(cost, pieces, now)
    store.rates.consume(cost, pieces, now)
    return _answer(found), done_record(request, cost)


def _set(store: KvsStore, request: KvsRequest, now: Instant) -> tuple[KvsAnswer, KvsDone]:
    checked = store.check_set(request)
    before = store.find(checked.place, now)
    cost, pieces = store.rates.cost("set", len(checked.text)), [checked.key_size]
    store.rates.check_cost(cost, pieces, now)
    if checked.options.only_if_new and before is not None:
        store.rates.count_refused(cost, pieces, now)
        key = checked.place.key
        message = f"The key {key!r} exists already, and the key policy is FAIL_IF_EXISTS."
        raise Fault(409, {"code": "KEY_CONFLICT", "message": message}, limit=KVS_KEY_POLICY.name)
    store.rates.consume(cost, pieces, now)
    after = store.put(checked, now)
    found = {"PREVIOUS": before, "LATEST": after}.get(checked.options.returns or "")
    return _answer(found), done_record(request, cost)


def _delete(store: KvsStore, request: KvsRequest, now: Instant) -> tuple[KvsAnswer, KvsDone]:
    place = store.check_place(request.key, request.entity, secret=request.secret)
    rules.check_options("delete", request.options)
    cost, pieces = store.rates.cost("delete", 0), [(place, 0)]
    store.rates.check_cost(cost, pieces, now)
    store.rates.consume(cost, pieces, now)
    store.remove(place)
    return KvsAnswer(), done_record(request, cost)


def _answer(found: StoredValue | None) -> KvsAnswer:
    return KvsAnswer() if found is None else KvsAnswer(found=(found,))
