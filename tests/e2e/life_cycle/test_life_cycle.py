"""A real app that is installed, and upgraded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from forge_emu.engine.life_cycle import INSTALLED_EVENT, UPGRADED_EVENT
from tests.e2e import apps
from tests.e2e.emulator_process import EmulatorProcess, run_command, running_emulator
from tests.npm import NEWEST

MANIFEST = """\
app:
  id: ari:cloud:ecosystem::app/4b8e0c11-7f0a-4a53-9a49-0d6f2f3a9c55
  name: set up
  runtime:
    name: nodejs22.x
permissions:
  scopes: [read:jira-work, storage:app]
modules:
  trigger:
    - {key: on-installed, function: setUp, events: [avi:forge:installed:app]}
    - {key: on-upgraded, function: migrate, events: [avi:forge:upgraded:app]}
    - {key: on-created, function: created, events: [avi:jira:created:issue]}
  function:
    - {key: setUp, handler: index.setUp}
    - {key: migrate, handler: index.migrate}
    - {key: created, handler: index.created}
"""
SOURCE = """\
const { kvs } = require('@forge/kvs');

exports.setUp = async (event) => {
  console.log(JSON.stringify({ event }));
  await kvs.set('set-up', { by: event.id });
};
exports.migrate = async (event) => console.log(JSON.stringify({ event }));
exports.created = async () => console.log(JSON.stringify({ found: await kvs.get('set-up') }));
"""


@pytest.fixture
def set_up(tmp_path: Path) -> Path:
    """An app that sets itself up when it is installed."""
    root = apps.app_without_packages(tmp_path / "app", SOURCE, MANIFEST)
    return apps.link_packages(root, NEWEST)


def logged(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the handlers printed."""
    lines = (r["message"] for r in records if r["type"] == "log" and r.get("invocation_id"))
    return [json.loads(line) for line in lines]


def wait_for_log(run: EmulatorProcess, text: str) -> dict[str, Any]:
    """The next line of a handler that has `text`."""
    return run.wait_for(
        lambda r: r["type"] == "log" and r.get("invocation_id") is not None and text in r["message"]
    )


def simulated(app: Path, folder: Path, *arguments: str) -> list[dict[str, Any]]:
    """The records of a simulation."""
    file = folder / "records.jsonl"
    done = run_command("simulate", app, *arguments, "--records", file)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in file.read_text().splitlines()]


@pytest.mark.node
def test_a_simulation_begins_with_the_installation(set_up: Path, tmp_path: Path) -> None:
    """What its handler has set up is there for the events of the scenario; twice alike."""
    records = simulated(set_up, tmp_path, "issue-created@1s", "--seed", "3")
    sent = [r["name"] for r in records if r["type"] == "product_event.sent"]
    installed, created = logged(records)

    assert sent == [INSTALLED_EVENT, "avi:jira:created:issue"]
    assert installed["event"]["app"]["name"] == "set up"
    assert "eventType" not in installed["event"]
    assert installed["event"]["context"]["moduleKey"] == "on-installed"
    assert created["found"] == {"by": installed["event"]["id"]}
    assert simulated(set_up, tmp_path, "issue-created@1s", "--seed", "3") == records


@pytest.mark.node
def test_the_installation_alone_can_be_simulated(set_up: Path, tmp_path: Path) -> None:
    """Unless it is turned off: then there is nothing to do."""
    records = simulated(set_up, tmp_path, "--until", "1h")
    done = run_command("simulate", set_up, "--until", "1h", "--set", "lifecycle.installed=false")

    assert [r["name"] for r in records if r["type"] == "product_event.sent"] == [INSTALLED_EVENT]
    assert done.returncode == 2
    assert "nothing to simulate" in done.stderr


@pytest.mark.node
def test_a_kept_state_is_upgraded(set_up: Path) -> None:
    """Installed on the first start; a new scope upgrades it, between runs and while it runs."""
    manifest = set_up / "manifest.yml"
    with running_emulator(set_up) as run:
        [installed] = logged([wait_for_log(run, "installerAccountId")])
    manifest.write_text(MANIFEST.replace("storage:app]", "storage:app, write:jira-work]"))
    with running_emulator(set_up) as run:
        [second] = logged([wait_for_log(run, "upgraderAccountId")])
        told = [r["message"] for r in run.records_of("log") if "major version" in r["message"]]
        sent = [r["name"] for r in run.records_of("product_event.sent")]
        manifest.write_text(MANIFEST)
        wait_for_log(run, '"version":"3.0.0"')
        run_command("trigger", "app-installed", "--app", set_up)
        by_hand = wait_for_log(run, "installerAccountId")

    assert told[0].startswith("major version 2: scopes: + write:jira-work.")
    assert sent == [UPGRADED_EVENT]
    assert second["event"]["id"] == installed["event"]["id"]
    assert second["event"]["app"]["version"] == "2.0.0"
    assert second["event"]["permissions"]["scopes"][-1] == "write:jira-work"
    assert json.loads(by_hand["message"])["event"]["app"]["version"] == "3.0.0"
