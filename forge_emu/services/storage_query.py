"""Queries of the `storage` of `@forge/api` 2 to 7: what they ask for, and the edges of the answer.

Every edge has a cursor, and of `storage.query()` the package passes the last one on: so a page
always gives the app a cursor, and a page without values ends the loop of an app that follows them.
Of a query of an entity it passes on the cursor of the page, which is null after the last one.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from forge_emu.engine.kvs.requests import KvsAnswer, KvsQuery
from forge_emu.model import Json

ENTITY_QUERY: Final = "appStoredCustomEntities"
_CONDITIONS = {"STARTS_WITH": "BEGINS_WITH"}


def kvs_query(where: Json, limit: Json, cursor: Json, invocation_id: str | None) -> KvsQuery:
    """The query as `@forge/kvs` would send it; an invalid one is left for the store to refuse."""
    if isinstance(where, list):
        where = [_clause(clause) for clause in where]
    return KvsQuery(where, limit, cursor, None, invocation_id)


def edges_json(field: str, page: KvsAnswer) -> bytes:
    """The data of the answer, under the field that the query reads."""
    found = b",".join(
        b'{"node":{"key":%s,"value":%s},"cursor":%s}'
        % (msgspec.json.encode(value.key), value.value_text, msgspec.json.encode(cursor))
        for value, cursor in zip(page.found, page.cursors, strict=True)
    )
    cursor = b""
    if field == ENTITY_QUERY:
        cursor = b',"cursor":' + msgspec.json.encode(page.cursors[-1] if page.more else None)
    return b'{"data":{"%s":{"edges":[%s]%s}}}' % (field.encode(), found, cursor)


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
