"""Real apps that read and write Jira, answered by the site."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import apps
from tests.e2e.emulator_process import run_command

MANIFEST = """\
app:
  id: ari:cloud:ecosystem::app/6f1d2c3b-58a4-4e07-9b61-c2d4a8e07f35
  runtime:
    name: nodejs22.x
permissions:
  scopes: [read:jira-work, write:jira-work, read:jira-user]
modules:
  trigger:
    - key: on-event-trigger
      function: on-event
      events: [{event}]
      {filter}
  function:
    - key: on-event
      handler: index.run
"""

LOOP = """\
import api, { route } from '@forge/api';

export const run = async (event) => {
  const response = await api.asApp().requestJira(route`/rest/api/3/issue/${event.issue.key}`, {
    method: 'PUT', body: JSON.stringify({ fields: { summary: 'x' } }),
  });
  console.log(`updated ${response.status} ${event.selfGenerated}`);
};
"""

LOOP_IN_PYTHON = """\
from forge_emu.sdk import api


async def run(event, context):
    response = await api.as_app().request_jira(
        f"/rest/api/3/issue/{event['issue']['key']}",
        method="PUT",
        body={"fields": {"summary": "x"}},
    )
    print(f"updated {response.status} {str(event['selfGenerated']).lower()}")
"""

READER = """\
import api, { route } from '@forge/api';

export const run = async (event) => {
  const jira = api.asApp();
  const me = await (await jira.requestJira(route`/rest/api/3/myself`)).json();
  const found = await (await jira.requestJira(
    route`/rest/api/3/search/jql?jql=${'project = EMU AND status = "To Do"'}&fields=summary`,
  )).json();
  const comment = await jira.requestJira(route`/rest/api/2/issue/${event.issue.key}/comment`, {
    method: 'POST', body: JSON.stringify({ body: `seen by ${me.accountType}` }),
  });
  const absent = await jira.requestJira(route`/rest/api/3/issue/NO-1`);
  const missing = await jira.requestJira(route`/rest/api/3/dashboard`);
  console.log([found.issues.length, comment.status, absent.status, missing.status].join(' '));
};
"""


ATTACHER = """\
import api, { route } from '@forge/api';

export const run = async (event) => {
  const form = new FormData();
  form.append('file', new Blob(['one\\ntwö'], { type: 'text/plain' }), 'note.txt');
  const jira = api.asApp();
  const added = await jira.requestJira(route`/rest/api/3/issue/${event.issue.key}/attachments`, {
    method: 'POST', headers: { 'X-Atlassian-Token': 'no-check' }, body: form,
  });
  const [file] = await added.json();
  const content = await jira.requestJira(route`/rest/api/3/attachment/content/${file.id}`);
  console.log(`${added.status} ${file.filename} ${JSON.stringify(await content.text())}`);
};
"""


def manifest(event: str, *, ignore_self: bool = False, scopes: str = "") -> str:
    """That of an app with one trigger."""
    rule = "filter: {ignoreSelf: true}" if ignore_self else ""
    text = MANIFEST.replace("{event}", event).replace("      {filter}\n", f"      {rule}\n")
    return text.replace(
        "[read:jira-work, write:jira-work, read:jira-user]",
        scopes or ("[read:jira-work, write:jira-work, read:jira-user]"),
    )


def script(root: Path, code: str, event: str, **options: Any) -> Path:
    """An app in JavaScript, on `@forge/api` 7."""
    apps.write_files(root, {"manifest.yml": manifest(event, **options), "src/index.js": code})
    return apps.link_packages(root, {"@forge/events": "^2", "@forge/api": "^7"})


def looping(root: Path, language: str, **options: Any) -> Path:
    """An app that edits the issue that it hears of."""
    event = "avi:jira:updated:issue"
    if language == "javascript":
        return script(root, LOOP, event, **options)
    return apps.write_files(
        root, {"manifest.yml": manifest(event, **options), "src/index.py": LOOP_IN_PYTHON}
    )


def simulated(app: Path, *arguments: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The records of a simulation, and its summary."""
    file = app.parent / f"{app.name}.jsonl"
    done = run_command("simulate", app, *arguments, "--json", "--records", file)
    assert done.returncode == 0, done.stderr
    summary: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return [json.loads(line) for line in file.read_text().splitlines()], summary


@pytest.mark.node
def test_an_app_reads_and_writes_the_site(tmp_path: Path) -> None:
    """Without a mock: what events told of is found, what is written is there."""
    app = script(tmp_path / "app", READER, "avi:jira:created:issue")
    records, _ = simulated(app, "issue-created:2")
    said = [r["message"] for r in records if r["type"] == "log" and r["invocation_id"]]

    assert said == ["2 201 404 501", "2 201 404 501"]
    answered = [r for r in records if r["type"] == "request.answered"]
    assert Counter(r["status"] for r in answered) == {200: 4, 201: 2, 404: 2}
    written = [r for r in answered if r["status"] == 201]
    assert {(r["place"], *r["events"]) for r in written} == {
        ("src/index.js:9", "avi:jira:commented:issue")
    }


@pytest.mark.parametrize("language", [pytest.param("javascript", marks=pytest.mark.node), "python"])
def test_an_app_that_edits_what_it_hears_of_loops_until_the_limit(
    language: str, tmp_path: Path
) -> None:
    """Every event says who caused it; the last one is not delivered."""
    app = looping(tmp_path / "app", language)
    limit = ("--set", "limits.product_events.cyclic_events=20")
    records, summary = simulated(app, "issue-updated", *limit)
    (advice,) = (a for a in summary["advice"] if a["rule"] == "own_events")
    sent = [r for r in records if r["type"] == "product_event.sent"]
    runs = [r["invocation_id"] for r in records if r["type"] == "invocation.started"]

    assert len(runs) == 21
    assert [r.get("caused_by") for r in sent] == [None, *runs]
    said = [r["message"] for r in records if r["type"] == "log" and r["invocation_id"]]
    assert said == ["updated 204 false"] + ["updated 204 true"] * 20
    (stopped,) = (r for r in records if r["type"] == "product_event.filtered")
    assert (stopped["reason"], stopped["product_event_id"]) == (
        "cyclic_limit",
        sent[-1]["product_event_id"],
    )
    place = {"javascript": "src/index.js:4", "python": "src/index.py:5"}[language]
    answered = [r for r in records if r["type"] == "request.answered"]
    assert {r["place"] for r in answered} == {place}
    assert advice["places"] == [place, "manifest.yml:9"]
    assert simulated(app, "issue-updated", *limit)[0] == records


def test_ignore_self_ends_the_loop_before_it_begins(tmp_path: Path) -> None:
    """The event of the write is filtered."""
    app = looping(tmp_path / "app", "python", ignore_self=True)
    records, _ = simulated(app, "issue-updated")

    assert sum(r["type"] == "invocation.started" for r in records) == 1
    (filtered,) = (r for r in records if r["type"] == "product_event.filtered")
    assert filtered["reason"] == "ignore_self"


def test_a_call_without_its_scope_is_refused(tmp_path: Path) -> None:
    """With 401, and nothing is written."""
    app = looping(tmp_path / "app", "python", scopes="[read:jira-work]")
    records, _ = simulated(app, "issue-updated")
    said = [r["message"] for r in records if r["type"] == "log" and r["invocation_id"]]

    assert said == ["updated 401 false"]
    assert sum(r["type"] == "product_event.sent" for r in records) == 1


@pytest.mark.node
def test_an_app_attaches_a_file_and_reads_it(tmp_path: Path) -> None:
    """As a form, which the packages send; the product tells of it."""
    app = script(tmp_path / "app", ATTACHER, "avi:jira:created:issue")
    records, _ = simulated(app, "issue-created")
    said = [r["message"] for r in records if r["type"] == "log" and r["invocation_id"]]
    written = [r for r in records if r["type"] == "request.answered" and r.get("events")]

    assert said == ['200 note.txt "one\\ntwö"']
    assert [r["events"] for r in written] == [["avi:jira:created:attachment"]]
