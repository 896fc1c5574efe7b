"""Slots of concurrency keys: one count per key and installation, across queues.

https://developer.atlassian.com/platform/forge/runtime-reference/async-events-api/ (2026-09-01)
"""

from __future__ import annotations

from forge_emu.model import Json


class ConcurrencyKeys:
    """How many events of each key are being handled now."""

    def __init__(self) -> None:
        self._in_use: dict[str, int] = {}

    def acquire(self, key: str, limit: int) -> bool:
        """Take a slot of `key`; False when `limit` are taken already."""
        taken = self._in_use.get(key, 0)
        if taken >= limit:
            return False
        self._in_use[key] = taken + 1
        return True

    def release(self, key: str) -> None:
        """Free a slot taken before."""
        left = self._in_use[key] - 1
        if left:
            self._in_use[key] = left
        else:
            del self._in_use[key]


def read_concurrency(concurrency: Json) -> tuple[str | None, int, str | None]:
    """(key, limit, problem) of an event's `concurrency`; key None means unbounded.

    The package sends it out unchecked, so anything can come.
    """
    if concurrency is None:
        return None, 0, None
    if not isinstance(concurrency, dict):
        return None, 0, "concurrency is not an object"
    key, limit = concurrency.get("key"), concurrency.get("limit")
    if not isinstance(key, str) or not key:
        return None, 0, "concurrency.key is not a text"
    if isinstance(limit, bool) or not isinstance(limit, int | float) or limit < 1:
        return None, 0, f"concurrency.limit is {limit!r}, not a whole number from 1"
    return key, int(limit), None
