"""Slots of concurrency keys: one count per key and installation, across queues.

https://developer.atlassian.com/platform/forge/runtime-reference/async-events-api/ (2026-09-01)
"""

from __future__ import annotations

from collections import deque

import msgspec

from forge_emu import settings as s
from forge_emu.engine.backoff import Backoff
from forge_emu.model import SECOND, Instant, Json, Millis, seconds_to_ms


class ConcurrencyKeys:
    """How many slots of each key are taken now.

    A slot is free again `release_ms` after its invocation ended, as the platform's counters follow
    with a delay (community.developer.atlassian.com/t/93837, 2025-07-16). A restart frees them all.
    """

    def __init__(self, release_ms: Millis = 0) -> None:
        self._release_ms = release_ms
        self._in_use: dict[str, int] = {}
        self._releases: deque[tuple[Instant, str]] = deque()

    def acquire(self, key: str, limit: int, now: Instant) -> bool:
        """Take a slot of `key`; False when `limit` are taken already."""
        self._free_released(now)
        taken = self._in_use.get(key, 0)
        if taken >= limit:
            return False
        self._in_use[key] = taken + 1
        return True

    def release(self, key: str, now: Instant) -> None:
        """Give back a slot taken before: its invocation ended at `now`."""
        self._releases.append((now + self._release_ms, key))

    def _free_released(self, now: Instant) -> None:
        while self._releases and self._releases[0][0] <= now:
            _, key = self._releases.popleft()
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
    if (
        isinstance(limit, bool)
        or not isinstance(limit, int | float)
        or limit < 1
        or (isinstance(limit, float) and not limit.is_integer())
    ):
        return None, 0, f"concurrency.limit is {short_json(limit)}, not a whole number from 1"
    return key, int(limit), None


def short_json(value: Json) -> str:
    """What an app sent, as JSON of at most 80 characters."""
    return msgspec.json.encode(value).decode()[:80]


def concurrency_backoff(settings: s.Settings) -> Backoff:
    """How long an event waits for a free slot of its concurrency key."""
    return Backoff(
        max(seconds_to_ms(settings[s.CONCURRENCY_BACKOFF_FIRST]), SECOND // 1000),
        settings[s.CONCURRENCY_BACKOFF_FACTOR],
        seconds_to_ms(settings[s.CONCURRENCY_BACKOFF_MAX]),
        settings[s.CONCURRENCY_BACKOFF_JITTER],
    )
