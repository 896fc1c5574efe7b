"""Transactions: up to 25 changes that are all made, or none of them.

https://developer.atlassian.com/platform/forge/storage-reference/kvs-transactions/ (2026-09-28). One
counts as a single write of the size of all its values, and is refused with TOO_MANY_REQUESTS.
Conditions and checks look at attributes, so only custom entities can have them.
"""

from __future__ import annotations

from typing import NoReturn

from forge_emu import settings as s
from forge_emu.engine import kvs_rules as rules
from forge_emu.engine.kvs import KvsStore, place_of
from forge_emu.engine.kvs_many import KvsMany, KvsTransaction, named
from forge_emu.model import Instant, KvsRequest
from forge_emu.records import KvsDone


def transact(store: KvsStore, call: KvsTransaction, now: Instant) -> tuple[KvsMany, KvsDone]:
    """Do everything a transaction asks for. Raises Fault, and has changed nothing then."""
    _check_form(call, store.settings)
    sets = [rules.check_item(item, store.settings) for item in call.sets]
    deletes = [rules.check_key(item.key, store.settings) for item in call.deletes]
    pieces = [(place_of(request, key), len(text)) for request, key, text, _ in sets]
    cost = store.rates.cost("transact", sum(size for _, size in pieces))
    store.rates.check(cost, pieces, now, code="TOO_MANY_REQUESTS")
    store.rates.take(cost, pieces, now)
    for request, key, text, wish in sets:
        store.put(request, key, text, wish, store.find(request, key, now), now)
    for key in deletes:
        store.remove(KvsRequest("delete", key), key)
    keys = [*(key for _, key, _, _ in sets), *deletes]
    done = KvsDone(
        operation="transact",
        key=named(call),
        bytes=cost.size,
        units=cost.units,
        invocation_id=call.invocation_id,
        keys=keys,
    )
    return KvsMany(keys=tuple(keys)), done


def _check_form(call: KvsTransaction, settings: s.Settings) -> None:
    operations = len(call.items)
    if not operations:
        _invalid("The transaction has no operations.")
    most = settings[s.KVS_TRANSACTION_OPERATIONS]
    if most is not None and operations > most:
        message = f"The transaction has {operations} operations; at most {most} are allowed."
        _invalid(message, s.KVS_TRANSACTION_OPERATIONS.name)
    largest = settings[s.KVS_TRANSACTION_MB]
    if largest is not None and call.size > largest * 1_000_000:
        message = f"The transaction is {call.size} bytes of JSON; at most {largest} MB are allowed."
        rules.refuse("MAX_SIZE", message, s.KVS_TRANSACTION_MB.name)
    if (twice := rules.repeated(item.key for item in call.items)) is not None:
        _invalid(f"The key {rules.shown(twice)} is in the transaction more than once.")
    if call.checks or any(item.conditional for item in call.items):
        _invalid("A check and conditions need an `entityName`: a value of a key has no attributes.")


def _invalid(message: str, limit: str = "kvs.transaction") -> NoReturn:
    rules.refuse("INVALID_TRANSACTION_REQUEST", message, limit)
