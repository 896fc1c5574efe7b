"""Batches: up to 25 keys in one request, each of which goes well or fails for itself.

https://developer.atlassian.com/platform/forge/storage-reference/kvs-batch/ (2026-08-21). A batch
fails as a whole only for its form and for the limits of the installation, which count the sizes of
all its values as one; INVALID_BATCH_REQUEST is a code of ours for the form.
"""

from __future__ import annotations

from collections.abc import Sequence

from forge_emu import settings as s
from forge_emu.engine.kvs import rules
from forge_emu.engine.kvs.call_records import done_record
from forge_emu.engine.kvs.place import KvsPlace
from forge_emu.engine.kvs.rates import Cost, KeySize
from forge_emu.engine.kvs.requests import KeyRefused, KvsAnswer, KvsBatch, KvsItem
from forge_emu.engine.kvs.rules import CheckedSet
from forge_emu.engine.kvs.store import KvsStore
from forge_emu.errors import Fault
from forge_emu.model import Instant, StoredValue
from forge_emu.records import KvsDone
from forge_emu.settings.refusals import KVS_BATCH


def run_batch(store: KvsStore, call: KvsBatch, now: Instant) -> tuple[KvsAnswer, KvsDone]:
    """Do as much of a batch as can be done. Raises Fault, and has changed nothing then."""
    _check_form(call, store.settings)
    if call.operation == "batch_get":
        return _get(store, call, now)
    if call.operation == "batch_set":
        return _set(store, call, now)
    return _delete(store, call, now)


def _check_form(call: KvsBatch, settings: s.Settings) -> None:
    if not call.items:
        rules.refuse("INVALID_BATCH_REQUEST", "The batch has no keys.", KVS_BATCH)
    most = settings[s.KVS_BATCH_KEYS]
    if most is not None and len(call.items) > most:
        message = f"The batch has {len(call.items)} keys; at most {most} are allowed."
        rules.refuse("INVALID_BATCH_REQUEST", message, s.KVS_BATCH_KEYS)
    largest = settings[s.KVS_BATCH_MB]
    if call.operation == "batch_set" and largest is not None and call.size > largest * 1_000_000:
        message = f"The batch is {call.size} bytes of JSON; at most {largest} MB are allowed."
        rules.refuse("MAX_SIZE", message, s.KVS_BATCH_MB)
    if (twice := rules.first_repeated_key(item.qualified_key for item in call.items)) is not None:
        message = f"The key {rules.short_json(twice)} is in the batch more than once."
        rules.refuse("INVALID_BATCH_REQUEST", message, KVS_BATCH)


def _get(store: KvsStore, call: KvsBatch, now: Instant) -> tuple[KvsAnswer, KvsDone]:
    failed: list[KeyRefused] = []
    found: list[StoredValue] = []
    pieces: list[KeySize] = []
    for item in call.items:
        try:
            place = store.check_place(item.key, item.entity)
            options = rules.check_options("get", rules.options_of(item.options))
            rules.check_metadata(options.get("metadataFields"))
            value = store.find(place, now)
            piece = place, len(value.value_text) if value else 0
            store.rates.check_key_size("batch_get", piece, now)
        except Fault as fault:
            failed.append(KeyRefused(item, fault))
            continue
        pieces.append(piece)
        if value is not None:
            found.append(value)
        elif store.settings[s.STORAGE_BATCH_MISSING] == "failed":
            failed.append(KeyRefused(item, rules.not_found_fault(place.key)))
    cost = _consume_rates(store, call, pieces, now)
    # A key without a value was read all the same.
    keys, sizes = [place.qualified_key for place, _ in pieces], [size for _, size in pieces]
    done = done_record(call, cost, keys, sizes=sizes)
    return KvsAnswer(found=tuple(found), failed=tuple(failed)), done


def _set(store: KvsStore, call: KvsBatch, now: Instant) -> tuple[KvsAnswer, KvsDone]:
    failed: list[KeyRefused] = []
    done: list[KvsItem] = []
    sets: list[CheckedSet] = []
    for item in call.items:
        try:
            checked = store.check_item(item)
            store.rates.check_key_size("batch_set", checked.key_size, now)
        except Fault as fault:
            failed.append(KeyRefused(item, fault))
            continue
        sets.append(checked)
        done.append(item)
    cost = _consume_rates(store, call, [checked.key_size for checked in sets], now)
    for checked in sets:
        store.put(checked, now)
    answer = KvsAnswer(done=tuple(done), failed=tuple(failed))
    sizes = [len(checked.text) for checked in sets]
    return answer, done_record(call, cost, answer.keys, sizes=sizes)


def _delete(store: KvsStore, call: KvsBatch, now: Instant) -> tuple[KvsAnswer, KvsDone]:
    failed: list[KeyRefused] = []
    done: list[KvsItem] = []
    places: list[KvsPlace] = []
    for item in call.items:
        try:
            place = store.check_place(item.key, item.entity)
            rules.check_options("delete", rules.options_of(item.options))
            store.rates.check_key_size("batch_delete", (place, 0), now)
        except Fault as fault:
            failed.append(KeyRefused(item, fault))
            continue
        places.append(place)
        done.append(item)
    cost = _consume_rates(store, call, [(place, 0) for place in places], now)
    for place in places:
        store.remove(place)
    answer = KvsAnswer(done=tuple(done), failed=tuple(failed))
    return answer, done_record(call, cost, answer.keys, sizes=[0] * len(places))


def _consume_rates(
    store: KvsStore, call: KvsBatch, pieces: Sequence[KeySize], now: Instant
) -> Cost:
    """Check and count the rates of the whole batch, whose size is that of the keys that go well.
    Raises RateFault.
    """
    cost = store.rates.cost(call.operation, sum(size for _, size in pieces))
    store.rates.check_cost(cost, pieces, now)
    store.rates.consume(cost, pieces, now)
    return cost
