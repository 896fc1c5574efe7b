"""Which seeds a shard has."""

from __future__ import annotations

import pytest

from forge_emu.errors import UserError
from forge_emu.simulate.plan.shard import Shard, parse_shard


def test_a_tenth_of_a_thousand_seeds() -> None:
    """They follow each other."""
    assert parse_shard("3/10", 1000) == Shard(3, 10)
    assert Shard(3, 10).part_of(tuple(range(1, 1001))) == tuple(range(201, 301))


@pytest.mark.parametrize(("seeds", "of"), [(10, 3), (7, 7), (1000, 7), (5, 2)])
def test_all_shards_have_all_seeds_once(seeds: int, of: int) -> None:
    """In their order, and none has two more than another."""
    all_seeds = tuple(range(4, 4 + seeds))
    parts = [Shard(number, of).part_of(all_seeds) for number in range(1, of + 1)]
    assert tuple(seed for part in parts for seed in part) == all_seeds
    sizes = {len(part) for part in parts}
    assert max(sizes) - min(sizes) <= 1
    assert min(sizes) >= 1


@pytest.mark.parametrize(
    ("text", "seeds", "message"),
    [
        ("3", 10, "--shard: '3' is no shard"),
        ("3/", 10, "--shard: '3/' is no shard"),
        ("a/b", 10, "--shard: 'a/b' is no shard"),
        ("0/10", 10, "--shard: there is no shard '0/10'"),
        ("11/10", 10, "--shard: there is no shard '11/10'"),
        ("1/0", 10, "--shard: there is no shard '1/0'"),
        ("1/1", 1, "--shard needs several seeds"),
        ("1/11", 10, "--shard: 10 seeds make no 11 shards"),
    ],
)
def test_what_is_no_shard_is_told(text: str, seeds: int, message: str) -> None:
    """In the user's words."""
    with pytest.raises(UserError) as refusal:
        parse_shard(text, seeds)
    assert refusal.value.message == message
    assert refusal.value.hint
