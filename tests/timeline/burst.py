"""A long stream: issues created in a burst, whose events meet the store's limit and retry."""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator

from forge_emu.model import LimitUsage
from forge_emu.records import EventDeferred, KvsDone, KvsRefused
from tests.timeline.stream import BOOM, Stream


def add_burst(stream: Stream, *, issues: int = 1_000, seed: int = 7) -> Iterator[int]:
    """Adds the whole burst to `stream`, answering the instant after each step."""
    chance = random.Random(seed)
    heap: list[tuple[int, int, str, int]] = []
    used: list[int] = []
    stream.loaded(app_id="sample-app")
    for n in range(1, issues + 1):
        at = n * 8
        product = f"p{n:06d}"
        stream.sent(at, product, subject=f"EMU-{n}")
        by = stream.triggered(at, product)
        event = f"{chance.getrandbits(32):08x}-0000-4000-8000-{n:012d}"
        stream.pushed(at + 4, event, by=by)
        stream.returned(at + 5, by, product, took=5)
        stream.product_succeeded(at + 5, product, age=5)
        heapq.heappush(heap, (at + 504, n, event, 0))
        while heap and heap[0][0] <= at:
            yield _deliver(stream, heap, used, chance)
        yield at
    while heap:
        yield _deliver(stream, heap, used, chance)


def _deliver(
    stream: Stream, heap: list[tuple[int, int, str, int]], used: list[int], chance: random.Random
) -> int:
    at, n, event, retries = heapq.heappop(heap)
    at = max(at, stream.records[-1].at)
    if chance.random() < 0.02:
        due = at + chance.randint(1_000, 8_000)
        stream.record(
            at,
            EventDeferred(
                limit="concurrency:site-1", due_at=due, event_id=event, queue="snapshots"
            ),
        )
        heapq.heappush(heap, (due, n, event, retries))
        return at
    used[:] = [t for t in used if t > at - 60_000]
    if chance.random() < 0.01:
        stream.failed(at, event, outcome="error", error=BOOM, took=5)
        due, by = at + 5_000, "platform"
    elif len(used) >= 160:
        by_invocation = stream.started(at, event)
        stream.record(
            at + 3,
            KvsRefused(
                operation="set",
                key=f"snapshot-{n}",
                code="RATE_LIMIT_EXCEEDED",
                status=429,
                limit="limits.kvs.write_units_per_minute",
                invocation_id=by_invocation,
            ),
        )
        stream.finished(at + 5, by_invocation, event, "retry_requested", took=5)
        due, by = at + 5_000 * 2**retries + chance.randint(0, 40_000), "app"
    else:
        used.append(at)
        stream.record(
            at,
            KvsDone(
                operation="set", key=f"snapshot-{n}", bytes=240_000, units=24, invocation_id=None
            ),
        )
        stream.succeeded(at, event)
        return at + 20
    if retries >= 4:
        stream.dropped(at + 5, event)
    else:
        stream.retry(at + 5, event, due, count=retries + 1, by=by)
        heapq.heappush(heap, (due, n, event, retries + 1))
    return at + 5


def usage(write_units: float = 3_840, hits: int = 12) -> list[LimitUsage]:
    """Four limited resources."""
    # name, label, used, limit, unit, hits, peak, mean
    return [
        LimitUsage(
            "limits.push.events_per_minute", "events pushed", 412, 500, "events/min", 0, 500, 96.5
        ),
        LimitUsage(
            "limits.kvs.requests_per_second", "store requests", 3, 1000, "requests/s", 0, 131, 12
        ),
        LimitUsage("limits.kvs.read_units_per_minute", "units read", 0, 4000, "units/min", 0, 0, 0),
        LimitUsage(
            "limits.kvs.write_units_per_minute",
            "units written",
            write_units,
            4000,
            "units/min",
            hits,
            4000,
            2100,
        ),
    ]
