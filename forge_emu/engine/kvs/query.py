"""Queries of the key-value store: pages of values by the beginning of their keys.

https://developer.atlassian.com/platform/forge/storage-reference/kvs-api-query/ (2026-08-21) and
kvs-errorhandling/ (2024-03-14). Secrets are never among the values. A query sees what was stored
last: how far the platform lags behind is not published.
"""

from __future__ import annotations

from itertools import islice

from forge_emu.engine.kvs import rules
from forge_emu.engine.kvs.call_records import done_record
from forge_emu.engine.kvs.cursors import check_limit, decode_cursor, encode_cursor
from forge_emu.engine.kvs.requests import KvsAnswer, KvsQuery
from forge_emu.engine.kvs.store import KvsStore
from forge_emu.model import Instant, Json
from forge_emu.records import KvsDone
from forge_emu.settings.refusals import KVS_QUERY


def run_query(store: KvsStore, call: KvsQuery, now: Instant) -> tuple[KvsAnswer, KvsDone]:
    """One page. Raises Fault.

    It costs the sizes of its values together, as one read; nothing found is one unit.
    """
    prefix = _prefix(call.where)
    limit = check_limit(call.limit, store.settings, "LIST_QUERY_LIMIT_EXCEEDED")
    position = decode_cursor(call.after, prefix, store.settings)
    after = position[1] if position else None
    options = rules.check_options("get", rules.options_of(call.options))
    rules.check_metadata(options.get("metadataFields"))
    found = list(islice(store.items(prefix, after, now=now), limit + 1))
    page, more = found[:limit], len(found) > limit
    cost = store.rates.cost("query", sum(len(value.value_text) for value in page))
    store.rates.check_cost(cost, (), now)
    store.rates.consume(cost, (), now)
    done = done_record(call, cost, [value.key for value in page])
    cursors = tuple(encode_cursor((value.key, value.key), prefix) for value in page)
    return KvsAnswer(found=tuple(page), cursors=cursors, more=more), done


def _prefix(where: Json) -> str:
    if where is None or where == []:
        return ""
    if not isinstance(where, list) or len(where) != 1 or not isinstance(where[0], dict):
        rules.refuse(
            "QUERY_WHERE_INVALID",
            "A query has a single `where`, as one object in a list, not "
            f"{rules.short_json(where)}.",
            KVS_QUERY,
        )
    clause = where[0]
    if clause.get("property") != "key":
        rules.refuse(
            "QUERY_WHERE_FIELD_INVALID",
            "A query can only ask for the field `key`, not "
            f"{rules.short_json(clause.get('property'))}.",
            KVS_QUERY,
        )
    if clause.get("condition") != "BEGINS_WITH":
        rules.refuse(
            "INVALID_FILTER_CONDITION",
            "The only condition of a query is BEGINS_WITH, not "
            f"{rules.short_json(clause.get('condition'))}.",
            KVS_QUERY,
        )
    values = clause.get("values")
    if not isinstance(values, list) or len(values) != 1 or not isinstance(values[0], str):
        rules.refuse(
            "INVALID_FILTER_VALUES",
            f"BEGINS_WITH takes one string, not {rules.short_json(values)}.",
            KVS_QUERY,
        )
    return str(values[0])
