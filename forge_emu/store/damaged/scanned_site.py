"""Reads what can be read of the site in a damaged file."""

from __future__ import annotations

import sqlite3

import msgspec

from forge_emu.site.collection import Place
from forge_emu.site.site import Site
from forge_emu.store.damaged.scanning import is_json, scan_table


def scan_site(connection: sqlite3.Connection) -> tuple[dict[Place, bytes | None], bool]:
    """The things of the site, and whether that is all of them.

    A file of before there was a site has none.
    """
    try:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    except sqlite3.Error:
        return {}, False
    if "site" not in tables:
        return {}, True
    site = Site()

    def is_sound(kind: object, id: object, thing: object) -> bool:
        """Whether a site takes it; what it does not know may be of a later forge-emu."""
        if not (isinstance(kind, str) and isinstance(id, str) and isinstance(thing, bytes)):
            return False
        try:
            site.restore({(kind, id): thing})
        except (msgspec.DecodeError, ValueError, KeyError, TypeError, RecursionError):
            return False
        return is_json(thing)

    found = scan_table(connection, "site", "kind || '/' || id, kind, id, thing", "kind, id")
    good: dict[Place, bytes | None] = {
        (kind, id): thing for _, kind, id, thing in found.rows if is_sound(kind, id, thing)
    }
    return good, not found.damaged and len(good) == len(found.rows)
