"""`forge-emu simulate` with real apps: exact, repeatable, and a gate for CI."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.e2e import apps
from tests.e2e.emulator_process import run_command, running_emulator

pytestmark = pytest.mark.node

Seen = list[dict[str, Any]]
DAY = 86_400_000

FAILING = """\
import { InvocationError, Queue } from '@forge/events';

const queue = new Queue({ key: 'store-later' });

export async function created(event) {
  await queue.push({ body: { key: event.issue.key } });
}

export async function store() {
  return new InvocationError({ retryAfter: 900 });
}
"""

BACKING_OFF = """\
import { InvocationError, Queue } from '@forge/events';
import { kvs } from '@forge/kvs';

const queue = new Queue({ key: 'store-later' });

export async function created(event) {
  await queue.push({ body: { key: event.issue.key } });
}

export async function store(event) {
  try {
    await kvs.set(event.body.key, 'x'.repeat(100_000));
  } catch (error) {
    const base = Number(process.env.BASE_DELAY);
    return new InvocationError({ retryAfter: base * 2 ** (event.retryContext?.retryCount ?? 0) });
  }
}
"""


def simulate(app: Path, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    done = run_command("simulate", app, *arguments)
    assert done.returncode == code, done.stderr + done.stdout
    return done


def played(app: Path, *arguments: str, code: int = 0) -> tuple[Seen, dict[str, Any]]:
    """The records of a run and its summary."""
    file = app.parent / "records.jsonl"
    done = simulate(app, *arguments, "--records", str(file), "--json", code=code)
    *records, summary = map(json.loads, file.read_text("utf-8").splitlines())
    assert json.loads(done.stdout) == summary
    return records, summary


def of(records: Seen, type: str) -> Seen:
    """The records of one type."""
    return [r for r in records if r["type"] == type]


def made(tmp_path: Path, source: str) -> Path:
    """An app on `@forge/events` 3 and `@forge/kvs`."""
    app = apps.typescript_app(tmp_path / "app")
    (app / "src" / "index.ts").unlink()
    (app / "src" / "index.js").write_text(source)
    return app


@pytest.fixture
def guide(tmp_path: Path) -> Path:
    """The guide's shape of an app."""
    return apps.queued_app(tmp_path / "app")


STACKS = """\
import { deep } from './lib';
console.error(new Error('at the top'));
exports.created = async () => {
  console.error(new Error('plain'));
  console.log(JSON.stringify({ stack: new Error('in JSON').stack, more: 1 }));
  try { deep(); } catch (error) { console.warn('caught', error); }
  await new Promise((resolve) => setTimeout(resolve, 5));
  console.log({ nested: new RangeError('later') });
  process.stderr.write(new TypeError('raw').stack);
  console.log(`${__filename.length > 0} at nothing.js:1:2`);
};
exports.store = () => {};
"""


def test_printed_stacks_name_the_apps_own_files(tmp_path: Path) -> None:
    """Wherever the app was built, and however Node.js came to run it: the same seed, the same
    bytes."""
    app = apps.app_without_packages(tmp_path / "app", STACKS)
    (app / "src" / "lib.js").write_text(
        "export function deep() { [1].map(() => { throw new TypeError('deep'); }); }"
    )
    records, _ = played(app, "issue-created")
    again, _ = played(app, "issue-created")
    assert records == again
    assert [r["message"] for r in of(records, "log")] == [
        "Error: at the top\n    at src/index.js (src/index.js:2:15)",
        "Error: plain\n    at exports.created (src/index.js:4:17)",
        r'{"stack":"Error: in JSON\n    at exports.created (src/index.js:5:39)","more":1}',
        "caught TypeError: deep\n    at src/lib.js:1:48\n    at Array.map (<anonymous>)\n"
        "    at deep (src/lib.js:1:30)\n    at exports.created (src/index.js:6:9)",
        "{\n  nested: RangeError: later\n      at exports.created (src/index.js:8:25)\n}",
        "TypeError: raw\n    at exports.created (src/index.js:9:24)",
        "true at nothing.js:1:2",
    ]


def test_the_same_seed_gives_the_same_bytes(guide: Path) -> None:
    """Six hundred issues under today's limits: records and summary, every event terminal, and every
    retry at exactly its due time."""
    first, second = guide.parent / "1.jsonl", guide.parent / "2.jsonl"
    outs = [
        simulate(
            guide,
            "issue-created",
            "--count",
            "600",
            "--seed",
            "7",
            "--json",
            "--records",
            str(file),
        ).stdout
        for file in (first, second)
    ]
    assert first.read_bytes() == second.read_bytes()
    assert outs[0] == outs[1]
    *records, summary = map(json.loads, first.read_text("utf-8").splitlines())
    pushed = {r["event_id"] for r in of(records, "event.pushed")}
    terminal = ("event.succeeded", "event.dropped", "event.cancelled")
    ends = Counter(r["event_id"] for r in records if r["type"] in terminal)
    assert ends == dict.fromkeys(pushed, 1)
    assert summary["product_events"]["sent"] == 600
    assert summary["events"]["pending"] == summary["product_events"]["pending"] == 0
    assert summary["retries"]["total"] > 0
    due = {r["event_id"]: r["due_at"] for r in of(records, "event.pushed")}
    for record in records:
        if record["type"] == "retry.scheduled" and "event_id" in record:
            due[record["event_id"]] = record["due_at"]
        elif record["type"] == "invocation.started" and "event_id" in record:
            assert record["at"] == due.pop(record["event_id"])


def test_another_seed_changes_chances_but_not_the_totals(guide: Path) -> None:
    """The order and the jitter differ; how many there are does not."""
    runs = [
        played(
            guide,
            "issue-created:100",
            "--seed",
            seed,
            "--set",
            "limits.kvs.write_units_per_minute=60",
        )
        for seed in ("1", "2")
    ]
    waits = [[r["retry_after_ms"] for r in of(x, "retry.scheduled")] for x, _ in runs]
    ids = [[r["event_id"] for r in of(x, "event.pushed")] for x, _ in runs]
    assert ids[0] != ids[1]
    assert waits[0] != waits[1]
    for _, summary in runs:
        assert summary["product_events"]["sent"] == 100
        events = summary["events"]
        assert events["pushed"] == events["succeeded"] + events["dropped"]


def test_a_handler_that_always_fails_is_given_up_after_a_day(tmp_path: Path) -> None:
    """Every 900 s for 24 h, and not a millisecond longer."""
    app = made(tmp_path, FAILING)
    records, _ = played(app, "issue-created", "--set", "async_events.max_retries=none")
    (end,) = of(records, "event.dropped")
    assert (end["reason"], end["age_ms"]) == ("retention_window", DAY)
    assert 95 <= end["attempts"] <= 97
    starts = [r["at"] for r in of(records, "invocation.started") if "event_id" in r]
    assert [b - a for a, b in pairwise(starts)] == [900_000] * (len(starts) - 1)


def test_platform_errors_extend_the_window_and_count_no_retry(tmp_path: Path) -> None:
    """96 hours, the retry count at 0 in every record; then they expire, and are not dropped."""
    app = made(tmp_path, FAILING)
    records, summary = played(app, "issue-created", "--fault", "platform.error=100%")
    (first, *_) = of(records, "event.expired")
    assert first["age_ms"] == 4 * DAY
    assert not of(records, "event.dropped")
    assert summary["events"]["expired"] == len(of(records, "event.expired"))
    assert "expired" in {found["rule"] for found in summary["advice"]}
    retries = [r for r in of(records, "retry.scheduled") if "event_id" in r]
    assert {r["retry_count"] for r in retries} == {0}
    assert summary["faults"]["platform.error"] == len(of(records, "fault.injected"))


def test_faults_and_duplicates_are_on_record(guide: Path) -> None:
    """Each strike where it strikes, and its consequence after it."""
    records, summary = played(
        guide,
        "issue-created:200",
        "--limits",
        "off",
        "--fault",
        "kvs.error=20%@..10s",
        "--fault",
        "invocation.timeout=5%",
        "--set",
        "delivery.duplicates=10%",
    )
    strikes = Counter(r["fault"] for r in of(records, "fault.injected"))
    assert strikes == summary["faults"]
    assert strikes["kvs.error"] == len(of(records, "kvs.refused")) > 10
    timeouts = [r for r in of(records, "invocation.finished") if r["outcome"] == "timeout"]
    assert strikes["invocation.timeout"] == len(timeouts) > 0
    assert {r["duration_ms"] for r in timeouts} <= {25_000, 55_000}
    again = [r for r in of(records, "invocation.started") if r["duplicate"]]
    assert len(again) == summary["duplicates"] > 5
    ended = {r["event_id"] for r in of(records, "event.succeeded")}
    assert {r["event_id"] for r in again} <= ended
    assert len(ended) == len(of(records, "event.succeeded"))


def test_a_slow_store_is_ten_times_slower(guide: Path) -> None:
    """Each call that is slowed is on record; without a latency the fault says it does nothing."""
    arguments = ("issue-created", "--fault", "kvs.latency=x10@..1m")
    records, _ = played(guide, *arguments, "--set", "latency.kvs=200ms")
    (stored,) = [r for r in of(records, "invocation.finished") if "event_id" in r]
    assert stored["duration_ms"] == 2_000
    assert [r["fault"] for r in of(records, "fault.injected")] == ["kvs.latency"]
    assert "kvs.latency=x10@..1m has no effect" in simulate(guide, *arguments).stderr


def test_a_condition_is_a_gate(guide: Path) -> None:
    """Exit 1 when and only when it holds; what is said of it can be read and repeated."""
    arguments = ("issue-created:80", "--seed", "3", "--set", "limits.push.events_per_minute=50")
    simulate(guide, *arguments, "--fail-on", "push.refused>100000, dropped>100%")
    file = guide.parent / "report.xml"
    failed = simulate(
        guide,
        *arguments,
        "--fail-on",
        "push.refused>0",
        "--fail-on",
        "kvs.refused>100000",
        "--junit",
        str(file),
        "--json",
        code=1,
    )
    assert json.loads(failed.stdout)["type"] == "summary"
    assert "failed: push.refused>0: push.refused is " in failed.stderr
    assert "RateLimitError" in failed.stderr
    (line,) = [x for x in failed.stderr.splitlines() if x.startswith("again: ")]
    assert "'push.refused>0'" in line
    words = shlex.split(line.removeprefix("again: "))
    assert words[:2] == ["forge-emu", "simulate"]
    assert not {"--json", "--junit"} & set(words)
    again = run_command(*words[1:], "--json")
    assert (again.returncode, again.stdout) == (1, failed.stdout)
    root = ElementTree.parse(file).getroot()
    assert [case.find("failure") is None for case in root.iter("testcase")] == [False, True]


def test_a_misspelt_figure_stops_everything(tmp_path: Path) -> None:
    """Before the app is even looked at."""
    done = simulate(tmp_path, "issue-created", "--fail-on", "droped>0", code=2)
    assert "Did you mean dropped" in done.stderr


def test_an_endless_simulation_ends_in_time(tmp_path: Path) -> None:
    """`--until` leaves what has not ended pending, and says so."""
    app = made(tmp_path, FAILING)
    records, summary = played(
        app, "issue-created:3", "--until", "1h", "--set", "async_events.max_retries=none"
    )
    assert summary["events"]["pending"] == 3
    assert summary["ended_at"] == 3_600_000
    assert max(r["at"] for r in records) <= 3_600_000
    done = simulate(app, "issue-created", "--until", "1h", "--fail-on", "pending>0", code=1)
    assert "pending is 1" in done.stderr
    assert "pushed" in done.stderr


def test_what_avoids_a_limit_is_tried(guide: Path) -> None:
    """The finding says what was tried and what came of it; the files are written."""
    page, trace = guide.parent / "page.html", guide.parent / "trace.json"
    arguments = (
        "issue-created:120",
        "--set",
        "limits.push.events_per_minute=100",
        "--report",
        str(page),
        "--trace",
        str(trace),
    )
    _, summary = played(guide, *arguments)
    (found,) = [a for a in summary["advice"] if a["rule"] == "tried"]
    assert found["detail"]["limit"] == "limits.push.events_per_minute"
    assert found["detail"]["refusals"] == 0
    assert "Tried in simulation" in page.read_text("utf-8")
    assert json.loads(trace.read_text("utf-8"))["traceEvents"]
    _, untried = played(guide, *arguments, "--no-tries")
    assert [a for a in summary["advice"] if a["rule"] != "tried"] == untried["advice"]


def test_seeds_side_by_side(guide: Path) -> None:
    """Least, median and most of every figure, and the worst seed to replay."""
    done = simulate(
        guide,
        "issue-created:100",
        "--seeds",
        "3",
        "--json",
        "--set",
        "limits.kvs.write_units_per_minute=50",
    )
    result = json.loads(done.stdout)
    (column,) = result["columns"]
    assert column["seeds"] == [1, 2, 3]
    assert [run["seed"] for run in result["runs"]] == [1, 2, 3]
    p95 = column["figures"]["p95_ms"]
    assert p95["min"] <= p95["median"] <= p95["max"]
    alone = played(
        guide, "issue-created:100", "--seed", "2", "--set", "limits.kvs.write_units_per_minute=50"
    )[1]
    assert result["runs"][1]["figures"]["p95_ms"] == alone["time_to_success"]["p95_ms"]


def test_a_backoff_is_chosen_by_figures(tmp_path: Path) -> None:
    """A variable of the app is swept; the value that loses nothing is named."""
    app = made(tmp_path, BACKING_OFF)
    done = simulate(
        app,
        "issue-created:100",
        "--compare",
        "env.BASE_DELAY=1,40",
        "--json",
        "--set",
        "limits.kvs.write_units_per_minute=500",
        "--seeds",
        "2",
    )
    result = json.loads(done.stdout)
    short, long = (column["figures"]["dropped"]["max"] for column in result["columns"])
    assert short > 0 == long
    assert result["best"] == "40"
    assert "env.BASE_DELAY=40 drains it without a dropped event" in result["verdict"]


def test_a_scenario_is_played_step_by_step(guide: Path) -> None:
    """Each step at its time and pace."""
    (guide / "scenario.yml").write_text(
        "limits: off\nsteps:\n"
        "  - {event: issue-created, count: 4, burst: 2 every 10s}\n"
        "  - {event: issue-created, at: 5m, count: 3, rate: 1/s, payload: {issue.key: 'X-{n}'}}\n"
    )
    records, _ = played(guide, str(guide / "scenario.yml"))
    sent = [(r["at"], r["subject"]) for r in of(records, "product_event.sent")]
    assert sent == [
        (0, "EMU-1"),
        (0, "EMU-2"),
        (10_000, "EMU-3"),
        (10_000, "EMU-4"),
        (300_000, "X-5"),
        (301_000, "X-6"),
        (302_000, "X-7"),
    ]


def test_simulations_disturb_nobody(guide: Path) -> None:
    """Two at once beside a running emulator, and nothing is left behind."""
    with running_emulator(guide) as emulator:
        before = sorted(path.name for path in (guide / ".forge-emu").iterdir())
        program = [sys.executable, "-m", "forge_emu", "simulate", str(guide), "issue-created:20"]
        both = [
            subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            for _ in range(2)
        ]
        outs = [process.communicate(timeout=60) for process in both]
        assert [process.returncode for process in both] == [0, 0], outs
        assert outs[0][0] == outs[1][0]
        assert sorted(path.name for path in (guide / ".forge-emu").iterdir()) == before
        assert run_command("trigger", "issue-created", "--app", guide, "--wait").returncode == 0
        assert emulator.process.poll() is None
