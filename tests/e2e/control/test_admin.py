"""`queue`, `kvs`, `limits` and `doctor` against a running emulator."""

from __future__ import annotations

import io
import json
import subprocess
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import pytest

from tests.conftest import Call
from tests.e2e import apps
from tests.e2e.emulator_process import EmulatorProcess, run_command, running_emulator

pytestmark = pytest.mark.node

LATE = """\
const queue = { push: (body) => __forge_fetch__(
  { type: 'fpp', provider: 'app', remote: 'stargate' },
  '/webhook/queue/publish/{contextAri}/{environmentId}/{appId}/{appVersion}',
  { method: 'POST', body: JSON.stringify({
    queueName: 'store-later', jobId: `job-${body.key}`, type: 'avi:forge:app:event',
    schema: 'ari:cloud:ecosystem::forge/app-event-2', time: new Date().toISOString(),
    payload: [{ body, delayInSeconds: 900 }] }) }) };
exports.created = (event) => queue.push({ key: event.issue.key });
exports.store = (event) => { if (event.body.key === 'EMU-1') throw new Error('never'); };
"""
"""Each created issue becomes an event that is due in a quarter of an hour."""


def listed(app: Path, *arguments: str) -> Any:
    """The JSON of `queue`, or of `queue list`."""
    done = run_command("queue", "--app", app, "--json", *arguments)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def three_late(app: Path, run: EmulatorProcess) -> None:
    """Three issues, whose events wait."""
    run_command("trigger", "issue-created", "--count", "3", "--app", app)
    for _ in range(3):
        run.wait_for_type("event.pushed")


def test_events_are_listed_shown_hurried_cancelled_and_replayed(tmp_path: Path) -> None:
    """By the key of their issue, and each act is on record."""
    app = apps.app_without_packages(tmp_path, LATE)
    with running_emulator(app, "--set", "async_events.max_retries=0") as run:
        three_late(app, run)
        waiting = listed(app, "--state", "scheduled")
        assert sorted(e["subject"] for e in waiting["events"]) == ["EMU-1", "EMU-2", "EMU-3"]
        # With and without its name, options before it and behind.
        assert listed(app, "--limit", "1", "list", "--state", "scheduled") == {
            **listed(app, "--limit", "1", "--state", "scheduled"),
            "now": ANY,
        }
        shown = run_command("queue", "show", "EMU-2", "--app", app)
        assert "pushed" in shown.stdout
        assert "scheduled after 0 attempts" in shown.stderr
        assert run_command("queue", "cancel", "EMU-2", "--app", app).returncode == 0
        assert run.wait_for_type("event.cancelled")
        assert run_command("queue", "run-now", "EMU-1", "--app", app).returncode == 0
        old = run.wait_for_type("event.dropped")["event_id"]
        (dropped,) = listed(app, "--state", "dropped")["events"]
        assert (dropped["event_id"], dropped["reason"]) == (old, "max_retries")
        replayed = run_command("queue", "replay", old[:8], "--app", app, "--json")
        (new,) = json.loads(replayed.stdout)["ids"]
        assert run.wait_for_type("event.pushed")["replay_of"] == old
        assert run.wait_for_type("event.dropped")["event_id"] == new
        told = run_command("queue", "show", new, "--app", app, "--json").stdout.splitlines()
        assert [json.loads(line)["type"] for line in told] == [
            "event.pushed",
            "invocation.started",
            "invocation.finished",
            "event.dropped",
        ]
        acts = [r["action"] for r in run.records_of("queue.by_hand")]
        assert acts == ["cancel", "run_now", "replay"]


def test_a_queue_is_paused_and_resumed(tmp_path: Path) -> None:
    """What is due is held, and said to be."""
    app = apps.app_without_packages(tmp_path, LATE)
    with running_emulator(app) as run:
        three_late(app, run)
        assert run_command("queue", "pause", "store-later", "--app", app).stdout.strip() == (
            "store-later is paused"
        )
        assert run_command("queue", "run-now", "--all", "--app", app).stdout.startswith("3 events")
        lines = run_command("queue", "--app", app)
        assert lines.stdout.count("held") == 3
        assert "store-later is paused" in lines.stderr
        run_command("queue", "--app", app, "resume")
        run.wait_for_type("event.succeeded")


def test_the_store_is_edited_exported_and_imported(tmp_path: Path) -> None:
    """Secrets are masked; what is read is what was written."""
    app = apps.app_without_packages(tmp_path, LATE)
    with running_emulator(app) as run:

        def kvs(*arguments: str | Path) -> str:
            done = run_command("kvs", *arguments, "--app", app)
            assert done.returncode == 0, done.stderr
            return done.stdout

        kvs("set", "a:1", '{"n": 12345678901234567890}')
        kvs("set", "a:2", '"text"', "--ttl", "1h")
        kvs("set", "token", '"hidden"', "--secret")
        assert run.wait_for_type("kvs.done")["invocation_id"] is None
        assert json.loads(kvs("get", "a:1")) == {"n": 12345678901234567890}
        assert "hidden" not in kvs("list", "--secret")
        assert "hidden" not in kvs("list", "--secret", "--json")
        assert "hidden" in kvs("list", "--secret", "--show-secrets")
        assert json.loads(kvs("export"))[0]["key"] == "a:1"
        whole = tmp_path / "store.json"
        whole.write_text(kvs("export", "--show-secrets"))
        kvs("delete", "a:1", "a:2")
        assert json.loads(kvs("list", "--json")) == []
        kvs("import", whole)
        entries = {e["key"]: e for e in json.loads(kvs("list", "--json"))}
        assert set(entries) == {"a:1", "a:2"}
        assert 3500 < entries["a:2"]["ttl_seconds"] <= 3600
        numbers = json.loads(run_command("limits", "write_units", "--app", app, "--json").stdout)
        assert numbers["running"]
        assert numbers["limits"][0]["used"] == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("queue", "cancel", "EMU-9"), "EMU-9"),
        (("queue", "cancel", "x"), "too short"),
        (("queue", "run-now"), "--all"),
        (("queue", "replay", "EMU-9", "--dropped"), "--dropped"),
        (("queue", "pause", "nowhere"), "store-later"),
        (("queue", "show", "EMU-9"), "EMU-9"),
        (("queue", "--state", "lost"), "lost"),
        (("queue", "--queue", "lost"), "store-later"),
        (("kvs", "get", "nothing"), "nothing"),
        (("kvs", "get", "secret", "--secret"), "--show-secrets"),
        (("kvs", "delete", "nothing"), "nothing"),
        (("kvs", "set", "key", "{bad"), "VALUE:1:2"),
        (("kvs", "set", "key", "null"), "null"),
        (("kvs", "set", "bad/key", "1"), "bad/key"),
        (("kvs", "set", "key", "1", "--ttl", "soon"), "soon"),
        (("kvs", "set", "key", "1", "--ttl", "0s"), "more than 0"),
        (("kvs", "import", "nowhere.json"), "nowhere.json"),
        (("kvs", "import", "-"), "stdin:1:1"),
    ],
)
def test_wrong_input(
    shared: Path,
    call: Call,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    words: str,
) -> None:
    """One message, exit code 2, nothing on stdout."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO()))
    said = call(*arguments, "--app", shared)
    assert said.code == 2
    assert words in said.err
    assert not said.out
    assert "Traceback" not in said.err


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """An emulator for tests that change nothing."""
    app = apps.app_without_packages(tmp_path_factory.mktemp("app"), LATE)
    with running_emulator(app):
        yield app


@pytest.mark.parametrize(
    "arguments",
    [
        ("queue",),
        ("queue", "show", "EMU-1"),
        ("queue", "pause"),
        ("kvs", "list"),
        ("kvs", "set", "a", "1"),
        ("kvs", "export"),
    ],
)
def test_without_an_emulator(tmp_path: Path, call: Call, arguments: tuple[str, ...]) -> None:
    """Exit code 3 and the command that starts one."""
    app = apps.app_without_packages(tmp_path, LATE)
    said = call(*arguments, "--app", app)
    assert said.code == 3
    assert f"forge-emu run {app}" in said.err


def push(app: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`queue push` to the app's queue."""
    return run_command("queue", "push", "store-later", "--app", app, *arguments)


def test_events_are_pushed_by_hand(tmp_path: Path) -> None:
    """The consumer gets them as it gets those of the app; a refusal names its rule."""
    app = apps.app_without_packages(tmp_path, LATE)
    (app / "body.json").write_text('{"key": "EMU-1{n}"}')
    with running_emulator(app, "--set", "async_events.max_retries=0") as run:
        done = push(app, "--body", f"@{app / 'body.json'}", "--count", "2", "--json")
        [job] = json.loads(done.stdout)["jobs"]
        ends = [run.wait_for_type("event.succeeded")["event_id"] for _ in range(2)]
        assert sorted(ends) == sorted(job["event_ids"])

        plain = push(app, "--body", '{"key": "EMU-2"}', "--delay", "60s")
        first, second = plain.stdout.splitlines()
        event = run.wait_for_type("event.pushed")
        assert (first, second) == (f"job {event['job_id']}", f"  {event['event_id']}")

        refused = push(app, "--body", "{}", "--delay", "16m")
        assert refused.returncode == 1
        assert refused.stdout == ""
        assert "refused: InternalServerError (400): delayInSeconds is 960" in refused.stderr
        assert "The rule is limits.push.max_delay_seconds." in refused.stderr

        unknown = run_command("queue", "push", "store-latr", "--app", app, "--body", "{}")
        assert unknown.returncode == 2
        assert "no consumer of the app has a queue 'store-latr'" in unknown.stderr
        assert "Did you mean store-later?" in unknown.stderr


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("{", "--body:1:2 Expecting property name"),
        ("[1]", "the body of an event must be an object"),
        ("@nowhere.json", "cannot read"),
    ],
)
def test_a_body_that_is_none_is_one_error(tmp_path: Path, body: str, message: str) -> None:
    """Before any emulator is asked."""
    app = apps.app_without_packages(tmp_path, LATE)
    done = run_command("queue", "push", "store-later", "--body", body, cwd=app)

    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
