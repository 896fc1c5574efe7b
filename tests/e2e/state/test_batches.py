"""Apps that store many keys at once, whole: simulated under limits, and killed in the middle."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from forge_emu.store.database import Database
from tests.e2e import apps
from tests.e2e.emulator_process import run_command, running_emulator

pytestmark = pytest.mark.node

BATCHING = """\
import { InvocationError, Queue } from '@forge/events';
import { kvs, WhereConditions } from '@forge/kvs';

const queue = new Queue({ key: 'store-later' });

export async function created(event) {
  await queue.push({ body: { key: event.issue.key } });
}

export async function store(event) {
  const { key } = event.body;
  const text = 'x'.repeat(1_000);
  const items = Array.from({ length: 25 }, (_, n) => ({ key: `${key}:${n}`, value: { n, text } }));
  try {
    const { failedKeys } = await kvs.batchSet([...items.slice(1), { key: `${key}/0`, value: 0 }]);
    if (failedKeys.length !== 1) throw new Error(JSON.stringify(failedKeys));
    await kvs.transact().set(`${key}:0`, items[0].value).delete(`${key}:24`).execute();
  } catch (error) {
    if (!/RATE_LIMIT_EXCEEDED|TOO_MANY_REQUESTS/.test(error.code)) throw error;
    const { retryCount } = event.retryContext ?? { retryCount: 0 };
    return new InvocationError({ retryAfter: 20 * 2 ** retryCount + Math.random() * 60 });
  }
  const mine = WhereConditions.beginsWith(`${key}:`);
  const { results, nextCursor } = await kvs.query().where('key', mine).limit(100).getMany();
  if (results.length !== 24 || nextCursor) throw new Error(`found ${results.length}`);
}
"""


def app(root: Path) -> Path:
    """A consumer that stores, changes and lists twenty-five keys."""
    made = apps.typescript_app(root)
    (made / "src" / "index.ts").unlink()
    (made / "src" / "index.js").write_text(BATCHING)
    return made


def test_batches_under_limits(tmp_path: Path) -> None:
    """Everything is stored in the end, every unit is counted, and two runs are the same bytes."""
    made = app(tmp_path / "app")
    runs = [
        run_command(
            "simulate",
            made,
            "issue-created",
            "--count",
            "100",
            "--seed",
            "3",
            "--json",
            "--set",
            "limits.kvs.write_units_per_minute=150",
            "--set",
            "latency.kvs=20ms",
            "--records",
            tmp_path / f"{n}.jsonl",
        )
        for n in (1, 2)
    ]
    assert [run.returncode for run in runs] == [0, 0], runs[0].stderr
    text = (tmp_path / "1.jsonl").read_bytes()
    assert text == (tmp_path / "2.jsonl").read_bytes()

    *seen, summary = [json.loads(line) for line in text.splitlines()]
    assert (summary["events"]["succeeded"], summary["events"]["pending"]) == (100, 0)
    assert summary["refusals"]["kvs"]["limits.kvs.write_units_per_minute"] > 0
    done = [r for r in seen if r["type"] == "kvs.done"]
    batches = [r for r in done if r["operation"] == "batch_set"]
    assert {(len(r["keys"]), r["bytes"], r["units"]) for r in batches} == {(24, 24_423, 3)}
    assert {r["units"] for r in done if r["operation"] == "transact"} == {1}
    assert {r["units"] for r in done if r["operation"] == "query"} == {3}
    assert summary["refusals"]["kvs_keys"] == {"kvs.key": len(batches)}
    assert "failed_keys" in {a["rule"] for a in summary["advice"]}
    assert "write_rounding" not in {a["rule"] for a in summary["advice"]}
    (writes,) = [u for u in summary["limits"] if u["name"].endswith("write_units_per_minute")]
    assert writes["peak"] <= 150


def values(made: Path) -> dict[str, Any]:
    """What the state of an app without an emulator holds."""
    with closing(Database(made / ".forge-emu" / "state.sqlite")) as database:
        kept = database.read_state()
        assert kept is not None
        return {key: json.loads(value.value_text) for (_, key), value in kept.saved.values.items()}


def test_what_was_answered_outlives_a_kill(tmp_path: Path) -> None:
    """All keys of each batch and each transaction that is on record, and no part of any other."""
    made = app(tmp_path / "app")
    with running_emulator(made, "--trigger", "issue-created", "--count", "40") as run:
        run.wait_for(lambda _: len(run.records_of("event.succeeded")) >= 3)
        run.kill()
    stored: dict[str, set[int]] = {}
    for key in values(made):
        name, _, n = key.partition(":")
        stored.setdefault(name, set()).add(int(n))

    with closing(Database(made / ".forge-emu" / "state.sqlite")) as database:
        told = [json.loads(line) for line in database.record_lines(0, 1_000_000)]
    for name, numbers in stored.items():
        changed = any(
            r["type"] == "kvs.done"
            and r["operation"] == "transact"
            and r["key"] == f"{name}:0 and 1 more"
            for r in told
        )
        assert numbers == (set(range(24)) if changed else set(range(1, 25))), name
    assert len(stored) >= 3

    with running_emulator(made, "--until-idle") as again:
        assert again.wait_for_summary()["events"]["pending"] == 0
    assert len(values(made)) == 40 * 24


def test_the_store_of_batches_can_be_looked_at(tmp_path: Path) -> None:
    """`kvs list` shows what batches stored, and `tail` what they were."""
    made = app(tmp_path / "app")
    with running_emulator(made, "--trigger", "issue-created") as run:
        run.wait_for_type("event.succeeded")
        listed = run_command("kvs", "list", "--prefix", "EMU-1:2", "--app", made, "--json")
        tail = run_command("tail", "--no-follow", "--app", made, "--since", "all").stdout

    assert [e["key"] for e in json.loads(listed.stdout)] == [
        "EMU-1:2",
        "EMU-1:20",
        "EMU-1:21",
        "EMU-1:22",
        "EMU-1:23",
    ]
    assert "batch_set EMU-1:1 and 24 more" in tail
    assert "query EMU-1:*" in tail
