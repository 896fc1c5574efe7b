"""The use of limits over time, computed from records alone."""

from __future__ import annotations

import random
from typing import Any

import pytest

from forge_emu import settings as s
from forge_emu.engine.kvs.requests import (
    KvsBatch,
    KvsItem,
    KvsMultiKeyCall,
    KvsQuery,
    KvsTransaction,
)
from forge_emu.errors import Fault
from forge_emu.model import KvsRequest, PushItem
from forge_emu.records import EventPushed, KvsDone, RetryScheduled
from forge_emu.report.usage import Gauge, UsageOverTime
from forge_emu.settings import Preset, Settings
from tests.engine.world import World
from tests.timeline.stream import Stream


def _series(usage: UsageOverTime, name: str, end: int) -> Any:
    return next(found for found in usage.series(end) if found.name == name)


@pytest.mark.parametrize(
    ("preset", "overrides"),
    [
        ("current", {}),
        ("current", {"limits__kvs__window": "fixed", "limits__push__window": "fixed"}),
        ("current", {"limits__kvs__count_refused": True, "limits__push__count_refused": True}),
        ("legacy", {"limits__kvs__reads_per_20_seconds": 15}),
        ("legacy", {"limits__kvs__batches_per_minute": 4, "limits__kvs__count_refused": True}),
        ("legacy", {"limits__kvs__queries_per_20_seconds": 2}),
        ("off", {}),
    ],
)
def test_peaks_and_hits_are_those_of_the_engine(preset: Preset, overrides: dict[str, Any]) -> None:
    """Whatever happens, whatever the windows: what the records say is what the engine counted."""
    overrides = {
        "limits__push__events_per_minute": 30,
        "limits__kvs__requests_per_second": 5,
        "limits__kvs__write_units_per_minute": 60,
        "limits__kvs__read_units_per_minute": 40,
        **overrides,
    }
    if preset == "off":
        overrides = {}
    world = World(preset=preset, **overrides)
    settings = Settings(preset, {k.replace("__", "."): v for k, v in overrides.items()})
    usage = UsageOverTime(settings)
    chance = random.Random(4)
    for _ in range(600):
        world.advance_to(world.now + chance.choice([0, 1, 40, 700, 5_000, 90_000]))
        try:
            if chance.random() < 0.4:
                world.push(*[PushItem.of({"n": 1})] * chance.randint(1, 9))
            elif chance.random() < 0.5:
                world.engine.call_kvs(_call(chance), world.now)
            else:
                world.engine.kvs.call(_many(chance), world.now)
        except Fault:
            pass
        world.collect()
    for record in world.records:
        usage.add_record(record)

    found = {series.name: series for series in usage.series(world.now)}
    for counted in world.engine.usage(world.now):
        series = found.get(counted.name)
        peak, hits = (max(series.peaks), sum(series.hits)) if series else (0, 0)
        assert (counted.name, peak, hits) == (counted.name, counted.peak, counted.hits)
        assert series is None or series.limit == counted.limit


def _call(chance: random.Random) -> KvsRequest:
    operation = chance.choice(["get", "set", "set", "delete"])
    value = b'"' + b"x" * chance.choice([10, 9_000, 25_000]) + b'"' if operation == "set" else None
    return KvsRequest(operation, f"k{chance.randint(1, 5)}", value)  # type: ignore[arg-type]


def _many(chance: random.Random) -> KvsMultiKeyCall:
    text = b'"' + b"x" * chance.choice([10, 9_000, 25_000]) + b'"'
    # One key of three is none, and some calls are malformed as a whole.
    items = tuple(
        KvsItem(chance.choice([f"k{i}", f"l{i}", "/"]), text) for i in range(chance.randint(0, 4))
    )
    operation: Any = chance.choice(["batch_get", "batch_set", "batch_delete"])
    calls: list[KvsMultiKeyCall] = [
        KvsQuery(limit=chance.choice([1, 5, 0])),
        KvsBatch(operation, items),
        KvsTransaction(items),
    ]
    return chance.choice(calls)


def _pushed(stream: Stream, at: int, n: int = 1) -> None:
    for i in range(n):
        body = EventPushed(
            event_id=f"{at}-{i}", job_id="j", queue="q", due_at=at, size_bytes=1, invocation_id="i"
        )
        stream.record(at, body)


def test_use_falls_as_the_window_moves_on() -> None:
    """Between two records nothing is said, and yet the minute empties."""
    usage = UsageOverTime(Settings())
    stream = Stream(usage.add_record)
    _pushed(stream, 0, 3)
    _pushed(stream, 30_000, 2)
    _pushed(stream, 200_000)
    series = _series(usage, s.PUSH_EVENTS_PER_MINUTE.name, 200_000)

    def used(at: int) -> float:
        return float(series.peaks[(at - series.start) // series.width_ms])

    assert [used(at) for at in (0, 29_000, 31_000, 62_000, 95_000, 200_000)] == [3, 3, 5, 2, 0, 1]


def test_steps_widen_and_keep_their_peaks() -> None:
    """A day of records is as many steps as a minute's."""
    gauge = Gauge(s.PUSH_EVENTS_PER_MINUTE, 500, "sliding", 60_000, most=480, width=250)
    gauge.add_use(1_000, 400)
    gauge.add_hit(2_000)
    gauge.add_use(86_400_000, 7)
    series = gauge.series(90_000_000)

    assert series is not None
    assert len(series.peaks) == len(series.hits) <= 480
    assert (max(series.peaks), sum(series.hits)) == (400, 1)
    assert series.peaks[-1] == 0


def test_retries_for_the_invocations_of_a_minute_are_hits() -> None:
    """Where that limit is set."""
    usage = UsageOverTime(Settings("current", {s.INVOCATIONS_PER_MINUTE.name: 10}))
    stream = Stream(usage.add_record)
    body = RetryScheduled(
        retry_count=1,
        retry_reason="FUNCTION_PLATFORM_RATE_LIMITED",
        retry_after_ms=9,
        due_at=9,
        asked_by="platform",
        limit=s.INVOCATIONS_PER_MINUTE.name,
        event_id="e",
        queue="q",
    )
    stream.record(0, body)

    assert _series(usage, s.INVOCATIONS_PER_MINUTE.name, 10).hits[0] == 1


def _done(operation: str, key: str, size: int, **more: Any) -> KvsDone:
    return KvsDone(operation=operation, key=key, bytes=size, units=1, invocation_id=None, **more)


@pytest.mark.parametrize(
    ("calls", "peak"),
    [
        ([_done("set", "a", 300_000), _done("set", "b", 500_000)], 0.5),
        ([_done("set", "a", 300_000), _done("set", "a", 500_000)], 0.8),
        ([_done("set", "a", 300_000), _done("set_secret", "a", 500_000)], 0.5),
        ([_done("set", "a", 300_000), _done("delete", "a", 0)], 0.3),
        (
            [
                _done("set", "a", 300_000),
                _done(
                    "batch_set", "a and 1 more", 700_000, keys=["a", "b"], key_bytes=[1, 699_999]
                ),
            ],
            0.699999,
        ),
    ],
)
def test_a_limit_of_single_keys_shows_the_key_that_used_most(
    calls: list[KvsDone], peak: float
) -> None:
    """A batch counts each of its keys, and a secret is another thing than the value of its key."""
    usage = UsageOverTime(Settings())
    stream = Stream(usage.add_record)
    for body in calls:
        stream.record(0, body)
    series = _series(usage, s.KVS_KEY_WRITE_MB.name, 5_000)

    assert (max(series.peaks), series.peaks[-1], series.limit) == (peak, 0, 1)
    assert (series.label, series.per) == ("Store writes of one key", "key")


def test_a_limit_of_partitions_shows_the_partition_that_used_most() -> None:
    """Queries of two partitions of an index do not add up."""
    usage = UsageOverTime(Settings())
    stream = Stream(usage.add_record)
    for partition, size in (("note/by-topic/a", 3_000_000), ("note/by-topic/b", 9_000_000)):
        stream.record(0, _done("query_entity", "note/by-topic", size, partition=partition))
    series = _series(usage, s.KVS_INDEX_MB.name, 1)

    assert max(series.peaks) == 9


def test_what_was_never_used_has_no_series() -> None:
    """An app without a store shows no empty charts of one."""
    usage = UsageOverTime(Settings())
    stream = Stream(usage.add_record)
    stream.record(5, KvsDone(operation="get", key="k", bytes=0, units=1, invocation_id=None))

    assert {series.name for series in usage.series(10)} == {
        s.KVS_REQUESTS_PER_SECOND.name,
        s.KVS_READ_UNITS.name,
    }
