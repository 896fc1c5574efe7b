"""GraphQL and authentication providers of `@forge/api`: mocks answer, messages name the rest."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e import apps
from tests.e2e.emulator_process import run_command
from tests.npm import NEWEST

pytestmark = pytest.mark.node

MANIFEST = (
    apps.MANIFEST
    + """\
providers:
  auth:
    - key: calendar
      name: Calendar
      integration: google
      bearerMethod: authorization-header
      clientId: abc
      scopes: [calendar.read]
      remotes: [calendar-apis]
remotes:
  - key: calendar-apis
    baseUrl: https://calendar.example.com
"""
)
SCRIPT = """\
import api from '@forge/api';

export async function created(event) {
  const query = (name) => `query ${name}($id: ID!) { thing(id: $id) { name } }`;
  for (const name of ['known', 'unknown']) {
    const answer = await api.asUser().requestGraph(query(name), { id: event.issue.id });
    console.log(answer.status, JSON.stringify((await answer.json()).data ?? null));
  }
  const calendar = api.asUser().withProvider('calendar');
  console.log(await calendar.hasCredentials(['calendar.read']));
  for (const path of ['/v3/days/7', '/v3/years/7']) {
    const answer = await calendar.fetch(path);
    console.log(answer.status);
  }
}
export function store() {}
"""
MOCKS = """\
mocks:
  - operation: known
    body: {data: {thing: {name: Known}}}
  - request: GET /v3/days/{id}
    body: {}
"""


def test_what_is_mocked_answers_and_the_rest_is_named(tmp_path: Path) -> None:
    """By operation, and by the path at the provider."""
    root = apps.write_files(
        tmp_path / "app",
        {"manifest.yml": MANIFEST, "src/index.js": SCRIPT, "forge-emu.yml": MOCKS},
    )
    apps.link_packages(root, NEWEST)
    file = tmp_path / "records.jsonl"

    done = run_command("simulate", root, "issue-created", "--records", file)

    assert done.returncode == 0, done.stderr
    records = [json.loads(line) for line in file.read_text().splitlines()]
    lines = [r["message"] for r in records if r["type"] == "log"]
    assert lines == ['200 {"thing":{"name":"Known"}}', "501 null", "true", "200", "501"]
    missing = [(r["message"], r["mock"]) for r in records if r["type"] == "request.unsupported"]
    assert [mock for _, mock in missing] == [
        "{operation: 'unknown', body: {data: {}}}",
        "{request: 'GET /v3/years/{id}', body: {}}",
    ]
    assert "withProvider('calendar', 'calendar-apis')" in missing[1][0]
