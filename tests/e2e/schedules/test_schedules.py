"""Scheduled triggers of real apps: in virtual, paced and real time, by hand, after a restart."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import apps
from tests.e2e.emulator_process import run_command, running_emulator
from tests.npm import NEWEST

HEAD = """\
app:
  id: ari:cloud:ecosystem::app/6f1d2c3b-58a4-4e07-9b61-c2d4a8e07f35
  runtime:
    name: nodejs22.x
permissions:
  scopes: [read:jira-work, storage:app]
modules:
  consumer:
    - {key: work-consumer, queue: work, function: consume}
  scheduledTrigger:
    - {key: five, function: tick, interval: INTERVAL}
  function:
    - {key: tick, handler: index.tick}
    - {key: consume, handler: index.consume}
"""

SPREADING = """\
import { Queue } from '@forge/events';

const queue = new Queue({ key: 'work' });

export const tick = async () => {
  for (let n = 0; n < 10; n += 1) {
    await queue.push({ body: { at: n * 60 }, delayInSeconds: n * 60 });
  }
};
export const consume = async (event) => console.log('task', event.body.at);
"""

PUSHING_FIFTY = """\
import { Queue } from '@forge/events';

const queue = new Queue({ key: 'work' });

export const tick = async ({ context }) => {
  await queue.push(Array.from({ length: 50 }, (_, n) => ({ body: { n, by: context.moduleKey } })));
};
export const consume = async () => {};
"""

PLAIN = """\
exports.tick = async (event, context) => {
  console.log(JSON.stringify([event.context.moduleKey, typeof event.contextToken,
    typeof context.installContext, context.principal === undefined]));
};
exports.consume = async () => {};
"""

PYTHON = """\
def tick(event, context):
    print(event["context"]["moduleKey"], "principal" in context)


def consume(event, context):
    pass
"""


def app_of(root: Path, source: str, *, interval: str = "fiveMinute") -> Path:
    """An app on `@forge/events` 3."""
    manifest = HEAD.replace("INTERVAL", interval)
    apps.write_files(root, {"manifest.yml": manifest, "src/index.js": source})
    return apps.link_packages(root, NEWEST)


def plain_app(root: Path, *, name: str = "index.js", source: str = PLAIN) -> Path:
    """An app without packages."""
    manifest = HEAD.replace("INTERVAL", "hour")
    return apps.write_files(root, {"manifest.yml": manifest, f"src/{name}": source})


def records_of(file: Path) -> list[dict[str, Any]]:
    """The records of a simulation."""
    return [json.loads(line) for line in file.read_text().splitlines()]


def next_due(app: Path) -> int:
    """When the schedule of a running app is due."""
    done = run_command("trigger", "schedule", "--app", app, "--json")
    [schedule] = json.loads(done.stdout)
    return int(schedule["next_due"])


@pytest.mark.node
def test_a_schedule_feeds_a_queue_for_a_day(tmp_path: Path) -> None:
    """Without an event: what time alone starts, up to the end."""
    app, out = app_of(tmp_path / "app", SPREADING), tmp_path / "records.jsonl"
    done = run_command("simulate", app, "--until", "1d", "--no-tries", "--records", out)
    records = records_of(out)
    at = [r["at"] for r in records if r["type"] == "call.received"]

    assert done.returncode == 0, done.stderr
    assert at == [n * 300_000 for n in range(1, 288)]
    assert sum(r["type"] == "event.pushed" for r in records) == 2_870
    assert all(r["at"] <= 86_400_000 for r in records[:-1])


@pytest.mark.node
def test_days_of_fifty_pushes_are_alike_byte_for_byte(tmp_path: Path) -> None:
    """Every event of every run is delivered, in both runs at the same instants."""
    app = app_of(tmp_path / "app", PUSHING_FIFTY)
    outs = [tmp_path / "one.jsonl", tmp_path / "two.jsonl"]
    for out in outs:
        done = run_command("simulate", app, "--until", "12h", "--no-tries", "--records", out)
        assert done.returncode == 0, done.stderr
    first, second = (out.read_bytes() for out in outs)
    summary = json.loads(first.splitlines()[-1])
    paced = ("--ephemeral", "--seed", "1", "--speed", "100000")
    with running_emulator(app, *paced) as run:
        run.wait_for(lambda r: r.get("at", 0) >= 7_200_000)
        seen = [r for r in run.records if r.get("at", 7_200_000) < 7_200_000]

    assert first == second
    assert seen == [json.loads(line) for line in first.splitlines()[: len(seen)]]
    assert len(seen) > 4_000
    assert (summary["events"]["pushed"], summary["events"]["succeeded"]) == (7_150, 7_150)


@pytest.mark.node
def test_schedules_make_no_simulation_longer(tmp_path: Path) -> None:
    """One that is fed by an event ends although a schedule would go on for ever."""
    app = app_of(tmp_path / "app", SPREADING)
    manifest = (app / "manifest.yml").read_text()
    listening = (
        "modules:\n  trigger:\n    - {key: t, function: tick, events: [avi:jira:created:issue]}\n"
    )
    (app / "manifest.yml").write_text(manifest.replace("modules:\n", listening))
    out = tmp_path / "records.jsonl"
    done = run_command("simulate", app, "issue-created", "--no-tries", "--records", out)
    records = records_of(out)

    assert done.returncode == 0, done.stderr
    assert [r["at"] for r in records if r["type"] == "call.received"] == [300_000]
    assert records[-1]["events"]["pending"] == 0


@pytest.mark.node
def test_a_run_by_hand_in_real_time(tmp_path: Path) -> None:
    """The handler gets what is documented; the regular run keeps its time."""
    app = plain_app(tmp_path)
    with running_emulator(app) as run:
        done = run_command("trigger", "schedule", "five", "--app", app, "--json")
        said = run.wait_for(lambda r: r["type"] == "log" and r["invocation_id"] is not None)
        ended = run.wait_for_type("call.succeeded")
        listed = run_command("trigger", "schedule", "--app", app)
        wrong = run_command("trigger", "schedule", "fiv", "--app", app)

    assert json.loads(said["message"]) == ["five", "string", "string", True]
    assert json.loads(done.stdout) == {"call_id": ended["call_id"], "module_key": "five"}
    assert listed.stdout.startswith("five  hour        next run in ")
    assert wrong.returncode == 2
    assert "there is no scheduled trigger 'fiv'" in wrong.stderr
    assert "Did you mean five?" in wrong.stderr


@pytest.mark.node
def test_a_run_with_until_idle_does_not_wait_for_schedules(tmp_path: Path) -> None:
    """In real and in virtual time."""
    app = plain_app(tmp_path)
    for time in ((), ("--virtual",)):
        arguments = ("run", app, "--ephemeral", "--until-idle", "--json", *time)
        done = run_command(*arguments, "--trigger", "issue-created")
        assert done.returncode == 0, done.stderr
        assert "call.received" not in done.stdout


@pytest.mark.node
def test_paced_time_flows_to_the_next_run(tmp_path: Path) -> None:
    """And `clock next` goes to it at once."""
    app = plain_app(tmp_path)
    with running_emulator(app, "--speed", "1000") as run:
        received = run.wait_for_type("call.received")
        assert (received["at"], received["due_at"]) == (300_000, 300_000)
    with running_emulator(app, "--ephemeral") as run:
        due = next_due(app)
        run_command("clock", "next", "--app", app)
        assert run.wait_for_type("call.received")["due_at"] == due


@pytest.mark.node
def test_due_times_and_pauses_outlive_a_kill(tmp_path: Path) -> None:
    """The next emulator goes on with them, and says what is paused."""
    app = plain_app(tmp_path)
    with running_emulator(app) as run:
        run_command("trigger", "schedule", "five", "--app", app)
        run.wait_for_type("call.succeeded")
        due = next_due(app)
        paused = run_command("schedule", "pause", "--all", "--app", app)
        run.kill()
    with running_emulator(app) as run:
        warning = run.wait_for(lambda r: "five still paused" in r.get("message", ""))
        listed = json.loads(run_command("schedule", "--json", "--app", app).stdout)
        run_command("schedule", "resume", "five", "--app", app)
        assert next_due(app) == due
        run_command("clock", "next", "--app", app)
        assert run.wait_for_type("call.received")["due_at"] == due
    assert paused.stdout == "five is paused\n"
    assert warning["level"] == "warn"
    assert (listed[0]["paused"], listed[0]["last_outcome"]) == (True, "succeeded")


def test_a_handler_in_python(tmp_path: Path) -> None:
    """The same, with the same argument."""
    app = plain_app(tmp_path / "app", name="index.py", source=PYTHON)
    out = tmp_path / "records.jsonl"
    done = run_command("simulate", app, "--until", "3h", "--no-tries", "--records", out)
    said = [r["message"] for r in records_of(out) if r["type"] == "log" and r["invocation_id"]]

    assert done.returncode == 0, done.stderr
    assert said == ["five False"] * 3


@pytest.mark.parametrize(
    ("until", "said"),
    [
        ("-5m", "no span of time is negative; write 5m"),
        ("soon", "is no span of time"),
        ("{", "is no span of time"),
    ],
)
def test_an_end_that_is_none(tmp_path: Path, until: str, said: str) -> None:
    """One message, and nothing has run."""
    done = run_command("simulate", plain_app(tmp_path), f"--until={until}")

    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_without_an_event_and_a_schedule_nothing_would_happen(tmp_path: Path) -> None:
    """That is said, and nothing has run."""
    app = plain_app(tmp_path, name="index.py", source=PYTHON)
    manifest = (app / "manifest.yml").read_text()
    kept = [
        line
        for line in manifest.splitlines()
        if "scheduledTrigger" not in line and "five" not in line
    ]
    (app / "manifest.yml").write_text("\n".join(kept))
    done = run_command("simulate", app, "--until", "1h")

    assert done.returncode == 2
    assert "no event is named, and the app has no schedules" in done.stderr


def test_an_app_with_too_many_schedules_does_not_load(tmp_path: Path) -> None:
    """The one too many is named with its place."""
    app = plain_app(tmp_path, name="index.py", source=PYTHON)
    manifest = (app / "manifest.yml").read_text()
    more = "".join(f"    - {{key: s{n}, function: tick, interval: day}}\n" for n in range(5))
    (app / "manifest.yml").write_text(manifest.replace("  function:\n", f"{more}  function:\n"))
    done = run_command("simulate", app, "--until", "1h")

    assert done.returncode == 2
    assert "manifest.yml:16:7 the scheduled trigger 's4' is one too many" in done.stderr
    assert (
        run_command(
            "simulate", app, "--until", "1h", "--set", "limits.schedules.per_app=6"
        ).returncode
        == 0
    )
