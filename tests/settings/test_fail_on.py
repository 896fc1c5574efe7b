"""`--fail-on` and advice through the command, with an app in Python."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.conftest import AppDir
from tests.e2e.emulator_process import run_command

MANIFEST = """\
app:
  id: ari:cloud:ecosystem::app/0b1f6a5e-3c49-4f0e-8e0b-5f5b0f6d7a11
  runtime:
    name: nodejs22.x
  storage:
    entities:
      - name: note
        attributes:
          topic: {type: string}
        indexes: [topic]
permissions:
  scopes: [read:jira-work, storage:app]
modules:
  trigger:
    - key: on-created
      function: created
      events: [avi:jira:created:issue]
  function:
    - key: created
      handler: index.created
"""
MOCKS = "mocks:\n  - request: GET /rest/api/3/issue/{key}\n    body: {}\n"
SOURCE = """\
from forge_emu.sdk import ForgeKvsAPIError, api, kvs


def created(event):
    try:
        kvs.set("", 1)
    except ForgeKvsAPIError as error:
        print(error.code)
    key = event["issue"]["key"]
    print(api.as_app().request_jira(f"/rest/api/3/issue/{key}").status)
"""
QUERYING = """\
from forge_emu.sdk import kvs


def created(event):
    notes, key = kvs.entity("note"), event["issue"]["key"]
    for n in range(10):
        notes.set(f"{key}-{n}", {"topic": "a" * 800 + f"{key}{n}"})
    notes.query().index("topic").limit(100).get_many()
"""


def simulate(app: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Play some events to their end."""
    return run_command("simulate", app, "issue-created", "--count", "60", *arguments)


@pytest.fixture
def app(app_dir: AppDir) -> Path:
    """An app that asks for what is refused."""
    return app_dir({"manifest.yml": MANIFEST, "forge-emu.yml": MOCKS, "src/index.py": SOURCE})


@pytest.mark.parametrize("figure", ["refused.kvs.key", "faults.product.error"])
def test_rules_and_faults_are_figures(app: Path, figure: str) -> None:
    """What refuses by a rule, and what a fault hits, can fail a run."""
    fault = ("--fault", "product.error=100%")
    failed = simulate(app, *fault, "--fail-on", f"{figure}>59")
    passed = simulate(app, *fault, "--fail-on", f"{figure}>60")

    assert (failed.returncode, passed.returncode) == (1, 0), failed.stderr + passed.stderr
    assert f"{figure}>59" in failed.stdout + failed.stderr


def test_what_can_never_refuse_is_no_figure(app: Path) -> None:
    """A condition that can never hold would guard nothing."""
    done = simulate(app, "--fail-on", "refused.kvs.unit_kb>0")

    assert done.returncode == 2
    assert "there is no figure 'refused.kvs.unit_kb'" in done.stderr


def test_a_limit_of_an_index_speaks_as_a_rate(app_dir: AppDir) -> None:
    """A row in the table of limits, and an advice that knows that a retry can help."""
    app = app_dir({"manifest.yml": MANIFEST, "src/index.py": QUERYING})
    limit = "limits.kvs.index_query_mb_per_second"
    done = simulate(app, "--set", f"{limit}=1", "--fail-on", f"refused.{limit}>10")
    text = " ".join(done.stdout.split())

    assert done.returncode == 1, done.stderr
    # Peak, limit, unit and hits; such a limit has no mean.
    assert re.search(r"KVS index queries [\d.]+ 1 MB/s \d+", text)
    assert f"refused by `{limit}`" in text
    assert "retry with a growing, random wait" in text
    assert "A retry sends the same value" not in text
