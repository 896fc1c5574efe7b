"""Shards that belong together are one simulation; others are refused by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from forge_emu.errors import UserError
from forge_emu.simulate.options import SimulateOptions
from forge_emu.simulate.plan.conditions import parse_conditions
from forge_emu.simulate.shards.combining import combine_shards
from forge_emu.simulate.shards.shard_file import ShardCondition, ShardContent
from tests.simulate.shards.shard_files import shard

ONE, TWO = Path("one.json"), Path("two.json")


def refusal_of(*shards: tuple[Path, ShardContent]) -> UserError:
    """What is said of shards that make no simulation."""
    with pytest.raises(UserError) as refusal:
        combine_shards(shards, (), SimulateOptions())
    return refusal.value


def test_the_runs_are_in_the_order_of_their_seeds() -> None:
    """In whatever order the files come."""
    results = combine_shards([(TWO, shard(2)), (ONE, shard(1))], (), SimulateOptions())
    assert [run.compared.seed for run in results.runs] == [1, 2, 3, 4]
    assert results.plan.seeds == (1, 2, 3, 4)
    assert results.plan.has_several_runs
    assert results.repeat_worst_command == "forge-emu simulate app issue-created --seed 4"


def test_values_come_one_after_the_other() -> None:
    """Each under all seeds, as one command plays them."""
    sweep: dict[str, Any] = {"sweep_name": "env.X", "sweep_values": ("9", "5")}
    shards = [(ONE, shard(1, **sweep)), (TWO, shard(2, **sweep))]
    results = combine_shards(shards, (), SimulateOptions())
    assert [(run.compared.value, run.compared.seed) for run in results.runs] == [
        *(("9", seed) for seed in (1, 2, 3, 4)),
        *(("5", seed) for seed in (1, 2, 3, 4)),
    ]


def test_conditions_of_the_merge_come_after_those_of_the_shards() -> None:
    """And stand in the command that repeats a run."""
    more = parse_conditions(["dropped>0", "p95>1m"])
    results = combine_shards([(ONE, shard(1)), (TWO, shard(2))], more, SimulateOptions())
    assert [(v.condition, v.passed, v.runs) for v in results.verdicts] == [
        ("dropped>0", True, 4),
        ("p95>1m", False, 4),
    ]
    assert results.failure_text(results.failed_conditions[0]).endswith(
        "again: forge-emu simulate app issue-created --fail-on 'p95>1m' --seed 4"
    )


def test_missing_shards_are_named() -> None:
    """With what there is."""
    error = refusal_of((ONE, shard(2, of=4)), (TWO, shard(4, of=4)))
    assert error.message == "missing: shard 1/4, 3/4"
    assert "'one.json', 'two.json'" in (error.hint or "")


def test_a_shard_that_is_there_twice_is_named() -> None:
    """By both of its files."""
    error = refusal_of((ONE, shard(2)), (TWO, shard(2)))
    assert error.message == "'one.json' and 'two.json' are both shard 2/2"


def test_shards_of_different_numbers_are_named() -> None:
    """They are parts of different wholes."""
    error = refusal_of((ONE, shard(1)), (TWO, shard(2, of=4)))
    assert error.message == "'one.json' is shard 1/2, and 'two.json' is shard 2/4"


@pytest.mark.parametrize(
    ("difference", "words"),
    [
        ({"app": "other"}, "the app: 'my-app' and 'other'"),
        ({"app_files": "c3"}, "the app's files differ"),
        ({"inputs": "c3"}, "the files that the command names differ"),
        (
            {"command": ("app", "issue-updated")},
            "the command: 'app issue-created --seeds 4' and 'app issue-updated'",
        ),
        ({"seed_count": 5}, "the number of seeds: 4 and 5"),
        ({"first_seed": 5}, "the first seed: 1 and 5"),
        (
            {"conditions": (ShardCondition("p95>1m"), ShardCondition("dropped>1"))},
            "the conditions: 'dropped>0' and 'p95>1m dropped>1'",
        ),
        ({"until": 5}, "the simulation differs"),
    ],
)
def test_shards_of_different_simulations_are_named(difference: dict[str, Any], words: str) -> None:
    """With what differs first."""
    error = refusal_of((ONE, shard(1)), (TWO, shard(2, **difference)))
    assert (
        error.message == f"'one.json' and 'two.json' are shards of different simulations: {words}"
    )
