"""The schedule gives items out by due time, and forgets what was taken back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from forge_emu.engine.schedule import Schedule


def test_nothing_comes_out_before_its_time() -> None:
    """An item is due at its instant, not a millisecond before."""
    schedule: Schedule[str] = Schedule()
    schedule.add(10, "x")
    assert schedule.pop_due(9) is None
    assert schedule.pop_due(10) == "x"
    assert schedule.pop_due(10) is None


def test_ties_are_broken_by_the_tie_then_by_order() -> None:
    """Equal times come in the order of their ties, equal ties as they were added."""
    schedule: Schedule[str] = Schedule()
    schedule.add(5, "c", 0.9)
    schedule.add(5, "a", 0.1)
    schedule.add(5, "b", 0.1)
    assert [schedule.pop() for _ in range(4)] == ["a", "b", "c", None]


@given(st.lists(st.tuples(st.integers(0, 50), st.booleans())))
def test_what_is_left_comes_out_sorted(items: list[tuple[int, bool]]) -> None:
    """Removed items never come out, and removing twice changes nothing."""
    schedule: Schedule[int] = Schedule()
    entries = [(due, keep, schedule.add(due, due)) for due, keep in items]
    for _, keep, entry in entries:
        if not keep:
            schedule.remove(entry)
            schedule.remove(entry)
    left = sorted(due for due, keep, _ in entries if keep)
    assert len(schedule) == len(left)
    assert schedule.next_due() == (left[0] if left else None)
    assert [schedule.pop_due(100) for _ in left] == left
    assert schedule.pop_due(100) is None
    assert len(schedule) == 0


@given(st.lists(st.tuples(st.integers(0, 50), st.booleans()), max_size=400))
def test_entries_taken_back_do_not_pile_up(adds: list[tuple[int, bool]]) -> None:
    """Whatever is taken back, the others keep their order, and little else is left in memory."""
    schedule: Schedule[int] = Schedule()
    live: list[tuple[int, int]] = []
    for number, (due_at, stays) in enumerate(adds):
        entry = schedule.add(due_at, number)
        if stays:
            live.append((due_at, number))
        else:
            schedule.remove(entry)
        assert len(schedule._heap) <= 2 * len(live) + 65
    found = []
    while (item := schedule.pop()) is not None:
        found.append(item)
    assert found == [number for _, number in sorted(live)]
