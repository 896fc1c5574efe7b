"""`--latency`: how long the platform takes, and what that changes for an app."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.simulate.test_simulate import made, of, played, simulate

pytestmark = pytest.mark.node

PAGES = 600
IMPORT = f"""\
import api, {{ route }} from '@forge/api';
import {{ Queue }} from '@forge/events';
import {{ kvs }} from '@forge/kvs';

const queue = new Queue({{ key: 'store-later' }});

export async function created() {{
  await queue.push({{ body: {{ page: 0 }} }});
}}

export async function store({{ body: {{ page }} }}) {{
  const found = await api.asApp().requestJira(route`/rest/api/3/search?startAt=${{page * 50}}`);
  await kvs.set(`page:${{page}}`, (await found.json()).issues);
  if (page < {PAGES - 1}) await queue.push({{ body: {{ page: page + 1 }} }});
}}
"""
MOCKS = """\
mocks:
  - request: GET /rest/api/3/search?startAt={n}
    body: {issues: [{key: A-1}]}
"""


def an_import(tmp_path: Path, settings: str = "") -> Path:
    """An app whose consumer pushes an event for the next page, until there is none."""
    app = made(tmp_path, IMPORT)
    (app / "forge-emu.yml").write_text(MOCKS + settings, "utf-8")
    return app


def test_a_chain_of_pushes_meets_no_limit_that_it_never_meets_on_the_platform(
    tmp_path: Path,
) -> None:
    """600 pages take no time without latencies, and minutes with those of usual days."""
    app = an_import(tmp_path)
    _, at_once = played(app, "issue-created", "--latency", "none")
    _, usual = played(app, "issue-created", "--latency", "typical")

    assert at_once["refusals"]["push"]["limits.push.events_per_minute"] > 0
    assert at_once["latency"] == "none"
    assert usual["refusals"]["push"] == {}
    assert usual["latency"] == "typical"
    assert usual["events"]["succeeded"] == PAGES
    assert usual["ended_at"] > 2 * 60_000


def test_the_summary_says_which_latencies_there_were(tmp_path: Path) -> None:
    """From the file, from the command line before it, and those that were set by themselves."""
    app = an_import(tmp_path, "latency: slow\n")
    cut = ("issue-created", "--until", "1m")

    assert "latency slow" in simulate(app, *cut).stdout
    assert "latency none" in simulate(app, *cut, "--latency", "none").stdout
    own = simulate(app, *cut, "--set", "latency.kvs=5ms", "--json").stdout
    assert json.loads(own)["latency_changes"] == {"latency.kvs": "5ms"}
    assert "latency slow but for 1" in simulate(app, *cut, "--set", "latency.kvs=5ms").stdout


def test_latencies_are_the_same_each_time(tmp_path: Path) -> None:
    """The seed gives them, and another seed gives others."""
    app = an_import(tmp_path)
    run = ("issue-created", "--latency", "typical", "--until", "1m", "--seed")
    first, _ = played(app, *run, "7")

    assert played(app, *run, "7")[0] == first
    starts = [record["at"] for record in of(first, "invocation.started")]
    others = [record["at"] for record in of(played(app, *run, "8")[0], "invocation.started")]
    assert starts != others
