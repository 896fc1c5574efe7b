"""Trying what would have avoided a limit, and saying what came of it."""

from __future__ import annotations

import msgspec

from forge_emu import settings as s
from forge_emu.report.advice.what_if import Alternative, alternatives_for, with_alternatives
from forge_emu.report.summary import Advice, DurationFigures, RefusalFigures, Summary

WRITES = s.KVS_WRITE_UNITS.name
PUSHES = s.PUSH_EVENTS_PER_MINUTE.name


def _found(rule: str, limit: str, needs: int) -> Summary:
    return Summary(advice=[Advice(rule, "words", {"limit": limit, "needs_ms": needs})])


def test_the_mildest_change_that_avoids_the_limit_is_said() -> None:
    """A delay and a spread, each tried from the least on until nothing is refused."""
    tried: list[Alternative] = []

    def try_it(change: Alternative) -> Summary:
        tried.append(change)
        span = change.spread_ms or 1_000 * int(str(next(iter(change.overrides.values()))))
        refused = {WRITES: 7} if span < 150_000 else {}
        spans = DurationFigures(10, 1, 90_000, 200_000)
        return Summary(refusals=RefusalFigures(kvs=refused), time_to_success=spans)

    found = with_alternatives(_found("kvs_rate", WRITES, 100_000), try_it).advice

    assert [a.rule for a in found] == ["kvs_rate", "tried", "tried"]
    delay, spread = found[1:]
    assert delay.message == (
        "Tried in simulation: a random `delayInSeconds` of up to 150 avoids every refusal by "
        f"`{WRITES}`; 0 events dropped, 95 % of events done within 1:30 min, all within "
        "3:20 min."
    )
    assert delay.detail["overrides"] == {s.DELIVERY_PUSH_SPREAD_SECONDS.name: 150}
    assert spread.detail["spread_ms"] == 150_000
    assert [c.spread_ms for c in tried if c.spread_ms] == [100_000, 125_000, 150_000]


def test_where_nothing_helps_that_is_said() -> None:
    """The widest of the family, with what was still refused."""

    def try_it(change: Alternative) -> Summary:
        return Summary(refusals=RefusalFigures(push={PUSHES: 3}))

    (_, tried) = with_alternatives(_found("push_rate", PUSHES, 60_000), try_it).advice

    assert (
        f"spreading the product events over 3 min still has 3 refusals by `{PUSHES}`"
        in tried.message
    )
    assert tried.detail["refusals"] == 3


def test_a_delay_is_no_cure_for_refused_pushes() -> None:
    """They are refused before any delay begins."""
    (family,) = alternatives_for(_found("push_rate", PUSHES, 60_000).advice[0])

    assert all(change.spread_ms and not change.overrides for change in family)


def test_delays_beyond_what_a_push_may_ask_for_are_not_tried() -> None:
    """900 s is the most; a spread of the trigger can be longer."""
    delays, spreads = alternatives_for(_found("kvs_rate", WRITES, 800_000).advice[0])

    assert [change.overrides for change in delays] == [{s.DELIVERY_PUSH_SPREAD_SECONDS.name: 800}]
    assert len(spreads) == 5


def test_findings_that_no_delay_can_mend_are_left_alone() -> None:
    """Other rules, and limits whose need is not known."""
    summary = Summary(
        advice=[
            Advice("hot_key", "w", {"needs_ms": 60_000}),
            Advice("kvs_rate", "w", {"limit": WRITES, "needs_ms": 0}),
        ]
    )

    def never(change: Alternative) -> Summary:
        raise AssertionError(change)

    assert msgspec.structs.asdict(with_alternatives(summary, never)) == msgspec.structs.asdict(
        summary
    )
