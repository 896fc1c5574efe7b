"""Latencies: models written in a word, drawn from a stream of chance."""

from __future__ import annotations

import random
from statistics import mean, median

import pytest

from forge_emu.errors import UserError
from forge_emu.latency import LONGEST_LATENCY, Latency, parse_latency
from forge_emu.settings import parse_setting


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("0", Latency()),
        ("0.0", Latency()),
        ("50ms", Latency(50, 50)),
        (" 1.5 s ", Latency(1500, 1500)),
        ("2m", Latency(120_000, 120_000)),
        ("uniform(10ms,200ms)", Latency(10, 200)),
        ("uniform( 10ms , 1s )", Latency(10, 1000)),
        ("lognormal(50ms,0.5)", Latency(50, 50, 0.5)),
        ("lognormal(50ms, 0)", Latency(50, 50)),
    ],
)
def test_a_model_is_written_in_a_word(text: str, model: Latency) -> None:
    """A number without a unit is none, but for nothing at all."""
    assert parse_latency(text) == model
    assert parse_setting("latency.kvs", text, "--set") == text.strip()


def test_a_fixed_latency_is_told_from_one_that_varies() -> None:
    """For a fixed one no chance has to be asked."""
    texts = ("0", "50ms", "lognormal(50ms,0)", "uniform(1ms,2ms)", "lognormal(50ms,0.5)")

    assert [parse_latency(text).is_fixed for text in texts] == [True, True, True, False, False]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "50",
        "-1ms",
        "fast",
        "uniform(10ms)",
        "uniform(200ms,10ms)",
        "uniform(1,2)",
        "none",
        "lognormal(50ms)",
        "lognormal(50ms,-1)",
        "lognormal(50ms,5ms)",
        "9999999m",
        "normal(1ms,1)",
    ],
)
def test_what_is_no_model_is_explained(text: str) -> None:
    """With the forms there are."""
    with pytest.raises(UserError) as caught:
        parse_setting("latency.push", text, "--set")
    assert f"--set: latency.push cannot be {text!r}" in caught.value.message
    assert "uniform(10ms,200ms)" in str(caught.value.hint)


def test_samples_are_of_their_distribution() -> None:
    """Its bounds, its middle, and whole milliseconds."""
    chance = random.Random(1).random
    uniform = [parse_latency("uniform(10ms,200ms)").sample(chance) for _ in range(5000)]
    assert (min(uniform), max(uniform)) == (10, 200)
    assert mean(uniform) == pytest.approx(105, rel=0.05)
    skewed = [parse_latency("lognormal(50ms,0.5)").sample(chance) for _ in range(5000)]
    assert median(skewed) == pytest.approx(50, rel=0.05)
    assert mean(skewed) == pytest.approx(50 * 2.718281828 ** (0.5**2 / 2), rel=0.05)
    assert parse_latency("50ms").sample(lambda: 1 / 0) == 50


@pytest.mark.parametrize("number", [0.0, 1 - 2**-53])
def test_the_edges_of_chance_give_a_number(number: float) -> None:
    """Neither is infinite, whatever the spread."""
    assert 0 <= parse_latency("lognormal(60s,99)").sample(lambda: number) <= LONGEST_LATENCY
