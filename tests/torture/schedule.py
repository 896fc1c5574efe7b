"""What happens to the emulator and when, as data that follows from a seed."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal

Pain = Literal["kill", "kill_starting", "kill_hosts", "reload", "broken_reload", "slow", "full"]

_OTHERS: tuple[Pain, ...] = ("kill_hosts", "reload", "broken_reload", "slow", "full")


@dataclass(frozen=True)
class Step:
    """After `records` more records, this happens. `seconds` is for what is timed."""

    records: int
    pain: Pain
    seconds: float = 0.0

    def __str__(self) -> str:
        """`kill after 120 records`."""
        when = (
            f"{self.seconds:.2f} s into the start"
            if self.pain == "kill_starting"
            else (f"after {self.records} records")
        )
        return f"{self.pain} {when}"


def schedule(seed: int, kills: int, most_records: int) -> list[Step]:
    """`kills` kills of the emulator, and other pains between them."""
    chance = random.Random(seed)
    steps: list[Step] = []
    for number in range(kills):
        others = chance.choice((0, 0, 1, 1, 2))
        steps += [
            Step(chance.randint(0, most_records), chance.choice(_OTHERS)) for _ in range(others)
        ]
        # One in eight hits an emulator that is still starting.
        if number and chance.random() < 0.125:
            steps.append(Step(0, "kill_starting", chance.uniform(0.05, 1.5)))
        else:
            steps.append(Step(chance.randint(0, most_records), "kill"))
    return steps
