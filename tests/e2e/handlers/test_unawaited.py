"""Work that no handler waits for, through the real packages: named, lost by the seed, on record."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import apps
from tests.e2e.emulator_process import EmulatorProcess, run_command
from tests.npm import NEWEST

EACH = """\
import { Queue } from '@forge/events';
import { kvs } from '@forge/kvs';

const queue = new Queue({ key: 'store-later' });

export async function created(event) {
  ['reporter', 'assignee', 'watchers'].forEach(async (who) => {
    const seen = await kvs.get(`${event.issue.key}:${who}`);
    if (!seen) await queue.push({ body: { who } });
    await kvs.set(`${event.issue.key}:${who}`, true);
  });
}

export async function store() {}
"""
TASKS = """\
import asyncio
from forge_emu.sdk import Queue, kvs

queue = Queue(key="store-later")

async def tell(who, event):
    seen = await kvs.get(f"{event['issue']['key']}:{who}")
    if not seen:
        await queue.push({"body": {"who": who}})
    await kvs.set(f"{event['issue']['key']}:{who}", True)

async def created(event):
    for who in ("reporter", "assignee", "watchers"):
        asyncio.create_task(tell(who, event))

def store():
    pass
"""
TIMER = """\
import { Queue } from '@forge/events';
const queue = new Queue({ key: 'store-later' });
export async function created() {
  setTimeout(() => queue.push({ body: {} }), 3000);
}
export async function store() {}
"""
FLOATING = """\
import { Queue } from '@forge/events';
const queue = new Queue({ key: 'store-later' });
export async function created() {
  queue.push({ body: {} });
}
export async function store() {}
"""
AWAITED = """\
import { Queue } from '@forge/events';
import { kvs } from '@forge/kvs';
const queue = new Queue({ key: 'store-later' });
const limit = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
export async function created(event) {
  await Promise.race([kvs.get('a'), limit(10_000)]);
  await Promise.all(['a', 'b'].map((key) => kvs.set(`${event.issue.key}-${key}`, 1)));
  for (const key of ['a', 'b']) await queue.push({ body: { key } });
}
export async function store() {}
"""

Records = list[dict[str, Any]]
node = pytest.mark.node


def app_of(root: Path, source: str) -> Path:
    """An app in the language of `source`."""
    if "import asyncio" in source:
        return apps.write_files(root, {"manifest.yml": apps.MANIFEST, "src/index.py": source})
    apps.write_files(root, {"manifest.yml": apps.MANIFEST, "src/index.js": source})
    return apps.link_packages(root, NEWEST)


def played(app: Path, *arguments: str, count: int = 4) -> Records:
    """The records of `simulate`, without the summary."""
    file = app.parent / "records.jsonl"
    done = run_command(
        "simulate", app, f"issue-created:{count}", "--records", str(file), *arguments
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()[:-1]]


def of(records: Records, type: str) -> Records:
    """The records of one type."""
    return [r for r in records if r["type"] == type]


@pytest.mark.parametrize(
    ("source", "file", "lines"),
    [
        pytest.param(EACH, "src/index.js", (8, 9, 10), marks=node),
        (TASKS, "src/index.py", (7, 9, 10)),
    ],
    ids=["javascript", "python"],
)
def test_what_nobody_waits_for_is_named_and_some_of_it_lost(
    source: str, file: str, lines: tuple[int, int, int], tmp_path: Path
) -> None:
    """Each invocation names its requests with their lines; later ones are done or lost."""
    get, push, put = (f"{file}:{line}" for line in lines)
    app = app_of(tmp_path / "app", source)
    records = played(app, "--seed", "3")
    finished = [r for r in of(records, "invocation.finished") if r["function"] == "created"]
    assert len(finished) == 4
    for each in finished:
        assert each["unanswered"]["requests"] == 3
        assert {(c["call"], c["place"]) for c in each["unanswered"]["calls"]} == {("kvs.get", get)}
    lost = Counter((r["call"], r["place"]) for r in of(records, "request.lost"))
    done = Counter(r["operation"] for r in of(records, "kvs.done"))
    pushed = len(of(records, "event.pushed"))
    assert set(lost) <= {("queue.push", push), ("kvs.set", put)}
    assert done["get"] == 12
    assert lost["queue.push", push] + pushed == 12
    assert lost["kvs.set", put] + done["set"] == pushed
    assert 0 < done["set"] < pushed < 12

    assert played(app, "--seed", "3") == records
    never = played(app, "--seed", "3", "--set", "invocations.unawaited_lost=0")
    assert len(of(never, "event.pushed")) == 12
    assert of(never, "request.lost") == []
    always = played(app, "--seed", "3", "--set", "invocations.unawaited_lost=100%")
    assert len(of(always, "request.lost")) == 12
    assert of(always, "event.pushed") == []


@node
def test_a_request_that_was_begun_before_the_return_is_made(tmp_path: Path) -> None:
    """Though nobody waits for it, and at any share."""
    app = app_of(tmp_path / "app", FLOATING)
    records = played(app, "--set", "invocations.unawaited_lost=1")
    assert len(of(records, "event.pushed")) == 4
    named = [r["unanswered"]["calls"][0] for r in records if "unanswered" in r]
    assert [(c["call"], c["place"]) for c in named] == [("queue.push", "src/index.js:4")] * 4


@node
def test_a_request_of_a_timer_is_lost_or_made(tmp_path: Path) -> None:
    """In its own time, also if nothing else happens then."""
    app = app_of(tmp_path / "app", TIMER)
    records = played(app, "--seed", "3", count=10)
    lost, made = of(records, "request.lost"), of(records, "event.pushed")
    assert len(lost) + len(made) == 10
    assert lost
    assert made
    assert {r["at"] for r in lost + made} == {3_000}
    assert {r["place"] for r in lost} == {"src/index.js:4"}


@node
def test_the_seed_decides_the_same_at_every_speed(tmp_path: Path) -> None:
    """Virtual and paced time lose the same requests."""
    app = app_of(tmp_path / "app", EACH)
    arguments = ("--trigger", "issue-created", "--count", "4", "--until-idle", "--seed", "3")
    lost = []
    for speed in (("--virtual",), ("--speed", "20")):
        run = EmulatorProcess(app, *arguments, *speed, "--ephemeral")
        run.wait_for_summary()
        assert run.process.returncode == 0, run.stderr
        lost.append(sorted((r["call"], r["target"]) for r in run.records_of("request.lost")))
    assert lost[0] == lost[1] != []


@node
def test_an_app_that_waits_for_everything_has_nothing_of_it(tmp_path: Path) -> None:
    """Nor is its run any longer for a timer that it no longer needs."""
    app = app_of(tmp_path / "app", AWAITED)
    records = played(app, "--seed", "3", count=1)
    assert of(records, "request.lost") == []
    assert not any("unanswered" in r for r in records)
    assert {r["at"] for r in records} == {0}


NEVER_ANSWERED = """
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';

export async function created(event) {
  const path = `${os.tmpdir()}/${event.issue.key}-${process.pid}-${Math.random()}.sock`;
  await new Promise((resolve) => net.createServer(() => {}).listen(path, resolve));
  const client = net.connect(path);
  await new Promise((resolve) => client.on('connect', resolve));
  fs.unlinkSync(path);
  client.write('ping');
}
"""


@pytest.mark.node
def test_what_nobody_waits_for_and_nobody_answers_does_not_hold_a_simulation(
    tmp_path: Path,
) -> None:
    """It is waited for once, as long as the settings say; a start of Node.js knows them late."""
    app = apps.app_without_packages(tmp_path / "app", NEVER_ANSWERED)
    patience = ("--set", "delivery.io_real_seconds=0.3")
    done = run_command("simulate", app, "issue-created:3", *patience, "--json")
    assert json.loads(done.stdout)["product_events"]["succeeded"] == 3
