"""One step of a scenario file: how many events, at which pace, with which payload."""

from __future__ import annotations

from typing import Any

import pytest

from forge_emu.arrivals import AT_ONCE, Bursts, Even, Pace, Ramp
from forge_emu.errors import ManifestError, UserError
from forge_emu.simulate.plan.scenario import read_scenario
from forge_emu.simulate.plan.steps import Step


def load(name: str, event: str | None) -> Any:
    """There is one file."""
    if name != "payload.json":
        raise UserError(f"cannot read {name!r}")
    return {"issue": {"id": "7"}}


def problems_of(text: str, *heard: str) -> list[str]:
    """What is wrong with a scenario of an app that listens to such events."""
    with pytest.raises(ManifestError) as caught:
        read_scenario(text.encode(), "scenario.yml", load, heard)
    return [f"{p.line}: {p.message}; {p.hint}" for p in caught.value.problems]


def read_steps(text: str) -> list[Step]:
    """The steps of a scenario."""
    steps = read_scenario(text.encode(), "scenario.yml", load).steps
    return [step for step in steps if isinstance(step, Step)]


@pytest.mark.parametrize(
    ("lines", "count", "pace"),
    [
        ("", 1, AT_ONCE),
        ("count: 3", 3, AT_ONCE),
        ("{count: 10, rate: 50/s}", 10, Even(20)),
        ("{count: 10, rate: 600/min}", 10, Even(100)),
        ("{rate: 50/s, spread: 10s}", 500, Even(20)),
        ("{count: 4, spread: 10s}", 4, Even(2_500)),
        ("{count: 90, ramp: 1/s..9/s}", 90, Ramp(1, 9, 90)),
        ("{ramp: {from: 1/s, to: 9/s, over: 1m}}", 300, Ramp(1, 9, 300)),
        ("{count: 500, burst: 100 every 30s}", 500, Bursts(100, 30_000)),
        ("{count: 500, burst: {size: 100, every: 30s}}", 500, Bursts(100, 30_000)),
        ("burst: 200", 200, Bursts(200, 0)),
    ],
)
def test_paces_of_a_step(lines: str, count: int, pace: Pace) -> None:
    """All at once, evenly, at a rate, rising, in bursts."""
    inner = lines[1:-1] if lines.startswith("{") else lines
    (step,) = read_steps(f"steps: [{{event: issue-created{', ' if inner else ''}{inner}}}]")
    assert (step.count, step.pace) == (count, pace)


def test_data_may_be_a_file() -> None:
    """Named relative to the scenario."""
    (step,) = read_steps("steps: [{event: issue-created, data: payload.json}]")
    assert step.data == {"issue": {"id": "7"}}


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (
            "event: isue-updated",
            "2: no event is called 'isue-updated'; Nearest: issue-updated",
        ),
        ("event: nonsense", "2: no event is called 'nonsense'; The app listens to page-updated. "),
        (
            "event: []",
            "2: steps[0].event must be an event's name, found a list; Such as page-updated.",
        ),
        ("count: 3", "2: steps[0] has no 'event'; Such as `event: page-updated`. "),
    ],
)
def test_a_wrong_event_is_answered_with_those_of_the_app(step: str, message: str) -> None:
    """At its line, with the nearest names."""
    (found,) = problems_of(f"steps:\n  - {step}", "avi:confluence:updated:page")
    assert found.startswith(message)
