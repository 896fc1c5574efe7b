"""What records tell of the use of limits: of which keys how much, and at which time of an hour."""

from __future__ import annotations

from collections.abc import Iterator

from forge_emu import settings as s
from forge_emu.model import MINUTE, SECOND, Millis
from forge_emu.records import KvsDone


def ms_of_hour(time: str) -> Millis:
    """How far into its hour the `time` of a record is: `2026-11-24T10:59:00.000Z` is 3,540,000."""
    return int(time[14:16]) * MINUTE + int(time[17:19]) * SECOND + int(time[20:23])


def used_keys(done: KvsDone, per: s.Scope) -> Iterator[tuple[str, int]]:
    """What a call used of each key, or of a partition: its name, and the bytes."""
    if per == "index_partition":
        if isinstance(done.partition, str):
            yield done.partition, done.bytes
    elif isinstance(done.keys, list):
        sizes = done.key_bytes if isinstance(done.key_bytes, list) else [0] * len(done.keys)
        yield from zip(done.keys, sizes, strict=False)
    else:
        # A secret may have the key of a value.
        kind = "secret " if done.operation.endswith("_secret") else ""
        yield f"{kind}{done.key}", done.bytes
