"""An app that reads and writes Confluence runs from events alone, without a mock."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import apps
from tests.e2e.emulator_process import run_command
from tests.npm import NEWEST

pytestmark = pytest.mark.node

MANIFEST = """\
app:
  id: ari:cloud:ecosystem::app/0b1f6a5e-3c49-4f0e-8e0b-5f5b0f6d7a12
  runtime:
    name: nodejs22.x
permissions:
  scopes:
    - read:confluence-content.summary
    - read:confluence-content.all
    - write:confluence-content
    - search:confluence
modules:
  trigger:
    - key: on-created
      function: created
      events: [avi:confluence:created:page]
      filter: {ignoreSelf: true}
    - key: on-comment
      function: commented
      events: [avi:confluence:created:comment]
  function:
    - key: created
      handler: index.created
    - key: commented
      handler: index.commented
"""
SCRIPT = """\
import api, { route } from '@forge/api';

const wiki = api.asApp();
const json = (method, body) => ({
  method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body),
});

export async function created(event) {
  const { id } = event.content;
  const page = await wiki.requestConfluence(route`/wiki/api/v2/pages/${id}?body-format=storage`);
  const { title, spaceId, version } = await page.json();
  const cql = 'title = "Index"';
  const index = await wiki.requestConfluence(route`/rest/api/content/search?cql=${cql}`);
  const [known] = (await index.json()).results;
  if (!known) {
    const made = await wiki.requestConfluence(route`/wiki/api/v2/pages`, json('POST', {
      spaceId, status: 'current', title: 'Index',
      body: { representation: 'storage', value: '<p/>' },
    }));
    console.log('index', made.status);
  }
  const comment = await wiki.requestConfluence(route`/wiki/api/v2/footer-comments`, json('POST', {
    pageId: id, body: { representation: 'storage', value: `<p>${title}</p>` },
  }));
  console.log(title, version.number, page.status, comment.status);
}

export async function commented(event) {
  console.log('heard', event.content.container.id, event.selfGenerated);
}
"""


def records_of(root: Path, file: Path) -> list[dict[str, Any]]:
    """The records of a simulation with two pages."""
    done = run_command("simulate", root, "page-created:2", "--records", file)
    assert done.returncode == 0, done.stdout + done.stderr
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_an_app_writes_pages_and_hears_of_its_comments(tmp_path: Path) -> None:
    """Two handlers look for a page, miss it and make it: the second one's title is taken.

    Its own page is filtered, its own comments are heard; twice the same, byte for byte.
    """
    root = apps.write_files(tmp_path / "app", {"manifest.yml": MANIFEST, "src/index.js": SCRIPT})
    apps.link_packages(root, NEWEST)

    records = records_of(root, tmp_path / "first.jsonl")

    lines = [r["message"] for r in records if r["type"] == "log"]
    assert sorted(lines) == [
        "Meeting notes 1 1 200 201", "Meeting notes 2 1 200 201",
        "heard 10001 true", "heard 10002 true",
        "index 200", "index 400",
    ]  # fmt: skip
    filtered = [r for r in records if r["type"] == "product_event.filtered"]
    assert len(filtered) == 1
    answered = [r for r in records if r["type"] == "request.answered"]
    assert {r["status"] for r in answered} == {200, 201, 400}
    records_of(root, tmp_path / "second.jsonl")
    assert (tmp_path / "first.jsonl").read_bytes() == (tmp_path / "second.jsonl").read_bytes()
