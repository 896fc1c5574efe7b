"""An engine's parts share what they must share, and draw chance from streams of their own."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from forge_emu import records as r
from forge_emu.engine.engine import Engine
from forge_emu.engine.faults.rules import parse_fault
from forge_emu.engine.installation import Installation
from forge_emu.engine.journal.secrets import Secrets
from forge_emu.errors import Fault
from forge_emu.model import KvsRequest
from forge_emu.settings import Settings
from tests.engine.world import EPOCH, World, app, new_engine

INVOCATIONS = "limits.invocations.per_minute"


def engine(settings: Settings | None = None, **options: Any) -> Engine:
    """An engine whose ids are numbers and whose chance is the middle."""
    ids = count(1)
    defaults: dict[str, Any] = {
        "epoch_ms": EPOCH,
        "new_id": lambda: str(next(ids)),
        "chance": lambda: 0.5,
    }
    return new_engine(app(), settings or Settings(), **(defaults | options))


def stream_of(value: float) -> Callable[[str], Callable[[], float]]:
    """Streams that give one number."""
    return lambda name: lambda: value


def refused(built: Engine) -> bool:
    """Whether a call of the store is refused."""
    try:
        built.kvs.call(KvsRequest("get", "k"), 0)
    except Fault:
        return True
    return False


def test_the_installation_takes_the_first_ids() -> None:
    """Those of events follow."""
    assert engine().installation == Installation("1", "2")


def test_every_random_part_asks_for_a_stream_of_its_own() -> None:
    """Two faults of a kind have one each, and each kind of latency has one."""
    asked: list[str] = []

    def stream(name: str) -> Callable[[], float]:
        asked.append(name)
        return lambda: 0.5

    faults = [
        parse_fault(text, "") for text in ("kvs.error=1%", "kvs.error=2%", "platform.error=1%")
    ]
    engine(faults=faults, stream=stream)
    assert sorted(asked) == [
        "duplicates",
        "fault/kvs.error/0",
        "fault/kvs.error/1",
        "fault/platform.error/0",
        "latency.cold_start",
        "latency.invocation",
        "latency.kvs",
        "latency.product",
        "latency.product_event",
        "latency.push",
    ]


@pytest.mark.parametrize(("chance", "hit"), [(0.49, True), (0.5, False)])
def test_without_streams_faults_draw_from_the_one_chance(chance: float, hit: bool) -> None:
    """A share of a half hits below a half."""
    faults = [parse_fault("kvs.error=50%", "")]
    assert refused(engine(faults=faults, chance=lambda: chance)) is hit
    assert refused(engine(faults=faults, chance=lambda: chance, stream=stream_of(0.9))) is False


def test_latencies_draw_from_another_stream_than_everything_else() -> None:
    """So that giving one changes nothing but times."""

    def refuse() -> float:
        raise AssertionError

    settings = Settings(overrides={"latency.push": "uniform(0ms,100ms)"})
    assert engine(settings, chance=refuse, stream=stream_of(0.25)).latencies.push() == 25


def test_secrets_that_are_given_are_the_engines_even_while_there_are_none() -> None:
    """A variable that is set later is masked."""
    secrets = Secrets()
    built = engine(secrets=secrets)
    secrets.add_variable("KEY", "opensesame")
    built.record(r.Log(level="info", message="opensesame"), 0)
    (record,) = built.take_records()
    assert record.body == r.Log(level="info", message="[KEY]")


@pytest.mark.parametrize("limit", [None, 1])
def test_a_limit_that_the_platform_has_not_is_used_only_where_it_is_set(limit: int | None) -> None:
    """Every other limit is there all the same, and comes once."""
    world = World(limits__invocations__per_minute=limit)
    names = [usage.name for usage in world.engine.usage(0)]
    assert len(names) == len(set(names))
    assert {"limits.push.events_per_minute", "limits.kvs.requests_per_second"} < set(names)
    assert (INVOCATIONS in names) is (limit is not None)
