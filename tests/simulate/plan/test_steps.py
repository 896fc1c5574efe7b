"""The short form of a step: `issue-created:1000@5m`."""

from __future__ import annotations

import pytest

from forge_emu.arrivals import AT_ONCE, Even
from forge_emu.errors import UserError
from forge_emu.simulate.plan.steps import Step, StepOptions, read_short_form


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("issue-created", ("issue-created", None, 0)),
        ("issue-created:1000", ("issue-created", 1000, 0)),
        ("issue-created@5m", ("issue-created", None, 300_000)),
        ("issue-updated:200@5m", ("issue-updated", 200, 300_000)),
        ("avi:jira:created:issue", ("avi:jira:created:issue", None, 0)),
        ("avi:jira:created:issue:10_000@1.5h", ("avi:jira:created:issue", 10_000, 5_400_000)),
    ],
)
def test_forms(text: str, parts: tuple[str, int | None, int]) -> None:
    """Event, count, start; the platform's names hold colons themselves."""
    assert read_short_form(text, "--event") == parts


@pytest.mark.parametrize("text", ["", ":5", "issue-created:", "a:0", "a:1000001", "a@", "a@soon"])
def test_wrong_forms(text: str) -> None:
    """Quoted, with a form that is right."""
    with pytest.raises(UserError, match="--event: "):
        read_short_form(text, "--event")


def test_options_apply_to_what_leaves_them_open() -> None:
    """The count of the text goes before; a second one is a contradiction."""
    assert StepOptions(count=5).read_step("issue-created", "EVENT") == Step(
        "issue-created", 5, 0, AT_ONCE
    )
    shaped = StepOptions(spread=1_000).read_step("issue-created:4", "EVENT")
    assert (shaped.count, shaped.pace) == (4, Even(250))
    assert StepOptions(rate_per_second=10).read_step("issue-created:4", "EVENT").pace == Even(100)
    with pytest.raises(UserError, match="--count 5 too"):
        StepOptions(count=5).read_step("issue-created:4", "EVENT")


@pytest.mark.parametrize(
    ("text", "step"),
    [("invoke:echo", "`- invoke: echo`"), ("schedule", "`- schedule: ...`"), ("web:a:3", "web: a")],
)
def test_what_is_no_event_is_a_step_of_a_scenario(text: str, step: str) -> None:
    """That is said, with how it is written there."""
    with pytest.raises(UserError, match="is no event") as refusal:
        StepOptions().read_step(text, "EVENT")
    assert step in (refusal.value.hint or "")
