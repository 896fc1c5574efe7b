"""Emulated time follows the real one at its speed, and a seed repeats chance and ids."""

from __future__ import annotations

import pytest

from forge_emu.clock import Chance, RealClock


class Hands:
    """A clock whose hands a test moves."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.mark.parametrize(("speed", "real", "emulated"), [(1, 2.5, 2500), (60, 1, 60_000)])
def test_time_runs_at_its_speed(speed: float, real: float, emulated: int) -> None:
    """A real second is `speed` emulated seconds."""
    hands = Hands()
    clock = RealClock(speed, hands)
    assert clock.now() == 0
    hands.seconds += real
    assert clock.now() == emulated


def test_a_skip_moves_the_present_forward_and_never_back() -> None:
    """Skipping goes to the instant; skipping into the past does nothing."""
    hands = Hands()
    clock = RealClock(1, hands)
    clock.skip_to(900_000)
    assert clock.now() == 900_000
    clock.skip_to(10)
    assert clock.now() == 900_000
    hands.seconds += 1
    assert clock.now() == 901_000


@pytest.mark.parametrize("speed", [1, 7, 60, 1000])
def test_after_the_real_delay_the_deadline_has_come(speed: float) -> None:
    """Waiting the answered time reaches the deadline, to the accuracy of a float."""
    hands = Hands()
    clock = RealClock(speed, hands)
    hands.seconds += 0.000_4
    wait = clock.real_delay(12_345)
    assert wait > 0
    hands.seconds += wait + 1e-9
    assert clock.now() >= 12_345
    assert clock.real_delay(12_345) == 0


def test_a_seed_repeats_numbers_and_ids_apart() -> None:
    """Drawing more ids does not change the numbers."""
    one, two = Chance(7), Chance(7)
    ids = [one.new_id() for _ in range(3)]
    assert [one.number() for _ in range(3)] == [two.number() for _ in range(3)]
    assert [two.new_id() for _ in range(3)] == ids
    assert Chance(8).new_id() != ids[0]
    assert len(set(ids)) == 3
