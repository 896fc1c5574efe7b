"""`--fail-on`: the figures, their units, and when a condition holds."""

from __future__ import annotations

import pytest

from forge_emu.errors import UserError
from forge_emu.report.summary import DurationFigures, ProductFigures, RefusalFigures
from forge_emu.simulate.plan.conditions import evaluate_condition, parse_condition, parse_conditions
from forge_emu.simulate.plan.figures import RunOutcome
from tests.simulate.plan.runs import REFUSED, outcome, outcome_with_drops

KEYS = RefusalFigures(kvs_keys={"limits.kvs.value_kb": 5})


@pytest.mark.parametrize(
    ("text", "run", "holds"),
    [
        ("dropped>0", outcome(), False),
        ("dropped>0", outcome_with_drops(), True),
        ("dropped>2", outcome_with_drops(), False),
        ("dropped>=2", outcome_with_drops(), True),
        ("dropped==2", outcome_with_drops(), True),
        ("dropped!=2", outcome_with_drops(), False),
        ("dropped>9%", outcome_with_drops(), True),
        ("dropped>10%", outcome_with_drops(), False),
        ("succeeded<20", outcome(), False),
        ("succeeded < 20", outcome_with_drops(), True),
        ("succeeded<=20", outcome(), True),
        ("p95>1.5m", outcome(), False),
        ("p95>=90s", outcome(), True),
        ("p95>89999ms", outcome(), True),
        ("p50>0", outcome(), True),
        ("max==2m", outcome(), True),
        ("duration>9m", outcome(), True),
        ("attempts.max>2", outcome(), True),
        ("attempts.max>3", outcome(), False),
        ("attempts.mean>1.4", outcome(), False),
        ("attempts.mean>=1.4", outcome(), True),
        ("retries>3", outcome(), True),
        ("kvs.refused>29", outcome(refusals=REFUSED), True),
        ("kvs.refused>=50%", outcome(refusals=REFUSED), True),
        ("kvs.refused>50%", outcome(refusals=REFUSED), False),
        ("kvs.refused>0", outcome(refusals=KEYS), False),
        ("kvs.refused_keys>4", outcome(refusals=KEYS), True),
        ("refused.kvs.value_kb>=5", outcome(refusals=KEYS), True),
        ("push.refused>3", outcome(refusals=REFUSED), False),
        ("push.refused_events>4", outcome(refusals=REFUSED), True),
        ("refused>32", outcome(refusals=REFUSED), True),
        ("refused.kvs.write_units_per_minute>19", outcome(refusals=REFUSED), True),
        ("refused.limits.kvs.write_units_per_minute>20", outcome(refusals=REFUSED), False),
        ("refused.fault:kvs.error==10", outcome(refusals=REFUSED), True),
        ("dropped.max_retries>0", outcome_with_drops(), True),
        ("dropped.retention_window>0", outcome_with_drops(), False),
        ("p95>1ms", outcome(time_to_success=DurationFigures()), False),
        ("invocations.error>0%", outcome(), False),
    ],
)
def test_when_a_condition_holds(text: str, run: RunOutcome, holds: bool) -> None:
    """At the bound and on both sides of it."""
    (condition,) = parse_conditions([text])
    assert evaluate_condition(condition, run).holds is holds


def test_product_events_nobody_listens_to_are_no_loss() -> None:
    """But one that a trigger gave up on is."""
    sent = ProductFigures(sent=10, dropped=10)
    nobody = outcome(product_events=sent, product_event_drops={"no_trigger": 10})
    failed = outcome(product_events=sent, product_event_drops={"no_trigger": 9, "max_retries": 1})
    condition = parse_condition("dropped>0")
    assert not evaluate_condition(condition, nobody).holds
    assert evaluate_condition(condition, failed).value == 1


def test_several_conditions_in_one_text() -> None:
    """With commas; what is said twice counts once."""
    found = parse_conditions(["dropped>0, p95>5m", "dropped>0"])
    assert [c.text for c in found] == ["dropped>0", "p95>5m"]


@pytest.mark.parametrize(
    ("text", "said", "hint"),
    [
        ("droped>0", "--fail-on: there is no figure 'droped'", "Did you mean dropped"),
        ("kvs.refusd>0", "--fail-on: there is no figure 'kvs.refusd'", "kvs.refused"),
        ("refused.kvs.nothing>0", "--fail-on: there is no figure 'refused.kvs.nothing'", "."),
        ("dropped", "--fail-on: 'dropped' is no condition", "dropped>0"),
        ("", "--fail-on: '' is no condition", "dropped>0"),
        ("dropped=0", "--fail-on: 'dropped=0' is no condition", "=="),
        ("dropped>many", "--fail-on: 'many' in 'dropped>many' is no number", "dropped>0"),
        ("dropped>-1", "--fail-on: '-1' in 'dropped>-1' is no number", "dropped>0"),
        ("p95>5", "--fail-on: '5' in 'p95>5' is no span of time", "5m"),
        ("p95>5%", "--fail-on: p95 in 'p95>5%' is not a part of anything", "span of time"),
        ("attempts.max>5%", "--fail-on: attempts.max in 'attempts.max>5%' is not a part", "number"),
    ],
)
def test_a_wrong_condition_is_quoted(text: str, said: str, hint: str) -> None:
    """With the nearest names, or the form."""
    with pytest.raises(UserError) as caught:
        parse_conditions([text])
    assert caught.value.message.startswith(said)
    assert hint in (caught.value.hint or "")


def test_values_are_shown_with_their_units() -> None:
    """As the summary writes them."""
    shown = {
        text: (condition := parse_condition(text)).value_text(
            evaluate_condition(condition, outcome_with_drops()).value
        )
        for text in ("p95>1m", "dropped>0", "dropped>1%", "attempts.mean>1")
    }
    assert shown == {
        "p95>1m": "1:30 min",
        "dropped>0": "2",
        "dropped>1%": "10%",
        "attempts.mean>1": "1.4",
    }
