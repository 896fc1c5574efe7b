"""A fault hits the share it was asked for, when it was asked for; a wrong one is quoted."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from forge_emu.engine.faults.rules import (
    FaultRule,
    FaultRules,
    RandomStreams,
    idle_fault_warnings,
    merge_fault_rules,
    parse_fault,
)
from forge_emu.errors import UserError


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("kvs.error=5%", FaultRule("kvs.error=5%", "kvs.error", 0.05)),
        (
            "platform.error=0.5%@10m..20m",
            FaultRule(
                "platform.error=0.5%@10m..20m", "platform.error", 0.005, 1.0, 600_000, 1_200_000
            ),
        ),
        (
            "invocation.timeout=100%@1.5h..",
            FaultRule("invocation.timeout=100%@1.5h..", "invocation.timeout", 1.0, 1.0, 5_400_000),
        ),
        (
            " kvs.latency = x10@..20m ",
            FaultRule("kvs.latency = x10@..20m", "kvs.latency", 0.0, 10.0, 0, 1_200_000),
        ),
    ],
)
def test_forms_of_a_fault(text: str, rule: FaultRule) -> None:
    """A share or a factor, with or without a window."""
    assert parse_fault(text, "--fault") == rule


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "--fault: there is no fault '' in ''"),
        ("kvs.eror=5%", "--fault: there is no fault 'kvs.eror' in 'kvs.eror=5%'"),
        ("kvs.error", "--fault: 'kvs.error' does not say how much"),
        ("kvs.error=5", "--fault: '5' in 'kvs.error=5' is no share from 0% to 100%"),
        ("kvs.error=101%", "--fault: '101%' in 'kvs.error=101%' is no share from 0% to 100%"),
        ("kvs.error=-1%", "--fault: '-1%' in 'kvs.error=-1%' is no share from 0% to 100%"),
        ("kvs.latency=10", "--fault: '10' in 'kvs.latency=10' is no factor such as x10"),
        ("kvs.error=5%@10m", "--fault: '@10m' in 'kvs.error=5%@10m' is no window of time"),
        ("kvs.error=5%@", "--fault: '@' in 'kvs.error=5%@' is no window of time"),
        ("kvs.error=5%@..", "--fault: '@..' in 'kvs.error=5%@..' is no window of time"),
        ("kvs.error=5%@x..1m", "--fault: '@x..1m' in 'kvs.error=5%@x..1m' is no window of time"),
        (
            "kvs.error=5%@2m..1m",
            "--fault: '@2m..1m' in 'kvs.error=5%@2m..1m' ends before it begins",
        ),
    ],
)
def test_a_wrong_fault_is_quoted(text: str, said: str) -> None:
    """With the forms it can have."""
    with pytest.raises(UserError) as caught:
        parse_fault(text, "--fault")
    assert caught.value.message == said
    assert "kvs.latency=x10" in (caught.value.hint or "")


def fixed_streams(chance: float) -> RandomStreams:
    """Streams that give one number."""
    return lambda name: lambda: chance


def test_a_fault_strikes_its_share() -> None:
    """Of ten thousand, five per cent."""
    rule = parse_fault("kvs.error=5%", "")
    faults = FaultRules([rule], lambda name: random.Random(name).random)
    struck = sum(faults.draw_fault("kvs.error", 0) is not None for _ in range(10_000))
    assert 400 < struck < 600


def test_one_more_fault_changes_nothing_for_the_others() -> None:
    """Each draws from a stream of its own."""

    def struck(*texts: str) -> list[bool]:
        rules = [parse_fault(text, "") for text in texts]
        faults = FaultRules(rules, lambda name: random.Random(name).random)
        hits = []
        for _ in range(200):
            faults.draw_fault("platform.error", 0)
            hits.append(faults.draw_fault("kvs.error", 0) is not None)
        return hits

    assert struck("kvs.error=20%") == struck("platform.error=50%", "kvs.error=20%")


def test_a_window_includes_its_start_and_not_its_end() -> None:
    """`@10m..20m` strikes at ten minutes, and no more at twenty."""
    faults = FaultRules([parse_fault("kvs.error=100%@10m..20m", "")], lambda name: lambda: 0.5)
    hits = [faults.draw_fault("kvs.error", m * 60_000) is not None for m in (9, 10, 19, 20)]
    assert hits == [False, True, True, False]
    assert faults.draw_fault("kvs.error", 1_199_999)


def test_a_latency_of_nothing_is_said_to_have_no_effect() -> None:
    """Ten times zero is zero; other faults are never idle."""
    rules = [parse_fault(text, "") for text in ("kvs.latency=x10", "kvs.error=5%")]
    (said,) = idle_fault_warnings(rules, {"latency.kvs": "0ms"})
    assert said.startswith("the fault kvs.latency=x10 has no effect")
    assert idle_fault_warnings(rules, {"latency.kvs": "20ms"}) == []


@pytest.mark.parametrize(("share", "hits"), [("0%", 0), ("100%", 100)])
def test_a_share_of_nothing_never_hits_and_a_whole_one_always(share: str, hits: int) -> None:
    """Whatever the chance, which is from 0 up to 1."""
    for chance in (0.0, 0.999):
        faults = FaultRules([parse_fault(f"kvs.error={share}", "")], fixed_streams(chance))
        hit = [faults.draw_fault("kvs.error", 0) for _ in range(100)]
        assert sum(each is not None for each in hit) == hits


@pytest.mark.parametrize(("now", "inside"), [(9, False), (10, True), (19, True), (20, False)])
def test_a_rule_is_in_force_from_its_start_up_to_its_end(now: int, inside: bool) -> None:
    """Without an end it goes on."""
    assert FaultRule("", "kvs.error", start=10, end=20).in_force(now) is inside
    assert FaultRule("", "kvs.error", start=10).in_force(now) is (now >= 10)


def test_of_two_rules_that_hit_the_first_is_the_one() -> None:
    """Each draws for itself all the same, so that the other's next numbers stay what they are."""
    drawn: list[str] = []

    def stream(name: str) -> Callable[[], float]:
        def draw() -> float:
            drawn.append(name)
            return 0.0

        return draw

    texts = ("kvs.error=10%", "kvs.error=20%", "kvs.error=30%@1m..")
    faults = FaultRules([parse_fault(text, "") for text in texts], stream)
    hit = faults.draw_fault("kvs.error", 0)
    assert hit is not None
    assert hit.text == texts[0]
    assert drawn == ["fault/kvs.error/0", "fault/kvs.error/1"]
    assert [rule.text for rule in faults.rules_in_force("kvs.error", 60_000)] == list(texts)
    assert faults.draw_fault("platform.error", 0) is None


def test_a_fault_that_is_asked_for_replaces_the_defaults_of_its_kind() -> None:
    """All of them; those of other kinds stay, and stand first."""
    defaults = [parse_fault(t, "") for t in ("kvs.error=1%", "platform.error=1%", "kvs.error=2%")]
    asked = [parse_fault("kvs.error=9%@1m..", ""), parse_fault("kvs.error=8%@..1m", "")]
    assert merge_fault_rules(defaults, asked) == (defaults[1], *asked)
    assert merge_fault_rules(defaults, []) == tuple(defaults)
    assert merge_fault_rules([], asked) == tuple(asked)


@pytest.mark.parametrize(("window", "said"), [("1m..1m", True), ("1m..1.001m", False)])
def test_a_window_is_not_empty(window: str, said: bool) -> None:
    """It ends after it begins, be it by little."""
    text = f"kvs.error=5%@{window}"
    if said:
        with pytest.raises(UserError, match="ends before it begins"):
            parse_fault(text, "--fault")
    else:
        assert parse_fault(text, "--fault").end == 60_060


@pytest.mark.parametrize(
    ("text", "hint"), [("kvs.eror=5%", "Did you mean kvs.error? Write "), ("zzz=5%", "Write ")]
)
def test_a_near_miss_is_guessed(text: str, hint: str) -> None:
    """What is like nothing gets the forms alone."""
    with pytest.raises(UserError) as caught:
        parse_fault(text, "--fault")
    assert (caught.value.hint or "").startswith(hint)
