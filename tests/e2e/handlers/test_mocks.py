"""Apps that ask products: the user's mocks answer, in either language, and change under way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import apps
from tests.e2e.emulator_process import run_command, running_emulator

pytestmark = pytest.mark.node

SCRIPT = """\
import api, { route } from '@forge/api';

export async function created(event) {
  const jira = api.asApp();
  const issue = await jira.requestJira(route`/rest/api/3/issue/${event.issue.key}?fields=status`);
  console.log(issue.status, issue.ok, (await issue.json()).self);
  const comment = await jira.requestJira(route`/rest/api/3/issue/${event.issue.key}/comment`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}',
  });
  console.log(comment.status, comment.headers.get('retry-after'), await comment.text());
  const page = await jira.requestConfluence(route`/wiki/api/v2/whiteboards/7`);
  console.log(page.status);
}
export function store() {}
"""
MODULE = """\
from forge_emu.sdk import api

async def created(event):
    key, jira = event["issue"]["key"], api.as_app()
    issue = await jira.request_jira(f"/rest/api/3/issue/{key}?fields=status")
    print(issue.status, str(issue.ok).lower(), issue.json()["self"])
    comment = await jira.request_jira(f"/rest/api/3/issue/{key}/comment", method="POST", body={})
    print(comment.status, comment.headers.get("retry-after"), comment.text())
    page = await jira.request_confluence("/wiki/api/v2/whiteboards/7")
    print(page.status)

def store():
    pass
"""
MOCKS = """\
mocks:
  - request: GET /rest/api/3/issue/{key}
    product: jira
    file: mocks/issue.json
  - request: POST /rest/api/3/issue/{key}/comment
    status: 429
    headers: {Retry-After: "5"}
    body: slow down, {key}
"""


def script(root: Path) -> Path:
    """The app in JavaScript, on `@forge/api` 7."""
    apps.write_files(root, {"manifest.yml": apps.MANIFEST, "src/index.js": SCRIPT})
    return mocked(apps.link_packages(root, {"@forge/events": "^2", "@forge/api": "^7"}))


def module(root: Path) -> Path:
    """The same in Python."""
    return mocked(apps.write_files(root, {"manifest.yml": apps.MANIFEST, "src/index.py": MODULE}))


def mocked(root: Path) -> Path:
    """With the mocks."""
    issue = '{"key": "{key}", "self": "/issue/{key}"}'
    return apps.write_files(root, {"forge-emu.yml": MOCKS, "mocks/issue.json": issue})


def simulated(app: Path, *arguments: str) -> list[dict[str, Any]]:
    """The records of a simulation."""
    file = app.parent / f"{app.name}.jsonl"
    done = run_command("simulate", app, "issue-created", "--records", file, *arguments)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in file.read_text().splitlines()]


@pytest.mark.parametrize("make", [script, module], ids=["javascript", "python"])
def test_products_answer_as_the_user_wrote(make: apps.WriteApp, tmp_path: Path) -> None:
    """Names are filled in, statuses and headers arrive, the rest is 501; all is on record."""
    records = simulated(make(tmp_path / "app"))
    said = [r["message"] for r in records if r["type"] == "log" and r["invocation_id"]]
    assert said == ["200 true /issue/EMU-1", "429 5 slow down, EMU-1", "501"]
    mocked = [r for r in records if r["type"] == "request.mocked"]
    assert [(r["method"], r["path"], r["status"], r["mock"]) for r in mocked] == [
        ("GET", "/rest/api/3/issue/EMU-1?fields=status", 200, "forge-emu.yml:2"),
        ("POST", "/rest/api/3/issue/EMU-1/comment", 429, "forge-emu.yml:5"),
    ]
    (missing,) = (r for r in records if r["type"] == "request.unsupported")
    assert "requestConfluence()" in missing["message"]


def test_products_can_be_slow_and_can_fail(tmp_path: Path) -> None:
    """Latencies and faults of their own, the same with every run of a seed."""
    app = module(tmp_path / "app")
    slow = simulated(app, "--set", "latency.product=2s")
    (ended,) = (r for r in slow if r["type"] == "invocation.finished")
    assert ended["duration_ms"] == 6_000
    arguments = ("--count", "20", "--fault", "product.error=50%", "--seed", "3")
    struck = simulated(app, *arguments)
    faults = [r for r in struck if r["type"] == "fault.injected"]
    failed = [r for r in struck if r["type"] == "request.mocked" and r["status"] == 503]
    assert 0 < len(faults) == len(failed) < 40
    assert simulated(app, *arguments) == struck


def test_mocks_change_under_way(tmp_path: Path) -> None:
    """The file itself, and a file it names; a broken one leaves the old mocks in force."""
    app = apps.app_without_packages(
        tmp_path, "exports.created = () => {}; exports.store = () => {};"
    )
    apps.write_files(
        app,
        {
            "src/index.js": "exports.created = async () => { const r = await global"
            ".__forge_fetch__({ type: 'fpp', remote: 'jira' }, '/x', { method: 'GET' }); "
            "console.log(await r.text()); }; exports.store = () => {};",
            "forge-emu.yml": "mocks:\n  - {request: GET /x, file: answer.json}\n",
            "answer.json": "1",
        },
    )

    def answer() -> str:
        assert run_command("trigger", "issue-created", "--app", app).returncode == 0
        return str(run.wait_for(lambda r: r["type"] == "log" and r["invocation_id"])["message"])

    with running_emulator(app) as run:
        assert answer() == "1"
        (app / "answer.json").write_text("2")
        run.wait_for_type("app.reloaded")
        assert answer() == "2"
        (app / "forge-emu.yml").write_text("mocks:\n  - {request: GET /x, body: third}\n")
        run.wait_for(lambda r: "its mocks apply from now on" in r.get("message", ""))
        assert answer() == "third"
        (app / "forge-emu.yml").write_text("mocks:\n  - {request: GET /x, status: 1}\n")
        (problem,) = run.wait_for_type("app.rejected")["problems"]
        assert problem["file"] == "forge-emu.yml"
        assert answer() == "third"
        (app / "forge-emu.yml").write_text("mocks:\n  - {request: GET /x, body: fourth}\n")
        run.wait_for_type("app.reloaded")
        assert answer() == "fourth"


def test_a_path_out_of_the_app_is_refused_before_anything_runs(tmp_path: Path) -> None:
    """Exit code 2, its place and the path."""
    app = module(tmp_path / "app")
    (app / "forge-emu.yml").write_text("mocks:\n  - {request: GET /x, file: ../x.json}\n")
    for words in (("run", app), ("check", app), ("simulate", app, "issue-created")):
        done = run_command(*words)
        assert done.returncode in (1, 2)
        said = done.stdout + done.stderr
        assert "forge-emu.yml:2:" in said
        assert "'../x.json'" in said
        assert "Traceback" not in said
