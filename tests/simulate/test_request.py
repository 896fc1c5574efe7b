"""`simulate`'s command line: which argument is what, and everything that makes no sense."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from forge_emu.arrivals import AT_ONCE, Even
from forge_emu.errors import ManifestError, UserError
from forge_emu.simulate.options import SimulateOptions
from forge_emu.simulate.plan.steps import Step
from forge_emu.simulate.request import LONGEST_RUN, SimulatePlan, make_plan

SCENARIO = """\
seed: 9
limits: off
set: {delivery.order: fifo}
faults: [kvs.error=1%, platform.error=2%]
fail_on: [dropped>0]
until: 2h
steps: [{event: issue-created, count: 5}]
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with an app in it, and a scenario."""
    (tmp_path / "my-app").mkdir()
    (tmp_path / "my-app" / "manifest.yml").write_text("")
    (tmp_path / "my-app" / "play.yml").write_text(SCENARIO)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def read(*arguments: str, **more: Any) -> SimulatePlan:
    """What a command line comes to."""
    return make_plan(SimulateOptions(arguments=arguments, **more))


def event_steps(plan: SimulatePlan) -> list[Step]:
    """The steps that send product events."""
    return [step for step in plan.steps if isinstance(step, Step)]


# fmt: off
COMMAND_LINES: list[tuple[tuple[str, ...], dict[str, Any], str, list[str]]] = [
    (("my-app", "issue-created"), {}, "my-app", ["issue-created"]),
    (("issue-created", "my-app"), {}, "my-app", ["issue-created"]),
    (("issue-created:1k", "my-app"), {}, "my-app", ["issue-created"]),
    (("issue-created",), {}, ".", ["issue-created"]),
    (("avi:jira:created:issue:3",), {}, ".", ["avi:jira:created:issue"]),
    (("my-app",), {"event": ("issue-created:3", "page-created")}, "my-app",
     ["issue-created", "page-created"]),
    ((), {"event": ("issue-created",)}, ".", ["issue-created"]),
    (("issue-updated",), {"event": ("issue-created",)}, ".",
     ["issue-updated", "issue-created"]),
    (("my-app", "my-app/play.yml"), {}, "my-app", ["issue-created"]),
    (("my-app/play.yml",), {}, ".", ["issue-created"]),
    (("my-app",), {"scenario": Path("my-app/play.yml")}, "my-app", ["issue-created"]),
    (("my-app", "issue-updated"), {"scenario": Path("my-app/play.yml")}, "my-app",
     ["issue-created", "issue-updated"]),
    (("elsewhere",), {"event": ("issue-created",)}, "elsewhere", ["issue-created"]),
]
# fmt: on


@pytest.mark.parametrize(("arguments", "more", "root", "events"), COMMAND_LINES)
def test_which_argument_is_what(
    arguments: tuple[str, ...], more: dict[str, Any], root: str, events: list[str]
) -> None:
    """App, event and scenario are told apart by what they are."""
    plan = read(*arguments, **more)
    assert str(plan.root) == root
    assert [step.event for step in event_steps(plan)] == events


def test_an_app_that_hears_no_event_is_told_of_scenarios() -> None:
    """An example with an event would do nothing."""
    web = "modules: {webtrigger: [{key: w, function: f}], function: [{key: f, handler: i.f}]}"
    Path("my-app/manifest.yml").write_text(web)
    with pytest.raises(UserError, match="nothing to simulate") as refused:
        read("my-app")
    assert refused.value.hint is not None
    assert "listens to no event" in refused.value.hint


# fmt: off
REFUSED: list[tuple[tuple[str, ...], dict[str, Any], str]] = [
    ((), {}, "there is nothing to simulate"),
    (("my-app",), {}, "there is nothing to simulate"),
    (("my-app", "issue-created:0"), {}, "EVENT: 0 in 'issue-created:0' is no count"),
    (("my-app", "isue-created"), {}, "no event is called 'isue-created'"),
    (("isue-created",), {}, "no event is called 'isue-created'"),
    (("my-app", "issue-created", "more"), {}, "there is one argument too many: 'more'"),
    (("my-app", "none.yml"), {}, "there is no scenario 'none.yml'"),
    (("a.yml",), {"scenario": Path("b.yml")}, "there are two scenarios: b.yml and a.yml"),
    (("issue-created",), {"rate": 1.0, "spread": 5}, "--rate and --spread exclude"),
    (("my-app", "my-app/play.yml"), {"count": 5}, "--count applies to no event"),
    (("issue-created",), {"fail_on": ("droped>0",)}, "--fail-on: there is no figure"),
    (("issue-created",), {"compare": "limits=1,2"}, "--compare: there is no setting"),
    (("issue-created",), {"faults": ("kvs=1%",)}, "--fault: there is no fault 'kvs'"),
    (("issue-created",), {"assignments": ("limits.kvs",)}, "--set: 'limits.kvs' has no value"),
    (("issue-created",), {"payload": ("summary",)}, "'summary' has no '='"),
    (("issue-created",), {"seeds": 2, "records": Path("r")}, "--records needs a single run"),
    (("issue-created",), {"as_json": True, "records": Path("-")}, "--records - and --json"),
    (("issue-created",), {"jobs": 2}, "--jobs needs several runs"),
    (("issue-created",), {"shard": "1/2"}, "--shard needs several seeds"),
    (("issue-created",), {"seeds": 3, "shard": "4/3"}, "--shard: there is no shard '4/3'"),
    (("issue-created",), {"seeds": 3, "shard_file": Path("s")}, "--shard-file needs --shard"),
    (("issue-created",), {"junit": Path("j")}, "--junit needs a condition"),
    (("issue-created@3h",), {"until": 5}, "issue-created comes when the simulation has ended"),
    (("issue-created",), {"seeds": 900, "compare": "env.X=1,2"}, "that makes 1,800 runs"),
]
# fmt: on


@pytest.mark.parametrize(("arguments", "more", "said"), REFUSED)
def test_what_makes_no_sense(arguments: tuple[str, ...], more: dict[str, Any], said: str) -> None:
    """One clear error, before anything runs."""
    with pytest.raises(UserError) as caught:
        read(*arguments, **more)
    assert caught.value.message.startswith(said)
    assert caught.value.hint


def test_a_payload_path_given_as_a_setting() -> None:
    """`--set` is for settings here; the hint says how to change a payload."""
    with pytest.raises(UserError) as caught:
        read("issue-created", assignments=("issue.fields.summary=x",))
    assert "--payload issue.fields.summary=" in (caught.value.hint or "")


def test_options_apply_to_every_event_of_the_command_line() -> None:
    """Each at its own count."""
    plan = read(
        "issue-created:10",
        event=("issue-updated@1m",),
        spread=1_000,
        payload=("issue.fields.summary=x",),
    )
    first, second = event_steps(plan)
    assert (first.count, first.pace, first.at) == (10, Even(100), 0)
    assert (second.count, second.pace, second.at) == (1, Even(1_000), 60_000)
    assert first.sets == second.sets == (("issue.fields.summary", "x"),)


def test_settings_and_variables() -> None:
    """`env.NAME` is what handlers see as NAME."""
    plan = read("issue-created", assignments=("env.BASE=5", "delivery.duplicates=1%"))
    assert plan.variables == {"BASE": "5"}
    assert plan.overrides == {"delivery.duplicates": 0.01}


def test_the_order_is_a_setting() -> None:
    """`--order fifo` is short for `--set delivery.order=fifo`."""
    assert read("issue-created", order="fifo").overrides == {"delivery.order": "fifo"}


def test_seeds() -> None:
    """One, from 1; or several from the one given on."""
    assert read("issue-created").seeds == (1,)
    assert read("issue-created", seed=0).seeds == (0,)
    assert read("issue-created", seed=7, seeds=3).seeds == (7, 8, 9)
    assert read("issue-created").until == LONGEST_RUN


def test_the_command_line_goes_before_the_scenario() -> None:
    """Faults by kind, settings by name; conditions add up."""
    plain = read("my-app/play.yml")
    assert (plain.seeds, plain.preset, plain.until) == ((9,), "off", 7_200_000)
    asked = read(
        "my-app/play.yml",
        seed=3,
        preset="legacy",
        until=60_000,
        assignments=("delivery.order=shuffle",),
        faults=("kvs.error=9%",),
        fail_on=("dropped>0", "p95>5m"),
    )
    assert (asked.seeds, asked.preset, asked.until) == ((3,), "legacy", 60_000)
    assert asked.overrides == {"delivery.order": "shuffle"}
    assert [rule.text for rule in asked.faults] == ["platform.error=2%", "kvs.error=9%"]
    assert [condition.text for condition in asked.conditions] == ["dropped>0", "p95>5m"]


def test_problems_of_a_scenario_have_their_place() -> None:
    """With the file's name as it was given."""
    Path("bad.yml").write_text("steps: [{evnt: issue-created}]\n")
    with pytest.raises(ManifestError) as caught:
        read("bad.yml")
    assert [str(p) for p in caught.value.problems] == [
        "bad.yml:1:9 steps[0] has no 'event'",
        "bad.yml:1:10 a step has no 'evnt'",
    ]


LINES = (
    '{"event": "issue-created", "payload": {"issue": {"key": "EMU-1"}}, "time": 0}\n'
    '{"event": "page-moved", "payload": {}, "time": 90000}\n'
)


def test_a_file_of_payloads_is_a_step(folder: Path) -> None:
    """On the command line and in a scenario, at its own spacing or at the pace that is given."""
    (folder / "my-app/events.jsonl").write_text(LINES)
    (folder / "my-app/lines.yml").write_text("steps: [{data: events.jsonl, at: 1m}]")
    data = "my-app/events.jsonl"
    (own,) = event_steps(read("my-app", data=data))
    (faster,) = event_steps(read("my-app", data=data, rate=2.0))
    (placed,) = event_steps(read("my-app", "my-app/lines.yml"))

    assert [each.event for each in own.recorded] == [
        "avi:jira:created:issue",
        "avi:confluence:moved:page",
    ]
    assert [each.offset_ms for each in own.recorded] == [0, 90_000]
    assert (own.count, own.pace, faster.pace) == (2, AT_ONCE, Even(500))
    assert (placed.recorded, placed.at) == (own.recorded, 60_000)


@pytest.mark.parametrize(
    ("more", "said"),
    [({"count": 2}, "--count is not for a file"), ({"event": ("page-moved",)}, "--event is not")],
)
def test_payloads_are_sent_once(folder: Path, more: dict[str, Any], said: str) -> None:
    """So nothing says how often, or which others."""
    (folder / "my-app/events.jsonl").write_text(LINES)
    with pytest.raises(UserError, match=said):
        read("my-app", data="my-app/events.jsonl", **more)


def test_a_step_of_payloads_has_no_count(folder: Path) -> None:
    """It says where; a bad line says which."""
    (folder / "my-app/events.jsonl").write_text(LINES + "{}")
    (folder / "my-app/lines.yml").write_text("steps: [{data: events.jsonl}]")
    with pytest.raises(ManifestError) as caught:
        read("my-app", "my-app/lines.yml")
    assert "events.jsonl:3 does not say which event it is" in str(caught.value.problems[0])
    assert len(caught.value.problems) == 1
    (folder / "my-app/events.jsonl").write_text(LINES)
    (folder / "my-app/lines.yml").write_text("steps: [{data: events.jsonl, count: 3}]")
    with pytest.raises(ManifestError, match="count is not for a file"):
        read("my-app", "my-app/lines.yml")
