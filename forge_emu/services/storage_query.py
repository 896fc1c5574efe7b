"""`storage.query()` of `@forge/api` 2 to 7: what it asks for, and the edges it is answered.

Every edge has a cursor, and the package passes the last one on: so a page always gives the app a
cursor, and a page without values ends the loop of an app that follows them.
"""

from __future__ import annotations

from typing import Any

import msgspec

from forge_emu.engine.kvs.requests import KvsAnswer, KvsQuery
from forge_emu.model import Json

_CONDITIONS = {"STARTS_WITH": "BEGINS_WITH"}


def kvs_query(where: Json, limit: Json, cursor: Json, invocation_id: str | None) -> KvsQuery:
    """The query as `@forge/kvs` would send it; an invalid one is left for the store to refuse."""
    if isinstance(where, list):
        where = [_clause(clause) for clause in where]
    return KvsQuery(where, limit, cursor, None, invocation_id)


def edges_json(page: KvsAnswer) -> bytes:
    """The data of the answer."""
    found = b",".join(
        b'{"node":{"key":%s,"value":%s},"cursor":%s}'
        % (msgspec.json.encode(value.key), value.value_text, msgspec.json.encode(cursor))
        for value, cursor in zip(page.found, page.cursors, strict=True)
    )
    return b'{"data":{"appStoredEntities":{"edges":[%s]}}}' % found


def _clause(clause: Json) -> Json:
    if not isinstance(clause, dict):
        return clause
    condition: Any = clause.get("condition")
    known = _CONDITIONS.get(condition, condition) if isinstance(condition, str) else condition
    return {
        "property": clause.get("field"),
        "condition": known,
        "values": [clause.get("value")],
    }
