"""Which of the requests that no handler waits for are lost."""

from __future__ import annotations

import pytest

from forge_emu.clock import SeededRandom
from forge_emu.engine.unawaited import (
    _CLEAN_ENDS,
    _REMEMBERED,
    AwaitHabits,
    UnawaitedRequests,
)
from forge_emu.settings import Settings


def unawaited(share: float, seed: int = 1) -> UnawaitedRequests:
    """The decisions of a run."""
    settings = Settings(overrides={"invocations.unawaited_lost": share})
    return UnawaitedRequests(settings, SeededRandom(seed).stream)


@pytest.mark.parametrize(("share", "lost"), [(0, 0), (0.5, 535), (1, 1_000)])
def test_the_share_of_lost_requests(share: float, lost: int) -> None:
    """None, about half, or all of them."""
    requests = unawaited(share)
    assert sum(requests.is_lost(f"inv-{i}", "kvs.set k") for i in range(1_000)) == lost


def test_the_order_of_requests_decides_nothing() -> None:
    """Each request has a stream of its own, so another that comes before it changes nothing."""
    names = [("inv-1", "kvs.get a"), ("inv-1", "queue.push work"), ("inv-2", "kvs.get a")]
    first, second = unawaited(0.5), unawaited(0.5)
    there = {name: first.is_lost(*name) for name in names}
    back = {name: second.is_lost(*name) for name in reversed(names)}
    assert there == back


def test_requests_for_the_same_are_drawn_one_by_one() -> None:
    """Twenty pushes to one queue are neither all lost nor all made."""
    requests = unawaited(0.5)
    assert len({requests.is_lost("inv-1", "queue.push work") for _ in range(20)}) == 2


def test_counts_are_not_kept_for_ever() -> None:
    """Memory is bounded, however many invocations leave work behind."""
    requests = unawaited(0.5)
    for i in range(_REMEMBERED + 500):
        requests.is_lost(f"inv-{i}", "kvs.get a")
    assert len(requests._counts) == _REMEMBERED


def test_a_function_that_awaits_is_trusted_until_it_does_not() -> None:
    """Each function by itself; new code has shown nothing yet."""
    habits = AwaitHabits()
    for _ in range(_CLEAN_ENDS):
        assert habits.wants_places("store")
        habits.add_end("store", has_unanswered=False)
    assert not habits.wants_places("store")
    assert habits.wants_places("other")
    habits.add_end("store", has_unanswered=True)
    habits.add_end("store", has_unanswered=False)
    assert habits.wants_places("store")
    for _ in range(_CLEAN_ENDS):
        habits.add_end("other", has_unanswered=False)
    assert not habits.wants_places("other")
    habits.forget()
    assert habits.wants_places("other")
