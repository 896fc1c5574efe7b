"""A flood of refused requests fills no disk, and none of it is hidden."""

from __future__ import annotations

from forge_emu.emulator.refusal_limit import EVERY_MS, MOST_AT_ONCE, RefusalLimit
from forge_emu.records import ControlRefused

REFUSAL = ControlRefused(method="GET", path="/", status=401, reason="no token")


def test_a_burst_is_recorded_and_then_one_a_second() -> None:
    """The next record says how many it stands for."""
    now = [5_000]
    refusals = RefusalLimit(lambda: now[0])
    assert all(refusals.admit(REFUSAL) == REFUSAL for _ in range(MOST_AT_ONCE))
    assert [refusals.admit(REFUSAL) for _ in range(7)] == [None] * 7
    now[0] += EVERY_MS - 1
    assert refusals.admit(REFUSAL) is None
    now[0] += 1
    admitted = refusals.admit(REFUSAL)
    assert admitted is not None
    assert (admitted.unrecorded, refusals.unrecorded) == (8, 0)
    assert refusals.admit(REFUSAL) is None
    assert refusals.total == MOST_AT_ONCE + 10


def test_the_allowance_comes_back_but_does_not_grow_for_ever() -> None:
    """A quiet day allows one burst, no more."""
    now = [0]
    refusals = RefusalLimit(lambda: now[0])
    now[0] = 86_400_000
    admitted = [refusals.admit(REFUSAL) for _ in range(MOST_AT_ONCE + 5)]
    assert admitted.count(None) == 5
