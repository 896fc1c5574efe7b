"""Each kind of answer has a latency of its own; faults multiply those of the store and products."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from forge_emu import records as r
from forge_emu.engine.faults.injector import FaultInjector
from forge_emu.engine.faults.rules import FaultRules, parse_fault
from forge_emu.engine.journal.journal import Journal
from forge_emu.engine.latencies import Latencies
from forge_emu.model import Millis
from forge_emu.settings import Settings

DAY = 86_400_000
EACH = {
    "latency.kvs": "1ms",
    "latency.product": "2ms",
    "latency.push": "3ms",
    "latency.invocation": "4ms",
    "latency.product_event": "5ms",
    "latency.cold_start": "6ms",
}


def latencies(
    models: dict[str, Any],
    *faults: str,
    journal: Journal | None = None,
    chance: Callable[[], float] = lambda: 0.5,
) -> Latencies:
    """The latencies of a run with these models and faults."""
    rules = FaultRules([parse_fault(text, "") for text in faults], lambda name: lambda: 0.5)
    return Latencies(
        Settings(overrides=models),
        lambda name: chance,
        FaultInjector(rules, journal or Journal(0), Settings()),
    )


def sampled(drawn: Latencies, now: int = 0) -> list[Millis]:
    """One latency of each kind, in the order of `EACH`."""
    return [
        drawn.kvs("i", now),
        drawn.product("i", now),
        drawn.push(),
        drawn.invocation(cold_start=False),
        drawn.product_event(),
        drawn.invocation(cold_start=True),
    ]


def test_each_kind_has_a_model_of_its_own() -> None:
    """No setting stands for two of them."""
    assert sampled(latencies(EACH)) == [1, 2, 3, 4, 5, 4 + 6]


def test_without_models_nothing_takes_time_and_no_chance_is_drawn() -> None:
    """So a run without latencies is the same as before there were any."""

    def refuse() -> float:
        raise AssertionError

    assert sampled(latencies({}, chance=refuse)) == [0, 0, 0, 0, 0, 0]
    assert sampled(latencies(EACH, chance=refuse)) == [1, 2, 3, 4, 5, 10]


@pytest.mark.parametrize(("chance", "expected"), [(0.0, 10), (0.5, 15), (0.999, 20)])
def test_a_spread_draws_from_its_own_stream(chance: float, expected: Millis) -> None:
    """From its lowest to its highest."""
    drawn = latencies({"latency.push": "uniform(10ms,20ms)"}, chance=lambda: chance)
    assert drawn.push() == expected


def test_a_fault_multiplies_the_kind_that_it_names() -> None:
    """Pushes, starts and product events have none; each call that is slowed is on record."""
    journal = Journal(0)
    faults = ("kvs.latency=x10@..1m", "product.latency=x3@..1m")
    slow = latencies(EACH, *faults, journal=journal)
    assert sampled(slow) == [10, 6, 3, 4, 5, 10]
    assert sampled(slow, 60_000) == [1, 2, 3, 4, 5, 10]
    struck = [x.body for x in journal.take_records()]
    assert [x.rule for x in struck if isinstance(x, r.FaultInjected)] == list(faults)


@pytest.mark.parametrize("factor", ["999999", "1"])
def test_no_latency_is_longer_than_a_day(factor: str) -> None:
    """However large the factor."""
    slow = latencies({"latency.kvs": "1440m"}, f"kvs.latency=x{factor}")
    assert slow.kvs(None, 0) == DAY


@pytest.mark.parametrize("profile", ["typical", "slow"])
def test_a_profile_gives_every_kind_its_model(profile: str) -> None:
    """One word for all of them; with the middle of every chance these are the medians."""
    drawn = latencies({"latency.profile": profile})
    assert min(sampled(drawn)) > 0
    assert drawn.push() == {"typical": 400, "slow": 1_500}[profile]


def test_a_single_model_stands_above_the_profile() -> None:
    """Whichever of them is said first."""
    for models in (
        {"latency.profile": "slow", "latency.kvs": "7ms"},
        {"latency.kvs": "7ms", "latency.profile": "slow"},
    ):
        drawn = latencies(models)
        assert (drawn.kvs(None, 0), drawn.push()) == (7, 1_500)
        assert Settings(overrides=models).changed_latencies == {"latency.kvs": "7ms"}


def test_each_kind_draws_from_a_stream_of_its_own() -> None:
    """A latency that is added changes none of the others."""
    both = {"latency.kvs": "uniform(1ms,1s)", "latency.push": "uniform(1ms,1s)"}

    def drawn(models: dict[str, Any]) -> list[Millis]:
        rules = FaultRules([], lambda name: lambda: 0.5)
        made = Latencies(
            Settings(overrides=models),
            lambda name: random.Random(name).random,
            FaultInjector(rules, Journal(0), Settings()),
        )
        found = []
        for _ in range(20):
            made.kvs(None, 0)
            found.append(made.push())
        return found

    assert drawn(both) == drawn({"latency.push": both["latency.push"]})
