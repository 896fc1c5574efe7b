"""What the store holds, as a table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from rich.text import Text

from forge_emu.console import palette as p
from forge_emu.console.format import escape
from forge_emu.console.tables.listing import Listing
from forge_emu.durations import duration_text

_SHOWN = 120


class KvsRow(NamedTuple):
    """A key, its value as JSON text (None: masked), its size in bytes and seconds to live."""

    key: str
    value: bytes | None
    size: int
    ttl_seconds: float | None


def kvs_table(entries: Iterable[KvsRow]) -> Listing:
    """A row for each entry; a masked value shows as stars."""
    rows = Listing("key", "bytes", "lives", "value", right=("bytes",), cut=("value",))
    for entry in entries:
        text = "********" if entry.value is None else entry.value.decode(errors="replace")
        shown = text[:_SHOWN] + ("…" if len(text) > _SHOWN else "")
        lives = "" if entry.ttl_seconds is None else duration_text(round(entry.ttl_seconds * 1000))
        rows.add_row(
            Text(escape(entry.key), p.ACCENT), f"{entry.size:,}", lives, Text(escape(shown), p.DIM)
        )
    return rows
