"""Scenario files: every form of a step, and every problem at once with its place."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forge_emu.arrivals import Even
from forge_emu.errors import ManifestError, UserError
from forge_emu.simulate.plan.scenario import Scenario, read_scenario
from forge_emu.simulate.plan.steps import Step

FULL = """\
description: An import, and people at work meanwhile.
seed: 7
limits: legacy
latency: slow
until: 24h
set:
  limits.kvs.write_units_per_minute: 1000
  async_events: {max_retries: none}
faults:
  - kvs.error=5%@1m..2m
fail_on:
  - dropped>0
steps:
  - event: issue-created
    count: 1000
    spread: 10s
    payload:
      issue.fields.summary: No. {n}
  - at: 5m
    event: issue-updated
    data: {issue: {fields: {summary: x}}}
"""


def load(name: str, event: str | None) -> Any:
    """There is one file."""
    if name != "payload.json":
        raise UserError(f"cannot read {name!r}")
    return {"issue": {"id": "7"}}


def read(text: str) -> Scenario:
    """The scenario of a text."""
    return read_scenario(text.encode(), "scenario.yml", load)


def problems(text: str) -> list[str]:
    """What is wrong with a text."""
    with pytest.raises(ManifestError) as caught:
        read(text)
    return [str(p).removeprefix("scenario.yml:") for p in caught.value.problems]


def test_a_scenario_with_everything() -> None:
    """Steps and options."""
    found = read(FULL)
    assert (found.seed, found.preset, found.until) == (7, "legacy", 86_400_000)
    assert found.settings == {
        "latency.profile": "slow",
        "limits.kvs.write_units_per_minute": 1000,
        "async_events.max_retries": None,
    }
    assert [rule.kind for rule in found.faults] == ["kvs.error"]
    assert [condition.text for condition in found.fail_on] == ["dropped>0"]
    first, second = found.steps
    assert isinstance(first, Step)
    assert isinstance(second, Step)
    assert (first.event, first.count, first.at, first.pace) == ("issue-created", 1000, 0, Even(10))
    assert first.sets == (("issue.fields.summary", "No. {n}"),)
    assert (second.at, second.count, second.data) == (
        300_000,
        1,
        {"issue": {"fields": {"summary": "x"}}},
    )


def test_every_problem_at_once() -> None:
    """In the order of the lines, each with its place."""
    assert problems(
        "sed: 1\n"
        "until: soon\n"
        "limits: strong\n"
        "set: {limits.kvs.nothing: 1, delivery.duplicates: 2}\n"
        "faults: [kvs.eror=1%]\n"
        "fail_on: [droped>0]\n"
        "steps:\n"
        "  - event: isue-created\n"
        "    cuont: 5\n"
        "  - at: 5\n"
        "    count: none\n"
        "    event: issue-created\n"
        "  - event: issue-created\n"
        "    rate: 5\n"
        "    burst: 5\n"
        "  - {event: issue-created, ramp: 1/s..2/s}\n"
        "  - {event: issue-created, count: 9, burst: 5}\n"
        "  - {event: issue-created, data: other.json}\n"
        "  - {event: issue-created, payload: {a..b: 1}}\n"
        "  - word\n"
        "  - {count: 1}\n"
    ) == [
        "1:1 a scenario has no 'sed'",
        "2:8 until must be a span of time, found the text 'soon'",
        "3:9 limits must be a preset's name, found the text 'strong'",
        "4:7 there is no setting 'limits.kvs.nothing'",
        "4:51 delivery.duplicates cannot be '2'",
        "5:10 there is no fault 'kvs.eror' in 'kvs.eror=1%'",
        "6:11 there is no figure 'droped'",
        "8:12 no event is called 'isue-created'",
        "9:5 a step has no 'cuont'",
        "10:9 steps[1].at must be a span of time, found the number 5",
        "11:12 steps[1].count must be a whole number from 1 to 1,000,000, found the text 'none'",
        "15:5 rate and burst exclude each other",
        "16:34 the ramp has neither a count nor `over`",
        "17:45 the burst of 5 does not say when the next one of 9 comes",
        "18:34 cannot read 'other.json'",
        "19:38 'a..b' is not a path into a payload",
        "20:5 steps[7] must be a mapping, found the text 'word'",
        "21:5 steps[8] has no 'event'",
    ]


def test_a_scenario_without_steps() -> None:
    """Nothing to send is a mistake."""
    assert problems("seed: 1\n") == ["1:1 there is no 'steps'"]
    assert problems("steps: []\n") == ["1:8 steps must be a list of steps, found a list"]


@given(st.text(alphabet="steps:- event\n{}[],0123/.@%", max_size=80))
def test_no_text_breaks_the_reader(text: str) -> None:
    """It is a scenario, or there are problems."""
    with suppress(ManifestError):
        assert read(text).steps


def test_a_filled_store() -> None:
    """Keys with values, entries of an export, or a file's name: each with its place."""
    steps = "steps: [{event: issue-created}]\n"
    by_key = read(f"kvs:\n  settings: {{on: true}}\n  n: 1\n{steps}")
    listed = read(f"kvs:\n  - {{key: t, value: x, secret: true}}\n{steps}")
    named = read(f"kvs: store.json\n{steps}")

    assert [(each.text, each.where) for each in by_key.store_values] == [
        (b'{"key":"settings","value":{"on":true}}', "scenario.yml:2:3"),
        (b'{"key":"n","value":1}', "scenario.yml:3:3"),
    ]
    assert [(each.text, each.where) for each in listed.store_values] == [
        (b'{"key":"t","value":"x","secret":true}', "scenario.yml:2:5"),
    ]
    assert named.store_file is not None
    assert (named.store_file.text, named.store_file.where) == (b"store.json", "scenario.yml:1:1")
    assert not named.store_values


@pytest.mark.parametrize("wrong", ["7", "", "true"])
def test_a_filling_that_is_none(wrong: str) -> None:
    """What it can be is said."""
    found = problems(f"kvs: {wrong}\nsteps: [{{event: issue-created}}]\n")

    assert len(found) == 1
    assert "kvs must be a file's name, or keys and values" in found[0]
