"""Emulated time follows the real one at its speed, and a seed repeats chance and ids."""

from __future__ import annotations

import pytest

from forge_emu.clock import RealClock, SeededRandom, VirtualClock


class Hands:
    """A clock whose hands a test moves."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def stands(clock: RealClock | VirtualClock) -> bool:
    """Whether time stands still."""
    return clock.paused


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


def test_a_stopped_clock_stands_until_it_goes_on() -> None:
    """The time in between is nowhere; a skip moves it, and it stands again."""
    hands = Hands()
    clock = RealClock(2, hands)
    hands.seconds += 1
    clock.stop(clock.now())
    hands.seconds += 50
    assert clock.now() == 2_000
    assert stands(clock)
    assert clock.real_delay(2_001) == float("inf")
    clock.skip_to(9_000)
    hands.seconds += 50
    assert clock.now() == 9_000
    clock.resume()
    assert not stands(clock)
    hands.seconds += 1
    assert clock.now() == 11_000


def test_a_clock_can_be_told_to_stop_later() -> None:
    """It runs until then, and not a moment longer; told anew it runs on from where it stands."""
    hands = Hands()
    clock = RealClock(1, hands)
    clock.stop(1_500)
    hands.seconds += 1
    assert clock.now() == 1_000
    assert clock.real_delay(1_500) == pytest.approx(0.5)
    assert not stands(clock)
    hands.seconds += 1
    assert clock.now() == 1_500
    assert stands(clock)
    clock.stop(2_000)
    hands.seconds += 0.25
    assert clock.now() == 1_750


@pytest.mark.parametrize("stopped", [False, True])
def test_a_clock_changes_its_speed_from_the_present_on(stopped: bool) -> None:
    """Running or standing."""
    hands = Hands()
    clock = RealClock(1, hands)
    hands.seconds += 1
    if stopped:
        clock.stop(clock.now())
        hands.seconds += 5
    clock.change_speed(60)
    assert (clock.now(), clock.speed) == (1_000, 60)
    clock.resume()
    hands.seconds += 1
    assert clock.now() == 61_000


def test_virtual_time_stands_where_it_is_put() -> None:
    """Nothing is waited for, and it never goes back."""
    clock = VirtualClock()
    clock.skip_to(900_000)
    clock.skip_to(5)
    assert (clock.now(), clock.speed, clock.virtual) == (900_000, None, True)
    assert clock.real_delay(10**9) == 0
    clock.stop(900_000)
    assert stands(clock)
    clock.resume()
    assert not stands(clock)
    with pytest.raises(ValueError, match="no speed"):
        clock.change_speed(2)


def test_a_seed_repeats_numbers_and_ids_apart() -> None:
    """Drawing more ids does not change the numbers."""
    one, two = SeededRandom(7), SeededRandom(7)
    ids = [one.new_id() for _ in range(3)]
    assert [one.random() for _ in range(3)] == [two.random() for _ in range(3)]
    assert [two.new_id() for _ in range(3)] == ids
    assert SeededRandom(8).new_id() != ids[0]
    assert len(set(ids)) == 3
