"""Scenarios whose steps are no product events, played by the app's own packages."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.e2e import apps
from tests.e2e.emulator_process import run_command
from tests.npm import NEWEST

pytestmark = pytest.mark.node

PLAY = """\
fail_on: ['calls.failed>0']
steps:
  - site: {issues: 3}
  - invoke: resolver.save
    payload: {note: 'n{n}'}
    context: {accountId: me, extension: {issue: {key: EMU-1}}}
    count: 2
    rate: 1/s
  - push: notes
    body: '@body.json'
    count: 3
    delay: 5s
    at: 1m
  - web: hook
    body: {n: '{n}'}
    path: /seen
    at: 2m
  - web: hook
    path: /throw
    at: 3m
"""


def test_calls_pushes_and_web_triggers_of_a_scenario(tmp_path: Path) -> None:
    """Each at its time, alike byte for byte; a condition judges what became of the calls."""
    app = tmp_path / "app"
    shutil.copytree(ROOT / "tests" / "apps" / "called", app)
    apps.link_packages(app, NEWEST)
    (app / "play.yml").write_text(PLAY)
    (app / "body.json").write_text('{"note": "pushed {n}"}')
    outs = [tmp_path / "one.jsonl", tmp_path / "two.jsonl"]
    for out in outs:
        done = run_command("simulate", app, app / "play.yml", "--no-tries", "--records", out)
        assert done.returncode == 1, done.stderr
    records: list[dict[str, Any]] = [json.loads(line) for line in outs[0].read_text().splitlines()]
    calls = [(r["at"], r["module_key"]) for r in records if r["type"] == "call.received"]
    succeeded = [r["at"] for r in records if r["type"] == "event.succeeded"]

    assert outs[0].read_bytes() == outs[1].read_bytes()
    assert calls == [(0, "panel"), (1_000, "panel"), (120_000, "hook"), (180_000, "hook")]
    assert succeeded == [0, 1_000, 65_000, 65_000, 65_000]
    assert records[-1]["calls"] == {"received": 4, "succeeded": 3, "failures": {"error": 1}}
    assert "calls.failed is 1" in done.stderr
