"""What happens to the emulator and when, as data that follows from a seed."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal

Disruption = Literal[
    "kill", "kill_starting", "kill_hosts", "reload", "broken_reload", "slow", "full"
]

_DISRUPTIONS: tuple[Disruption, ...] = ("kill_hosts", "reload", "broken_reload", "slow", "full")


@dataclass(frozen=True)
class DisruptionStep:
    """After `records` more records, this happens. `seconds` is for what is timed."""

    records: int
    disruption: Disruption
    seconds: float = 0.0

    def __str__(self) -> str:
        """`kill after 120 records`."""
        when = (
            f"{self.seconds:.2f} s into the start"
            if self.disruption == "kill_starting"
            else (f"after {self.records} records")
        )
        return f"{self.disruption} {when}"


def schedule(seed: int, kills: int, most_records: int) -> list[DisruptionStep]:
    """`kills` kills of the emulator, and other disruptions between them."""
    chance = random.Random(seed)
    steps: list[DisruptionStep] = []
    for number in range(kills):
        others = chance.choice((0, 0, 1, 1, 2))
        steps += [
            DisruptionStep(chance.randint(0, most_records), chance.choice(_DISRUPTIONS))
            for _ in range(others)
        ]
        # One in eight hits an emulator that is still starting.
        if number and chance.random() < 0.125:
            steps.append(DisruptionStep(0, "kill_starting", chance.uniform(0.05, 1.5)))
        else:
            steps.append(DisruptionStep(chance.randint(0, most_records), "kill"))
    return steps
