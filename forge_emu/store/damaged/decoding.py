"""Texts of a damaged state file as what they were, where they still are that."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from forge_emu.model import iso8601
from forge_emu.records import RecordLines
from forge_emu.store.shapes import Identity


class RecordStamp(msgspec.Struct):
    """Number and instants of a record: `at` emulated, `time` as a date."""

    seq: int
    at: int
    time: str


def decode_or_none(kind: Any, text: bytes | None) -> Any:
    """`text` as a `kind`; None where it is none."""
    if text is None:
        return None
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, ValueError, TypeError, RecursionError):
        return None


def identity_from_records(identity: Identity, lines: Sequence[RecordLines]) -> Identity:
    """The identity, with the start of the run taken from the records."""
    for part in reversed(lines):
        stamp = decode_or_none(RecordStamp, part.lines[-1])
        if stamp is not None and (epoch := _epoch_ms_of(stamp)) is not None:
            return msgspec.structs.replace(identity, epoch_ms=epoch)
    return identity


def _epoch_ms_of(stamp: RecordStamp) -> int | None:
    """The instant 0 in real time, found by halving: `iso8601` grows with its argument."""
    low, high = 0, 1 << 48
    while low < high:
        middle = (low + high) // 2
        if iso8601(middle) < stamp.time:
            low = middle + 1
        else:
            high = middle
    return low - stamp.at if iso8601(low) == stamp.time else None
