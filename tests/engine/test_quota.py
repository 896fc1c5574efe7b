"""Windows count exactly what is inside them, and meters never let a limit be passed."""

from __future__ import annotations

from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forge_emu.engine.quota import Meter, QuotaUse, QuotaWindow, WindowKind
from forge_emu.model import Instant

MINUTE = 60_000


def meter(limit: float | None, kind: WindowKind = "sliding", period: int = MINUTE) -> Meter:
    """A meter of things per minute."""
    return Meter("limits.x", "things", "things/min", QuotaWindow(kind, period), limit)


def first_fit(limited: Meter, now: Instant, cost: float) -> Instant | None:
    """The first instant from `now` on at which `cost` fits, if nothing else is taken."""
    limited = deepcopy(limited)
    instants = range(now, now + 2 * limited.window.period + 1)
    return next((instant for instant in instants if limited.fits(instant, cost)), None)


def test_sliding_cost_counts_for_exactly_one_period() -> None:
    """A cost at t counts at t + period - 1 and no longer at t + period."""
    window = QuotaWindow("sliding", MINUTE)
    window.add_cost(500, 7)

    assert window.total(60_499) == 7
    assert window.total(60_500) == 0


def test_fixed_window_starts_empty_at_each_full_period() -> None:
    """A cost late in a minute is forgotten when the next minute begins."""
    window = QuotaWindow("fixed", MINUTE)
    window.add_cost(59_999, 7)

    assert window.total(59_999) == 7
    assert window.total(60_000) == 0


def test_costs_of_one_instant_take_one_entry() -> None:
    """A burst within a millisecond costs no memory per item."""
    window = QuotaWindow("sliding", MINUTE)
    for _ in range(1_000):
        window.add_cost(5, 1)

    assert len(window._costs) == 1
    assert window.total(5) == 1_000


@pytest.mark.parametrize(("cost", "fits"), [(99, True), (100, True), (101, False)])
def test_limit_is_inclusive(cost: int, fits: bool) -> None:
    """Exactly the limit may be used, and not one more."""
    assert meter(100).fits(0, cost) is fits


def test_no_limit_fits_everything_and_counts_it() -> None:
    """Without a limit nothing is refused, and usage is shown all the same."""
    unlimited = meter(None)
    unlimited.consume(0, 10_000_000)

    assert unlimited.fits(0, 1)
    assert first_fit(unlimited, 0, 1) == 0
    assert unlimited.usage(0).used == 10_000_000


def test_free_at_waits_for_just_enough_to_leave_the_window() -> None:
    """The answer is when enough of the oldest costs will have left, and no later."""
    m = meter(10)
    m.consume(0, 4)
    m.consume(1_000, 4)
    m.consume(2_000, 2)

    assert first_fit(m, 2_000, 0) == 2_000
    assert first_fit(m, 2_000, 1) == 60_000
    assert first_fit(m, 2_000, 4) == 60_000
    assert first_fit(m, 2_000, 5) == 61_000
    assert first_fit(m, 2_000, 10) == 62_000


def test_free_at_of_a_fixed_window_is_the_next_full_period() -> None:
    """A fixed window is free again when the next one begins, however late the cost came."""
    m = meter(10, "fixed")
    m.consume(59_000, 10)

    assert first_fit(m, 59_000, 1) == 60_000


def test_cost_over_the_whole_limit_never_fits() -> None:
    """A cost larger than the limit has no instant at which it fits, not even when idle."""
    m = meter(10)

    assert not m.fits(0, 11)
    assert first_fit(m, 0, 11) is None


def test_usage_tells_used_peak_mean_and_hits() -> None:
    """Peak is the most that counted at once; the mean is per period since the first use."""
    m = meter(10)
    m.consume(0, 6)
    m.consume(30_000, 4)
    m.count_refusal(30_000, 1)
    m.consume(120_000, 2)
    usage = m.usage(180_000)

    assert (usage.used, usage.peak, usage.mean, usage.hits) == (0, 10, 4, 1)


def test_a_mean_is_never_above_its_peak() -> None:
    """Half a window after the last costs, these count as much as those of a whole one."""
    m = meter(10)
    m.consume(0, 6)
    m.consume(m.window.period, 6)
    usage = m.usage(m.window.period + 1)
    assert (usage.peak, usage.mean) == (6, 6)


def test_mean_of_a_short_run_is_not_inflated() -> None:
    """Before a whole period has passed, the mean is what was taken so far."""
    m = meter(10)
    m.consume(100, 6)

    assert m.usage(101).mean == 6
    assert meter(10).usage(500).mean == 0


def test_what_is_taken_over_the_limit_still_leaves_in_time() -> None:
    """Refused costs that were counted anyway push the free instant back, and no further."""
    m = meter(10)
    m.consume(0, 10)
    m.consume(500, 10)

    assert first_fit(m, 500, 1) == 60_500


@pytest.mark.parametrize(
    ("start", "found"), [(0, [(0, 2), (5, 3)]), (1, [(5, 3)]), (5, [(5, 3)]), (6, [])]
)
def test_costs_can_be_asked_for_from_an_instant_on(
    start: int, found: list[tuple[int, float]]
) -> None:
    """That instant included, oldest first; a cost of nothing is none."""
    window = QuotaWindow("sliding", MINUTE)
    for at, cost in ((0, 2), (5, 1), (5, 2), (7, 0)):
        window.add_cost(at, cost)

    assert window.costs_since(start) == found


def test_restored_totals_go_on() -> None:
    """What counts now is restored cost by cost, apart from them."""
    before, after = meter(10), meter(10)
    before.consume(0, 6)
    before.count_refusal(0, 5)
    after.restore(before.quota_use())
    after.window.add_cost(0, 6)
    after.consume(60_000, 3)
    usage = after.usage(120_000)

    assert before.quota_use() == QuotaUse(1, 6, 6, 0)
    assert (usage.used, usage.peak, usage.hits, usage.mean) == (0, 6, 1, 4.5)


STEPS = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 12)), max_size=60)


@given(STEPS, st.sampled_from(["sliding", "fixed"]))
def test_no_window_ever_holds_more_than_the_limit(
    steps: list[tuple[int, int]], kind: WindowKind
) -> None:
    """Whatever asks, what is granted in any window stays within the limit."""
    m, now, granted = meter(20, kind, 1_000), 0, []
    for gap, cost in steps:
        now += gap
        if m.fits(now, cost):
            m.consume(now, cost)
            granted.append((now, cost))

    for at, _ in granted:
        start = at if kind == "sliding" else at - at % 1_000
        assert sum(c for t, c in granted if start <= t < start + 1_000) <= 20


@given(STEPS, st.integers(0, 20), st.sampled_from(["sliding", "fixed"]))
def test_free_at_is_the_first_instant_that_fits(
    steps: list[tuple[int, int]], cost: int, kind: WindowKind
) -> None:
    """At the named instant the cost fits; one millisecond before it did not."""
    now = 0
    asked, early = meter(20, kind, 1_000), meter(20, kind, 1_000)
    for gap, taken in steps:
        now += gap
        asked.consume(now, taken)
        early.consume(now, taken)
    free = first_fit(asked, now, cost)

    assert free is not None
    if free > now:
        assert not early.fits(free - 1, cost)
    assert asked.fits(free, cost)


def test_a_fixed_window_may_begin_before_the_instant_0() -> None:
    """One of an hour begins at a full hour, whenever the run began."""
    window = QuotaWindow("fixed", MINUTE, 20_000)
    window.add_cost(39_999, 3)

    assert window.total(39_999) == 3
    assert window.total(40_000) == 0
    assert window.next_start(40_000) == 100_000
