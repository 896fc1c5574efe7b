"""`--shard 3/10`: a part of the seeds, for one of several machines."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from forge_emu.errors import UserError

MOST_SHARDS: Final = 1_000
_FORM: Final = "Write 3/10 for the third of ten."
_SHARD = re.compile(r"([0-9]{1,4})/([0-9]{1,4})")


class Shard(msgspec.Struct, frozen=True):
    """The part `number`, from 1, of `of` parts."""

    number: int
    of: int

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    def part_of(self, seeds: tuple[int, ...]) -> tuple[int, ...]:
        """Its seeds, which follow each other. No two shards differ by more than one seed."""
        first, end = (len(seeds) * n // self.of for n in (self.number - 1, self.number))
        return seeds[first:end]


def parse_shard(text: str, seeds: int) -> Shard:
    """The shard that `text` names of so many seeds. Raises UserError."""
    match = _SHARD.fullmatch(text.strip())
    if match is None:
        raise UserError(f"--shard: {text!r} is no shard", _FORM)
    shard = Shard(int(match[1]), int(match[2]))
    if not 1 <= shard.number <= shard.of:
        raise UserError(f"--shard: there is no shard {text!r}", f"From 1/N to N/N. {_FORM}")
    if seeds < 2:
        raise UserError("--shard needs several seeds", "Add --seeds 1000.")
    if shard.of > seeds:
        raise UserError(
            f"--shard: {seeds} seeds make no {shard.of} shards", "Each needs a seed at least."
        )
    return shard
