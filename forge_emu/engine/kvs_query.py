"""Queries of the key-value store: pages of values by the beginning of their keys.

https://developer.atlassian.com/platform/forge/storage-reference/kvs-api-query/ (2026-08-21) and
kvs-errorhandling/ (2024-03-14). Secrets are never among the values. A query sees what was stored
last: how far the platform lags behind is not published.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from itertools import islice
from typing import NoReturn

import msgspec

from forge_emu import settings as s
from forge_emu.engine import kvs_rules as rules
from forge_emu.engine.kvs import KvsStore
from forge_emu.engine.kvs_many import KvsMany, KvsQuery
from forge_emu.model import Instant, Json
from forge_emu.records import KvsDone


class _Cursor(msgspec.Struct):
    """Where a page ended: the key, and the prefix that was asked for."""

    key: str
    prefix: str


def query(store: KvsStore, call: KvsQuery, now: Instant) -> tuple[KvsMany, KvsDone]:
    """One page. Raises Fault.

    It costs the sizes of its values together, as one read; nothing found is one unit.
    """
    prefix = _prefix(call.where)
    limit = _limit(call.limit, store.settings)
    after = _after(call.after, prefix, store.settings)
    options = rules.check_options("get", rules.options_of(call.options))
    rules.check_metadata(options.get("metadataFields"))
    found = list(islice(store.items(prefix, after, now=now), limit + 1))
    page, more = found[:limit], len(found) > limit
    cost = store.rates.cost("query", sum(len(value.value_text) for value in page))
    store.rates.check(cost, (), now)
    store.rates.take(cost, (), now)
    done = KvsDone(
        operation="query",
        key=prefix,
        bytes=cost.size,
        units=cost.units,
        invocation_id=call.invocation_id,
        keys=[value.key for value in page],
    )
    cursors = tuple(_cursor_after(value.key, prefix) for value in page)
    return KvsMany(found=tuple(page), cursors=cursors, more=more), done


def _prefix(where: Json) -> str:
    if where is None or where == []:
        return ""
    if not isinstance(where, list) or len(where) != 1 or not isinstance(where[0], dict):
        rules.refuse(
            "QUERY_WHERE_INVALID",
            f"A query has a single `where`, as one object in a list, not {rules.shown(where)}.",
            "kvs.query",
        )
    clause = where[0]
    if clause.get("property") != "key":
        rules.refuse(
            "QUERY_WHERE_FIELD_INVALID",
            f"A query can only ask for the field `key`, not {rules.shown(clause.get('property'))}.",
            "kvs.query",
        )
    if clause.get("condition") != "BEGINS_WITH":
        rules.refuse(
            "INVALID_FILTER_CONDITION",
            "The only condition of a query is BEGINS_WITH, not "
            f"{rules.shown(clause.get('condition'))}.",
            "kvs.query",
        )
    values = clause.get("values")
    if not isinstance(values, list) or len(values) != 1 or not isinstance(values[0], str):
        rules.refuse(
            "INVALID_FILTER_VALUES",
            f"BEGINS_WITH takes one string, not {rules.shown(values)}.",
            "kvs.query",
        )
    return str(values[0])


def _limit(limit: Json, settings: s.Settings) -> int:
    most = settings[s.KVS_QUERY_RESULTS]
    if limit is None:
        default = settings[s.KVS_QUERY_DEFAULT]
        return default if most is None else min(default, most)
    whole = isinstance(limit, int) and not isinstance(limit, bool)
    if not whole or limit < 1 or (most is not None and limit > most):
        allowed = "at least 1" if most is None else f"from 1 to {most}"
        rules.refuse(
            "LIST_QUERY_LIMIT_EXCEEDED",
            f"The limit of a query is a whole number {allowed}, not {rules.shown(limit)}.",
            s.KVS_QUERY_RESULTS.name,
        )
    return int(limit)


def _cursor_after(key: str, prefix: str) -> str:
    """What the next query has to bring along, as a text that says nothing to the app."""
    return urlsafe_b64encode(msgspec.json.encode(_Cursor(key, prefix))).decode()


def _after(cursor: Json, prefix: str, settings: s.Settings) -> str | None:
    # An app that begins its loop with an empty cursor means the first page.
    if cursor is None or cursor == "":
        return None
    try:
        found = msgspec.json.decode(urlsafe_b64decode(cursor), type=_Cursor)
    except (ValueError, TypeError):
        _bad_cursor(f"{rules.shown(cursor)} is no cursor that a query gave.")
    if found.prefix != prefix and settings[s.STORAGE_FOREIGN_CURSOR] == "refuse":
        _bad_cursor(
            f"The cursor belongs to a query of keys that begin with {rules.shown(found.prefix)}, "
            f"not {rules.shown(prefix)}: use the same parameters as for the first page."
        )
    return found.key


def _bad_cursor(message: str) -> NoReturn:
    # Atlassian publishes no code for it; this one is ours.
    rules.refuse("INVALID_CURSOR", message, "kvs.cursor")
