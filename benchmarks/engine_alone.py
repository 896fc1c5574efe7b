"""The engine alone, without handlers, state and clock, beside a loop over a bare heap."""

from __future__ import annotations

import random
from collections import deque
from heapq import heappop, heappush
from itertools import count
from typing import Final

from benchmarks.measuring import Spent, measure
from benchmarks.pending import app
from forge_emu.engine.build import build_parts
from forge_emu.engine.engine import Engine
from forge_emu.model import Outcome, PushItem, PushRequest, RetryRequested, Success
from forge_emu.settings import Settings
from forge_emu.store.gc_pause import collect_seldom

EVENTS: Final = 20_000
BATCH: Final = 50
AT_ONCE: Final = 100
"""Events that are under way at once."""
RETRY_SECONDS: Final = 60


def engine_measurements() -> dict[str, Spent]:
    """What `EVENTS` events take from their push to their end, and as many in a bare heap."""
    return {
        "engine": play_engine(retries=0),
        "engine, one retry": play_engine(retries=1),
        "heap loop": play_heap(retries=0),
        "heap loop, twice": play_heap(retries=1),
    }


def play_engine(retries: int) -> Spent:
    """Push all, start what is ready, end it at once; with a retry, all again when it is due."""
    collect_seldom()
    chance, ids = random.Random(1), count()
    parts = build_parts(
        app(),
        Settings("off", {"delivery.max_instances": AT_ONCE}),
        epoch_ms=0,
        new_id=lambda: f"{next(ids):032x}",
        chance=chance.random,
    )
    engine = Engine(app(), parts)
    outcomes: list[Outcome] = [*[RetryRequested(RETRY_SECONDS)] * retries, Success()]
    with measure() as spent:
        for number in range(EVENTS // BATCH):
            items = tuple(PushItem.of({"n": n}) for n in range(BATCH))
            request = PushRequest("work", f"j{number}", items, (7,) * BATCH, 350, f"i{number}")
            engine.push(request, 0)
        for now, outcome in zip(count(0, RETRY_SECONDS * 1_000), outcomes):
            engine.wake(now)
            while started := engine.take_invocations():
                for invocation in started:
                    engine.end_invocation(invocation.invocation_id, outcome, now)
                engine.take_records()
    assert engine.pending == 0
    return spent


def play_heap(retries: int) -> Spent:
    """The least that could do it: a heap by due time, events by id, what is under way, records."""
    chance = random.Random(1).random
    heap: list[tuple[int, float, str]] = []
    events: dict[str, dict[str, int]] = {}
    under_way: deque[str] = deque()
    records: list[tuple[int, str, str]] = []
    with measure() as spent:
        for number in range(EVENTS):
            id = f"{number:032x}"
            events[id] = {"n": number, "attempts": 0}
            heappush(heap, (0, chance(), id))
            records.append((0, "pushed", id))
        for attempt in range(retries + 1):
            now = attempt * RETRY_SECONDS * 1_000
            while heap and heap[0][0] <= now:
                while heap and heap[0][0] <= now and len(under_way) < AT_ONCE:
                    id = heappop(heap)[2]
                    events[id]["attempts"] += 1
                    under_way.append(id)
                    records.append((now, "started", id))
                while under_way:
                    id = under_way.popleft()
                    records.append((now, "finished", id))
                    if attempt < retries:
                        heappush(heap, (now + RETRY_SECONDS * 1_000, chance(), id))
                    else:
                        del events[id]
                        records.append((now, "succeeded", id))
                records.clear()
    assert not events
    return spent
