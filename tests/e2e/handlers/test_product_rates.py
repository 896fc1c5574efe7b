"""Backoff of a real app: Jira refuses calls, and the app comes again as it is told."""

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
    - key: on-created
      function: collect
      events: [avi:jira:created:issue]
  consumer:
    - key: label-consumer
      queue: label
      function: label
  function:
    - key: collect
      handler: index.collect
    - key: label
      handler: index.label
"""

LABEL = """\
import api, { route } from '@forge/api';
import { Queue, InvocationError } from '@forge/events';

const queue = new Queue({ key: 'label' });

export const collect = (event) => queue.push({ body: { key: event.issue.key } });

export const label = async ({ body }) => {
  const response = await api.asApp().requestJira(route`/rest/api/3/issue/${body.key}`, {
    method: 'PUT', body: JSON.stringify({ fields: { labels: ['seen'] } }),
  });
  if (response.status === 429) {
    WAIT
  }
};
"""
BACKOFF = """\
const wait = Number(response.headers.get('Retry-After'));
    console.log(`${wait} ${response.headers.get('RateLimit-Reason')}`);
    return new InvocationError({ retryAfter: wait + Math.floor(Math.random() * 40) });"""

MANY_PUSHES = ("--set", "limits.push.events_per_minute=none")


def labeling(root: Path, wait: str) -> Path:
    """An app that labels each issue that is made, in a consumer."""
    code = LABEL.replace("WAIT", wait)
    apps.write_files(root, {"manifest.yml": MANIFEST, "src/index.js": code})
    return apps.link_packages(root, {"@forge/events": "^2", "@forge/api": "^7"})


def simulated(app: Path, name: str, *arguments: str) -> tuple[str, dict[str, Any]]:
    """The records of a simulation as text, and its summary."""
    file = app.parent / name
    done = run_command("simulate", app, *arguments, "--json", "--records", file)
    assert done.returncode == 0, done.stderr
    summary: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return file.read_text(), summary


@pytest.mark.node
def test_issues_are_written_by_an_app_that_waits(tmp_path: Path) -> None:
    """Jira takes fifty a second; two runs are the same byte for byte."""
    app = labeling(tmp_path / "app", BACKOFF)
    first, summary = simulated(app, "1.jsonl", "issue-created:400", *MANY_PUSHES)
    second, _ = simulated(app, "2.jsonl", "issue-created:400", *MANY_PUSHES)
    records = [json.loads(line) for line in first.splitlines()]
    answered = Counter(r["status"] for r in records if r["type"] == "request.answered")
    (advice,) = (a for a in summary["advice"] if a["rule"] == "product_rate")

    assert first == second
    assert summary["events"]["succeeded"] == 400
    assert answered[204] == 400
    assert answered[429] == summary["refusals"]["requests"]["limits.jira.put_per_second"] > 300
    assert {r["message"] for r in records if r["type"] == "log"} >= {"1 jira-burst-based"}
    assert (advice["detail"]["left_undone"], advice["detail"]["reads_retry_after"]) == (0, True)
    assert advice["places"] == ["src/index.js:9"]


@pytest.mark.node
def test_an_app_that_ignores_429_is_told_what_it_lost(tmp_path: Path) -> None:
    """Its events succeed, and the labels are not there."""
    app = labeling(tmp_path / "app", "console.log('too bad');")
    _, summary = simulated(
        app, "1.jsonl", "issue-created:20", "--set", "limits.jira.put_per_second=5"
    )
    (advice,) = (a for a in summary["advice"] if a["rule"] == "product_rate")

    assert summary["events"]["succeeded"] == 20
    assert advice["detail"]["left_undone"] == 15
    assert "Nothing in the app's code reads `Retry-After`" in advice["message"]


@pytest.mark.node
def test_calls_are_refused_at_will(tmp_path: Path) -> None:
    """By a fault, whatever the limits."""
    app = labeling(tmp_path / "app", BACKOFF)
    _, summary = simulated(
        app, "1.jsonl", "issue-created:20", "--fault", "product.rate_limit=20%", "--limits", "off"
    )

    assert summary["faults"]["product.rate_limit"] > 0
    assert summary["events"]["succeeded"] == 20
    assert summary["refusals"]["requests"] == {}
