"""Real apps that publish events of their own, and clean up before they are uninstalled."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from forge_emu.settings.refusals import APP_EVENTS_KEY
from tests.conftest import ROOT
from tests.e2e import apps
from tests.e2e.emulator_process import EmulatorProcess, run_command, running_emulator
from tests.npm import NEWEST

OWN = "avi:cloud:ecosystem::event/0c6f9c5e-9d5d-4b8a-9a34-5a8f2f1f7b21"
FOREIGN = "avi:cloud:ecosystem::event/d9022ad7-c220-4836-b1d1-7f9f2c633d3a/stock-low"


def write_app(folder: Path) -> Path:
    """The app, with its packages."""
    shutil.copytree(ROOT / "tests" / "apps" / "app_events", folder)
    return apps.link_packages(folder, NEWEST)


@pytest.fixture(scope="module")
def orders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatorProcess]:
    """The app, running."""
    app = write_app(tmp_path_factory.mktemp("orders") / "app")
    with running_emulator(app) as run:
        yield run


def logged(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the handlers printed."""
    lines = (r["message"] for r in records if r["type"] == "log" and r.get("invocation_id"))
    return [json.loads(line) for line in lines]


def simulated(app: Path, *arguments: str) -> list[dict[str, Any]]:
    """The records of a simulation."""
    file = app.parent / "records.jsonl"
    done = run_command("simulate", app, *arguments, "--seed", "5", "--records", file)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in file.read_text().splitlines()]


@pytest.mark.node
def test_an_app_hears_what_it_publishes(tmp_path: Path) -> None:
    """Each order is counted; what is not declared fails alone; the chain is on record."""
    app = write_app(tmp_path / "app")
    records = simulated(app, "issue-created:3", "--order", "fifo")
    published = [r for r in records if r["type"] == "app_event.published"]
    sent = [r for r in records if r["type"] == "product_event.sent" and r["name"].startswith(OWN)]
    refused = [r for r in records if r["type"] == "request.refused"]
    counted = [line for line in logged(records) if "orders" in line]

    assert [line["failed"] for line in logged(records) if "failed" in line] == [["order-lost"]] * 3
    assert [r["recipients"] for r in published] == [["*"]] * 3
    assert [r["caused_by"] for r in sent] == [r["invocation_id"] for r in published]
    assert {r["limit"] for r in refused} == {APP_EVENTS_KEY.name}
    assert [line["name"] for line in counted] == ["Order placed"] * 3
    assert counted[0]["module"] == "on-order"


@pytest.mark.node
def test_an_app_that_publishes_what_it_listens_to_ends_at_the_limit(tmp_path: Path) -> None:
    """An event of another app begins it; the limit of product events that cause each other."""
    app = write_app(tmp_path / "app")
    limit = "limits.product_events.cyclic_events=4"
    arguments = FOREIGN, "--until", "1h", "--set", limit
    records = simulated(app, *arguments)
    dropped = [r["reason"] for r in records if r["type"] == "product_event.dropped"]

    assert [line["heard"] for line in logged(records)] == ["stock-low", *["order-again"] * 4]
    assert dropped == ["cyclic_limit"]
    assert simulated(app, *arguments) == records


@pytest.mark.node
def test_an_event_of_another_app_is_sent_by_hand(orders: EmulatorProcess) -> None:
    """By its full name; the list of the app's events has it."""
    done = run_command("trigger", FOREIGN, "--app", orders.app, "--wait", "--json")
    listed = json.loads(run_command("events", "--app", orders.app, "--json").stdout)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["product_events"]["sent"] == 1
    assert FOREIGN in [each["event"] for each in listed if each["triggers"]]


@pytest.mark.node
def test_what_runs_before_an_uninstallation(orders: EmulatorProcess) -> None:
    """All modules, or one; one that fails is told, and what it says of a wrong key."""
    done = run_command("trigger", "pre-uninstall", "clean-up", "--app", orders.app)
    both = run_command("trigger", "pre-uninstall", "--app", orders.app, "--json")
    wrong = run_command("trigger", "pre-uninstall", "cleanup", "--app", orders.app)
    answers = {answer["module_key"]: answer for answer in json.loads(both.stdout)}

    assert (done.returncode, both.returncode, wrong.returncode) == (0, 1, 2)
    assert done.stdout.startswith("clean-up: returned in ")
    assert answers["say-goodbye"]["error"]["message"] == "nobody is there"
    assert "reason" not in answers["clean-up"] or answers["clean-up"]["reason"] is None
    assert "say-goodbye failed (error): Error: nobody is there" in both.stderr
    assert "Did you mean clean-up?" in wrong.stderr
    gone = orders.wait_for(lambda r: r["type"] == "log" and '"gone"' in r["message"])
    assert json.loads(gone["message"]) == {"gone": "clean-up", "user": False}
