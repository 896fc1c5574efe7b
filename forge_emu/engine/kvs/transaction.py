"""Transactions: up to 25 changes that are all made, or none of them.

https://developer.atlassian.com/platform/forge/storage-reference/kvs-transactions/ (2026-09-28). One
counts as a single write of the size of all its values, and is refused with TOO_MANY_REQUESTS.
Conditions and checks look at attributes, so only custom entities can have them:
entities-transactions/ (2026-09-28). All of them look at what was there before.
"""

from __future__ import annotations

from typing import Final, NoReturn

from forge_emu import settings as s
from forge_emu.engine.kvs import rules
from forge_emu.engine.kvs.call_records import done_record
from forge_emu.engine.kvs.entity_conditions import EntityFilter, read_filter
from forge_emu.engine.kvs.entity_rules import attributes_of, check_entity
from forge_emu.engine.kvs.place import KvsPlace
from forge_emu.engine.kvs.requests import KvsAnswer, KvsItem, KvsTransaction
from forge_emu.engine.kvs.store import KvsStore
from forge_emu.errors import Fault
from forge_emu.model import Instant, Json
from forge_emu.records import KvsDone
from forge_emu.settings.refusals import KVS_CONDITION, KVS_TRANSACTION, Refusing

CONDITION_FAILED: Final = "CONDITIONAL_CHECK_FAILED"


def run_transaction(
    store: KvsStore, call: KvsTransaction, now: Instant
) -> tuple[KvsAnswer, KvsDone]:
    """Do everything a transaction asks for. Raises Fault, and has changed nothing then."""
    _check_form(call, store.settings)
    sets = [store.check_item(item) for item in call.sets]
    deletes = [store.check_place(item.key, item.entity) for item in call.deletes]
    checks = [store.check_place(item.key, item.entity) for item in call.checks]
    places = [*(checked.place for checked in sets), *deletes, *checks]
    conditions = [
        (place, _item_filter(store, item))
        for item, place in zip(call.items, places, strict=True)
        if item.conditions is not None
    ]
    pieces = [checked.key_size for checked in sets]
    cost = store.rates.cost("transact", sum(size for _, size in pieces))
    store.rates.check_cost(cost, pieces, now, code="TOO_MANY_REQUESTS")
    for place, condition in conditions:
        if not condition.matches(_stored_attributes(store, place, now)):
            store.rates.count_refused(cost, pieces, now)
            message = f"The value of {place.qualified_key!r} does not meet its conditions."
            body = {"code": CONDITION_FAILED, "message": message}
            raise Fault(400, body, limit=KVS_CONDITION.name)
    store.rates.consume(cost, pieces, now)
    for checked in sets:
        store.put(checked, now)
    for place in deletes:
        store.remove(place)
    answer = KvsAnswer(done=(*call.sets, *call.deletes))
    sizes = [*(size for _, size in pieces), *(0 for _ in deletes)]
    return answer, done_record(call, cost, answer.keys, sizes=sizes)


def _item_filter(store: KvsStore, item: KvsItem) -> EntityFilter:
    entity = check_entity(item.entity, store.declared_entities)
    return read_filter(item.conditions, entity, store.settings)


def _stored_attributes(store: KvsStore, place: KvsPlace, now: Instant) -> dict[str, Json]:
    """Those of the stored value at a place; none where there is no value."""
    found = store.find(place, now)
    return attributes_of(found.value_text) if found else {}


def _check_form(call: KvsTransaction, settings: s.Settings) -> None:
    operations = len(call.items)
    if not operations:
        _refuse_transaction("The transaction has no operations.")
    most = settings[s.KVS_TRANSACTION_OPERATIONS]
    if most is not None and operations > most:
        message = f"The transaction has {operations} operations; at most {most} are allowed."
        _refuse_transaction(message, s.KVS_TRANSACTION_OPERATIONS)
    largest = settings[s.KVS_TRANSACTION_MB]
    if largest is not None and call.size > largest * 1_000_000:
        message = f"The transaction is {call.size} bytes of JSON; at most {largest} MB are allowed."
        rules.refuse("MAX_SIZE", message, s.KVS_TRANSACTION_MB)
    if (twice := rules.first_repeated_key(item.qualified_key for item in call.items)) is not None:
        _refuse_transaction(
            f"The key {rules.short_json(twice)} is in the transaction more than once."
        )
    plain = [item for item in call.items if item.entity is None]
    if any(item in call.checks or item.conditions is not None for item in plain):
        _refuse_transaction(
            "A check and conditions need an `entityName`: a value of a key has no attributes."
        )
    if any(item.conditions is None for item in call.checks):
        _refuse_transaction("A check needs conditions.")


def _refuse_transaction(message: str, rule: Refusing = KVS_TRANSACTION) -> NoReturn:
    rules.refuse("INVALID_TRANSACTION_REQUEST", message, rule)
