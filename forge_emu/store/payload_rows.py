"""Rows of the table of payloads, as they are read."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from forge_emu.payloads import PayloadRow
from forge_emu.payloads.entries import Kind

COLUMNS: Final = ("number", "event", "kind", "is_attempt", "entry", "original", "job", "subject")
"""In the order of the fields of `PayloadRow`."""

_TYPES: Final = tuple[int, str, Kind, bool, bytes, bytes | None, str | None, str | None]


def payload_row(row: tuple[Any, ...]) -> PayloadRow | None:
    """What is in a row of the table; None where damage has made something else of it."""
    try:
        return PayloadRow(*msgspec.convert(row, _TYPES, strict=False))
    except msgspec.ValidationError:
        return None
