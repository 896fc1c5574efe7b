"""Emulated time follows the real one, or waits for it, and a seed repeats chance and ids."""

from __future__ import annotations

import random
import uuid
from datetime import UTC, datetime

import pytest

from forge_emu.clock import PacedClock, RealClock, SeededRandom, VirtualClock
from forge_emu.model import iso8601


class RealSeconds:
    """Real seconds, which a test moves."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def stands(clock: RealClock | VirtualClock) -> bool:
    """Whether time stands still."""
    return clock.paused


def test_real_time_runs_at_its_speed() -> None:
    """A real second is an emulated one."""
    real = RealSeconds()
    clock = RealClock(real)
    assert clock.now() == 0
    real.seconds += 2.5
    assert (clock.now(), clock.shown()) == (2_500, 2_500)
    with pytest.raises(ValueError, match="no other speed"):
        clock.change_speed(2)


def test_a_skip_moves_the_present_forward_and_never_back() -> None:
    """Skipping goes to the instant; skipping into the past does nothing."""
    real = RealSeconds()
    clock = RealClock(real)
    clock.skip_to(900_000)
    assert clock.now() == 900_000
    clock.skip_to(10)
    assert clock.now() == 900_000
    real.seconds += 1
    assert clock.now() == 901_000


def test_after_the_real_delay_the_deadline_has_come() -> None:
    """Waiting the answered time reaches the deadline, to the accuracy of a float."""
    real = RealSeconds()
    clock = RealClock(real)
    real.seconds += 0.000_4
    wait = clock.real_delay(12_345)
    assert wait > 0
    real.seconds += wait + 1e-9
    assert clock.now() >= 12_345
    assert clock.real_delay(12_345) == 0


def test_a_stopped_clock_stands_until_it_goes_on() -> None:
    """The time in between is nowhere; a skip moves it, and it stands again."""
    real = RealSeconds()
    clock = RealClock(real)
    real.seconds += 2
    clock.stop(clock.now())
    real.seconds += 50
    assert clock.now() == 2_000
    assert stands(clock)
    assert clock.real_delay(2_001) == float("inf")
    clock.skip_to(9_000)
    real.seconds += 50
    assert clock.now() == 9_000
    clock.resume()
    assert not stands(clock)
    real.seconds += 2
    assert clock.now() == 11_000


def test_a_clock_can_be_told_to_stop_later() -> None:
    """It runs until then, and not a moment longer; told anew it runs on from where it stands."""
    real = RealSeconds()
    clock = RealClock(real)
    clock.stop(1_500)
    real.seconds += 1
    assert clock.now() == 1_000
    assert clock.real_delay(1_500) == pytest.approx(0.5)
    assert not stands(clock)
    real.seconds += 1
    assert clock.now() == 1_500
    assert stands(clock)
    clock.stop(2_000)
    real.seconds += 0.25
    assert clock.now() == 1_750


def paced(speed: float) -> tuple[PacedClock, RealSeconds]:
    """A paced clock that may flow for ever, and the real seconds it reads."""
    real = RealSeconds()
    clock = PacedClock(speed, real)
    clock.flow_until(None)
    return clock, real


def test_paced_time_waits_before_it_moves() -> None:
    """A twentieth of the emulated difference, less what has passed already; `now` stands."""
    clock, real = paced(20)
    assert clock.real_delay(60_000) == pytest.approx(3)
    real.seconds += 2
    assert clock.now() == 0
    assert clock.real_delay(60_000) == pytest.approx(1)
    real.seconds += 1
    assert clock.real_delay(60_000) == 0
    clock.skip_to(60_000)
    assert clock.now() == 60_000
    assert clock.real_delay(62_000) == pytest.approx(0.1)


def test_paced_time_is_shown_flowing_up_to_what_comes_next() -> None:
    """For people it flows; what comes from outside happens where it is shown."""
    clock, real = paced(20)
    clock.flow_until(30_000)
    real.seconds += 1
    assert (clock.shown(), clock.now()) == (20_000, 0)
    clock.catch_up()
    assert clock.now() == 20_000
    real.seconds += 60
    assert clock.shown() == 30_000
    clock.flow_until(20_000)
    assert clock.shown() == 20_000


@pytest.mark.parametrize("stood_at", [0, 5_000])
def test_paced_time_that_stood_still_flows_on_from_there(stood_at: int) -> None:
    """A handler that computed for long has moved nothing, and what comes next is waited for."""
    clock, real = paced(20)
    clock.flow_until(stood_at)
    real.seconds += 90
    assert clock.shown() == stood_at
    clock.flow_until(None)
    assert clock.shown() == stood_at
    assert clock.real_delay(stood_at + 20_000) == pytest.approx(1)
    real.seconds += 1
    clock.catch_up()
    assert clock.now() == stood_at + 20_000


@pytest.mark.parametrize("speed", [0.5, 7, 60, 1000])
def test_many_small_steps_keep_the_pace(speed: float) -> None:
    """What a step waited too long or not at all, the next ones make up for."""
    clock, real = paced(speed)
    began = real.seconds
    for instant in range(1, 20_001):
        real.seconds += clock.real_delay(instant) + 0.000_02
        clock.skip_to(instant)
    assert real.seconds - began == pytest.approx(20_000 / 1000 / speed, abs=0.41)


def test_a_slow_machine_makes_paced_time_slower_and_says_so() -> None:
    """Nothing is made up for: time simply goes on later."""
    clock, real = paced(20)
    for n in range(1, 11):
        real.seconds += 0.5
        assert clock.real_delay(n * 1_000) == 0
        clock.skip_to(n * 1_000)
        assert clock.real_delay(n * 1_000 + 1_000) == pytest.approx(0.05)
    assert clock.measured_speed == pytest.approx(2)


def test_a_machine_that_has_caught_up_is_slow_no_more() -> None:
    """Time flows at its own speed where nothing is due. Stopped, the last figure counts."""
    clock, real = paced(20)
    for n in range(1, 5):
        real.seconds += 0.5
        clock.skip_to(n * 1_000)
    assert clock.measured_speed == pytest.approx(2)
    clock.flow_until(None)
    real.seconds += 3
    assert clock.measured_speed == pytest.approx(20)
    clock.stop(clock.now())
    seen = clock.measured_speed
    real.seconds += 60
    assert clock.measured_speed == seen


@pytest.mark.parametrize("stopped", [False, True])
def test_a_paced_clock_changes_its_speed_from_the_present_on(stopped: bool) -> None:
    """Running or standing; what passed while it stood is nowhere."""
    clock, real = paced(10)
    real.seconds += 1
    if stopped:
        clock.stop(clock.now())
        real.seconds += 5
    clock.change_speed(60)
    assert (clock.now(), clock.shown(), clock.speed) == (10_000, 10_000, 60)
    clock.resume()
    real.seconds += 1
    assert clock.shown() == 70_000


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


def test_ids_are_random_uuids() -> None:
    """Of version 4, with the bits that the stream gives."""
    ids, bits = SeededRandom(7), random.Random("7/ids")
    for _ in range(200):
        assert ids.new_id() == str(uuid.UUID(int=bits.getrandbits(128), version=4))


@pytest.mark.parametrize(
    "epoch_ms", [0, 1, 86_399_999, 86_400_000, 951_782_400_000, 951_868_799_999, 4_102_444_800_000]
)
def test_an_instant_is_written_as_the_calendar_has_it(epoch_ms: int) -> None:
    """Also on the last day of a February, and whatever was written before."""
    found = datetime.fromtimestamp(epoch_ms // 1_000, UTC)
    written = f"{found:%Y-%m-%dT%H:%M:%S}.{epoch_ms % 1_000:03d}Z"
    assert iso8601(epoch_ms) == written
    assert iso8601(epoch_ms) == written
