"""Shards of simulations that never were."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from forge_emu.simulate.plan.shard import Shard
from forge_emu.simulate.shards.shard_file import (
    ShardCondition,
    ShardContent,
    ShardRun,
    SimulationIdentity,
    encode_shard,
)
from tests.simulate.plan.runs import outcome

VERSION = "9.9.9"

SIMULATION = SimulationIdentity(
    forge_emu=VERSION,
    app="my-app",
    app_files="a1",
    command=("app", "issue-created", "--seeds", "4"),
    inputs="b2",
    first_seed=1,
    seed_count=4,
    sweep_name=None,
    sweep_values=(),
    conditions=(ShardCondition("dropped>0"),),
    until=7_200_000,
    root="app",
)


def shard(number: int, of: int = 2, **more: Any) -> ShardContent:
    """One of the shards of four seeds."""
    simulation = msgspec.structs.replace(SIMULATION, **more)
    values = simulation.sweep_values or (None,)
    seeds = Shard(number, of).part_of((1, 2, 3, 4))
    runs = [run(seed, value) for value in values for seed in seeds]
    return ShardContent(simulation, Shard(number, of), runs)


def run(seed: int, value: str | None = None) -> ShardRun:
    """A run without a loss."""
    found = outcome(ended_at=seed * 1000)
    return ShardRun(value, seed, found.summary, dict(found.record_counts), {}, False)


def written(folder: Path, name: str, content: ShardContent) -> Path:
    """The file with a shard."""
    file = folder / name
    file.write_bytes(encode_shard(content))
    return file
