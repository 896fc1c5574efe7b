"""Queries of custom entities: pages by an index, in its order, then filtered.

https://developer.atlassian.com/platform/forge/storage-reference/entities-api-query/ (2026-08-21).
Filters look at what a page has read, so a page may be empty although others follow. A value without
the attributes of an index is not in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, NoReturn

import msgspec

from forge_emu import settings as s
from forge_emu.engine.kvs import rules
from forge_emu.engine.kvs.call_records import done_record
from forge_emu.engine.kvs.cursors import check_limit, decode_cursor, encode_cursor
from forge_emu.engine.kvs.entities import KEY, Entity, Index
from forge_emu.engine.kvs.entity_conditions import RANGE, read_condition, read_filter
from forge_emu.engine.kvs.entity_rules import attributes_of, check_entity, is_of_type
from forge_emu.engine.kvs.place import KvsPlace
from forge_emu.engine.kvs.requests import KvsAnswer, KvsEntityQuery
from forge_emu.engine.kvs.store import KvsStore
from forge_emu.model import Instant, Json, StoredValue
from forge_emu.records import KvsDone
from forge_emu.settings.refusals import KVS_CONDITION, KVS_QUERY


class _Row(NamedTuple):
    """A value in an index: where it stands, and what it is."""

    position: tuple[Any, str]
    value: StoredValue
    attributes: dict[str, Json]


def run_entity_query(
    store: KvsStore, call: KvsEntityQuery, now: Instant
) -> tuple[KvsAnswer, KvsDone]:
    """One page. Raises Fault. It costs what it has read, before its filters."""
    entity = check_entity(call.entity, store.declared_entities)
    index = _index(call.index, entity)
    partition = _partition(call.partition, index, entity)
    in_range = _range(call.range, index, entity)
    entity_filter = read_filter(call.filters, entity, store.settings)
    descending = _descending(call.sort)
    limit = _limit(call.limit, store.settings)
    options = rules.check_options("get", rules.options_of(call.options))
    rules.check_metadata(options.get("metadataFields"))
    asked = [entity.name, index.name, partition, call.range, call.filters, descending]
    parameters = msgspec.json.encode(asked).decode()
    after = decode_cursor(call.cursor, parameters, store.settings)

    every = _rows(store, entity, index, partition, now)
    rows = sorted((row for row in every if in_range(row.position[0])), key=lambda row: row.position)
    if descending:
        rows.reverse()
    if after is not None:
        rows = [row for row in rows if _comes_after(row.position, after, descending)]
    page, more = rows[:limit], len(rows) > limit
    cost = store.rates.cost("query_entity", sum(len(row.value.value_text) for row in page))
    place = _partition_place(entity, index, partition)
    pieces = [(place, cost.size)]
    store.rates.check_cost(cost, pieces, now)
    store.rates.consume(cost, pieces, now)
    found = [row.value for row in page if entity_filter.matches(row.attributes)]
    keys = [value.qualified_key for value in found]
    done = done_record(call, cost, keys, partition=place.qualified_key)
    cursors = (encode_cursor(page[-1].position, parameters),) if page else ()
    return KvsAnswer(found=tuple(found), cursors=cursors, more=more), done


def _rows(
    store: KvsStore, entity: Entity, index: Index, partition: list[Json], now: Instant
) -> Iterator[_Row]:
    kind = entity.type_of(index.range) or ""
    for value in store.items(now=now, entity=entity.name):
        attributes = attributes_of(value.value_text)
        at = value.key if index.range == KEY else attributes.get(index.range)
        if at is None or not is_of_type(at, kind):
            continue
        if [attributes.get(name) for name in index.partition] == partition:
            yield _Row((at, value.key), value, attributes)


def _partition_place(entity: Entity, index: Index, partition: list[Json]) -> KvsPlace:
    """What the throughput of a partition of an index is counted under."""
    values = msgspec.json.encode(partition).decode()
    return KvsPlace("entity", entity.name, f"{index.name}/{values}")


def _comes_after(position: tuple[Any, str], after: tuple[Any, str], descending: bool) -> bool:
    # The cursor of another query may stand at another type, after which nothing comes.
    if isinstance(position[0], str) is not isinstance(after[0], str):
        return False
    return position < after if descending else position > after


def _index(name: Json, entity: Entity) -> Index:
    if not isinstance(name, str) or name not in entity.indexes:
        known = ", ".join(entity.indexes)
        rules.refuse(
            "INVALID_ENTITY_INDEX",
            f"The entity {entity.name!r} has no index {rules.short_json(name)}; it has {known}.",
            KVS_QUERY,
        )
    return entity.indexes[name]


def _partition(given: Json, index: Index, entity: Entity) -> list[Json]:
    values = [] if given is None else given
    if not isinstance(values, list) or len(values) != len(index.partition):
        wanted = ", ".join(index.partition) or "nothing"
        _refuse_partition(
            f"The partition of the index {index.name!r} needs a value for each of {wanted}, in "
            f"this order, not {rules.short_json(given)}."
        )
    for name, value in zip(index.partition, values, strict=True):
        kind = entity.type_of(name)
        if kind is None or not is_of_type(value, kind):
            _refuse_partition(
                f"{name!r} has the type {kind}, which {rules.short_json(value)} is not."
            )
    return values


def _range(asked: Json, index: Index, entity: Entity) -> Callable[[Json], bool]:
    if asked is None:
        return lambda value: True
    if not isinstance(asked, dict):
        rules.refuse(
            "INVALID_FILTER_CONDITION",
            f"A `where` is an object, not {rules.short_json(asked)}.",
            KVS_CONDITION,
        )
    return read_condition(asked, index.range, entity, RANGE).matches_value


def _descending(sort: Json) -> bool:
    if sort not in (None, "ASC", "DESC"):
        rules.refuse(
            "INVALID_OPTIONS", f"sort is ASC or DESC, not {rules.short_json(sort)}.", KVS_QUERY
        )
    return bool(sort == "DESC")


def _limit(limit: Json, settings: s.Settings) -> int:
    return check_limit(limit, settings, "COMPLEX_QUERY_PAGE_LIMIT_NOT_IN_RANGE")


def _refuse_partition(message: str) -> NoReturn:
    rules.refuse("INVALID_FILTER_VALUES", message, KVS_QUERY)
