"""Pages of queries: how many values they hold, and opaque cursors.

A cursor continues only the query that returned it.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode

import msgspec

from forge_emu import settings as s
from forge_emu.engine.kvs import rules
from forge_emu.model import Json
from forge_emu.settings.refusals import KVS_CURSOR

Position = tuple[str | bool | int | float, str]
"""Where a page ended: by what it is sorted, and the key."""


class _Cursor(msgspec.Struct, array_like=True):
    position: Position
    parameters: str


def check_limit(limit: Json, settings: s.Settings, code: str) -> int:
    """How many values a page of a query holds. Raises Fault (400) with `code`."""
    most = settings[s.KVS_QUERY_RESULTS]
    if limit is None:
        default = settings[s.KVS_QUERY_DEFAULT]
        return default if most is None else min(default, most)
    whole = isinstance(limit, int) and not isinstance(limit, bool)
    if not whole or limit < 1 or (most is not None and limit > most):
        allowed = "at least 1" if most is None else f"from 1 to {most}"
        rules.refuse(
            code,
            f"The limit of a query is a whole number {allowed}, not {rules.short_json(limit)}.",
            s.KVS_QUERY_RESULTS,
        )
    return int(limit)


def encode_cursor(position: Position, parameters: str) -> str:
    """The cursor that the next query has to send. `parameters` are those of this one."""
    return urlsafe_b64encode(msgspec.json.encode(_Cursor(position, parameters))).decode()


def decode_cursor(cursor: Json, parameters: str, settings: s.Settings) -> Position | None:
    """The position in a cursor, where a query goes on; None for the first page. Raises Fault (400).

    INVALID_CURSOR is a code of ours: Atlassian publishes none.
    """
    # An app that begins its loop with an empty cursor means the first page.
    if cursor is None or cursor == "":
        return None
    try:
        found = msgspec.json.decode(urlsafe_b64decode(cursor), type=_Cursor)
    except (ValueError, TypeError):
        message = f"{rules.short_json(cursor)} is no cursor that a query gave."
        rules.refuse("INVALID_CURSOR", message, KVS_CURSOR)
    if found.parameters != parameters and settings[s.STORAGE_FOREIGN_CURSOR] == "refuse":
        message = (
            "The cursor belongs to a query with other parameters: only the limit may change from "
            "page to page."
        )
        rules.refuse("INVALID_CURSOR", message, KVS_CURSOR)
    return found.position
