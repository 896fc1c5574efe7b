"""Small apps as people have written them, each judged by what it does on the platform."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import apps
from tests.e2e.emulator_process import run_command
from tests.npm import NEWEST

pytestmark = pytest.mark.node

Records = list[dict[str, Any]]
HEAD = """\
import { InvocationError, Queue } from '@forge/events';
import { kvs } from '@forge/kvs';
const queue = new Queue({ key: 'store-later' });
"""


def app_of(root: Path, source: str, **files: str) -> Path:
    """An app with a trigger and a consumer, its packages, and further files."""
    app = root / "app"
    extra = {name.replace("__", "/").replace("_", "."): text for name, text in files.items()}
    apps.write_files(app, {"manifest.yml": apps.MANIFEST, "src/index.js": source, **extra})
    return apps.link_packages(app, NEWEST)


def played(app: Path, *arguments: str) -> tuple[Records, dict[str, Any]]:
    """The records of a simulation, and its summary."""
    file = app.parent / "records.jsonl"
    done = run_command("simulate", app, "--seed", "3", "--records", str(file), *arguments)
    assert done.returncode == 0, done.stderr + done.stdout
    *records, summary = map(json.loads, file.read_text("utf-8").splitlines())
    return records, summary


def of(records: Records, type: str, **fields: Any) -> Records:
    """The records of one type, with these fields."""
    return [r for r in records if r["type"] == type and all(r[k] == v for k, v in fields.items())]


def printed(records: Records) -> list[str]:
    """What the app printed."""
    return [r["message"] for r in of(records, "log") if r.get("invocation_id")]


def advice(summary: dict[str, Any]) -> dict[str, list[str]]:
    """The places of each rule of the advice."""
    return {a["rule"]: a["places"] for a in summary["advice"]}


def test_events_of_a_key_with_limit_one_run_one_at_a_time(tmp_path: Path) -> None:
    """In no promised order, with seconds between them; the pushes need not be awaited for that."""
    source = (
        HEAD
        + """
export const created = async () => {
  for (let i = 0; i < 5; i += 1) {
    queue.push({ body: { number: i }, concurrency: { key: 'one', limit: 1 } });
  }
};
export const store = async (event) => { console.log(event.body.number); };
"""
    )
    records, summary = played(app_of(tmp_path, source), "issue-created:1")
    starts = [r["at"] for r in of(records, "invocation.started", function="store")]
    assert sorted(printed(records)) == ["0", "1", "2", "3", "4"]
    assert all(1_000 <= later - earlier <= 40_000 for earlier, later in pairwise(starts))
    (unanswered,) = [r["unanswered"] for r in records if "unanswered" in r]
    assert unanswered["requests"] == 5
    assert {c["place"] for c in unanswered["calls"]} == {"src/index.js:7"}
    assert advice(summary)["not_awaited"] == ["src/index.js:7"]


def test_a_wait_that_is_no_number_is_the_platforms_own(tmp_path: Path) -> None:
    """As after `parseInt` of a header that is not there; the advice names the line."""
    source = (
        HEAD
        + """
export const created = async () => { await queue.push({ body: { page: 1 } }); };
export const store = async (event) => {
  if (event.retryContext) return;
  return new InvocationError({ retryAfter: parseInt(undefined) });
};
"""
    )
    records, summary = played(app_of(tmp_path, source), "issue-created:1")
    (retry,) = of(records, "retry.scheduled")
    assert 4_000 <= retry["retry_after_ms"] <= 6_000
    assert "src/index.js:8" in advice(summary)["retry_mistake"]


def test_work_that_is_claimed_before_it_is_done_is_never_done(tmp_path: Path) -> None:
    """A timeout leaves the claim behind; the next delivery finds it and skips the work."""
    source = (
        HEAD
        + """
export const created = async (event) => { await queue.push({ body: { id: event.issue.key } }); };
export const store = async (event) => {
  const { id } = event.body;
  try {
    await kvs.set(`claim:${id}`, 1, { keyPolicy: 'FAIL_IF_EXISTS' });
  } catch (error) {
    console.log(`skipped ${error.code}`);
    return;
  }
  await new Promise((resolve) => setTimeout(resolve, 60_000));
  await kvs.set(`done:${id}`, 1);
};
"""
    )
    records, summary = played(app_of(tmp_path, source), "issue-created:20")
    assert printed(records) == ["skipped KEY_CONFLICT"] * 20
    assert not [r for r in of(records, "kvs.done") if r["key"].startswith("done:")]
    assert len(of(records, "event.succeeded")) == 20
    found = advice(summary)
    assert "src/index.js:9" in found["lost_claim"]
    assert not {"kvs_rate", "kvs_rejected", "retry_after_raised"} & set(found)


def test_retry_data_of_a_product_event_is_an_object_or_not_sent(tmp_path: Path) -> None:
    """A text is left out, and the record of the invocation says so."""
    source = (
        HEAD
        + """
export const created = async (event) => {
  console.log(JSON.stringify(event.retryContext?.retryData ?? null));
  const count = event.retryContext?.retryCount ?? 0;
  if (count === 0) return new InvocationError({ retryAfter: 5, retryData: 'page-2' });
  if (count === 1) return new InvocationError({ retryAfter: 5, retryData: { page: 3 } });
};
export const store = async () => {};
"""
    )
    records, summary = played(app_of(tmp_path, source), "issue-created:1")
    assert printed(records) == ["null", "null", '{"page":3}']
    first, second, third = of(records, "invocation.finished")
    assert first["mistakes"]
    assert not second.get("mistakes")
    assert not third.get("mistakes")
    assert advice(summary)["retry_mistake"]


def test_handlers_see_where_an_event_came_from(tmp_path: Path) -> None:
    """`context` of the event has the site and the module's key."""
    source = (
        HEAD
        + """
export const created = async (event) => {
  console.log(typeof event.context.cloudId, event.context.moduleKey);
};
export const store = async () => {};
"""
    )
    records, _ = played(app_of(tmp_path, source), "issue-created:1")
    assert printed(records) == ["string on-created"]


def test_advice_names_the_files_of_the_app_alone(tmp_path: Path) -> None:
    """A script beside the app that nothing imports is no part of it."""
    source = """
import { put } from './store';
export async function created(event) {
  await put('stats', { n: 1 });
  await put(event.issue.key, 1);
}
export const store = async () => {};
"""
    stored = "import { kvs } from '@forge/kvs';\nexport const put = (k, v) => kvs.set(k, v);\n"
    app = app_of(tmp_path, source, src__store_js=stored, seed_js=stored)
    _, summary = played(app, "issue-created:30")
    assert advice(summary)["hot_key"]
    assert not [p for places in advice(summary).values() for p in places if "seed.js" in p]


CHAIN = (
    HEAD
    + """
import api, { route } from '@forge/api';
export const created = async () => { await queue.push({ body: { page: 0 } }); };
export const store = async (event) => {
  const { page } = event.body;
  const answer = await api.asApp().requestJira(route`/rest/api/3/search?startAt=${page}`);
  await kvs.set(`page:${page}`, await answer.json());
  if (page < 599) await queue.push({ body: { page: page + 1 } });
};
"""
)
MOCK = "mocks:\n  - request: GET /rest/api/3/search\n    body: {issues: []}\n"


@pytest.mark.parametrize(("latency", "refused"), [("typical", False), ("none", True)])
def test_a_chain_of_pages_meets_the_limit_only_without_latencies(
    latency: str, refused: bool, tmp_path: Path
) -> None:
    """Each page takes its time on the platform; the summary says what it was here."""
    app = app_of(tmp_path, CHAIN, **{"forge-emu_yml": MOCK})
    records, _ = played(app, "issue-created:1", "--latency", latency)
    assert bool(of(records, "push.refused")) is refused
    if not refused:
        assert len(of(records, "event.succeeded")) == 600
    shown = run_command("simulate", app, "issue-created:1", "--seed", "3", "--latency", latency)
    assert f"latency {latency}" in " ".join(shown.stdout.split())
