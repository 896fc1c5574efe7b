"""One app with every way in, on today's packages: no mock but of the world outside."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from forge_emu.control.admin_client import AdminClient
from forge_emu.control.calls.contract import CallOrder
from forge_emu.control.client import connect_client
from tests.e2e.emulator_process import EmulatorProcess, RecordJson, run_command, running_emulator
from tests.e2e.situations import copied_app, of, played, printed

pytestmark = pytest.mark.node


@pytest.fixture(scope="module")
def simulation(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[RecordJson], dict[str, Any]]:
    """It is installed, hears of issues and a page, and runs its schedule for two hours."""
    app = copied_app("help_desk", tmp_path_factory.mktemp("simulated"), "api8")
    events = ("--event", "issue-created:3@1m", "--event", "page-created@1m")
    return played(app, *events, "--until", "2h")


def test_what_was_set_up_at_the_installation_is_there(
    simulation: tuple[list[RecordJson], dict[str, Any]],
) -> None:
    """Handlers see the store, the context of their event, variables, and a mock of the outside."""
    said = Counter(printed(simulation[0]))
    assert [
        said[f"received EMU-90{n} of EMU by on-life-cycle in on-bug 204 true try"]
        for n in (1, 2, 3)
    ] == [1] * 3
    assert said["told 202"] == 3
    assert said["page 10001 true"] == 1


def test_a_write_is_an_event_that_the_filter_stops(
    simulation: tuple[list[RecordJson], dict[str, Any]],
) -> None:
    """Each edit tells of an update of the app's own."""
    records, _ = simulation
    edits = [r for r in of(records, "request.answered", status=204) if r["method"] == "PUT"]
    assert [r["events"] for r in edits] == [["avi:jira:updated:issue"]] * 3
    assert [r["reason"] for r in of(records, "product_event.filtered")] == ["ignore_self"] * 3


def test_a_schedule_searches_in_pages_and_pushes(
    simulation: tuple[list[RecordJson], dict[str, Any]],
) -> None:
    """Two runs of two pages; each reminder asks for one retry, and then writes a comment."""
    records, summary = simulation
    searches = [r for r in of(records, "request.answered") if "/search/jql" in r["path"]]
    comments = [r for r in of(records, "request.answered", status=201) if "/comment" in r["path"]]
    keys = Counter(r["path"].split("/")[5] for r in comments)
    assert len(searches) == 4
    assert keys == dict.fromkeys(("EMU-900", "EMU-901", "EMU-902", "EMU-903"), 2)
    assert {r["retry_after_ms"] for r in of(records, "retry.scheduled")} == {30_000}
    assert summary["events"]["succeeded"] == 8


def test_a_page_that_does_not_load_stops_nothing(
    simulation: tuple[list[RecordJson], dict[str, Any]],
) -> None:
    """It is named, as is what nothing here starts; advice names no script beside the app."""
    records, summary = simulation
    logs = [r["message"] for r in of(records, "log") if not r.get("invocation_id")]
    assert any("overview.run (function 'overview') does not load" in text for text in logs)
    assert any(text.startswith("ui modules: 3, ") for text in logs)
    assert "tools/fill.js" not in json.dumps(summary)


def test_check_finds_what_is_wrong_and_no_more(tmp_path: Path) -> None:
    """The page, the old form of the consumer, and that there is no package.json."""
    app = copied_app("help_desk", tmp_path, "api8")
    done = run_command("check", app, "--json")
    found = [problem["rule"] for problem in json.loads(done.stdout)["problems"]]
    assert sorted(set(found) - {"node-version"}) == ["bundle", "events-1-form", "package-json"]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatorProcess]:
    """The same app in real time."""
    app = copied_app("help_desk", tmp_path_factory.mktemp("running"), "api8")
    with running_emulator(app, "--ephemeral", "--offline", "--no-watch") as run:
        yield run


def call(run: EmulatorProcess, target: str, payload: Any = None) -> Any:
    """What a function answers, or the definition of a resolver on the page of EMU-900."""
    context: dict[str, Any] = {"extension": {"issue": {"key": "EMU-900"}}}
    with connect_client(run.app) as client:
        order = CallOrder(target, payload, context if "." in target else {})
        (answer,) = AdminClient(client).call_function(order).answers
    assert answer.reason is None, answer.error
    return json.loads(bytes(answer.result))


def test_a_panel_reads_the_issue_and_pushes(running: EmulatorProcess) -> None:
    """As the user, with the issue of its context; the stats of its job are there at once."""
    shown = call(running, "panel-resolver.show")
    pushed = call(running, "panel-resolver.remind", {"key": "EMU-900"})
    assert shown == {"key": "EMU-900", "status": "To Do", "labels": ["received"]}
    assert pushed == {"jobs": 1}
    assert call(running, "panel-resolver.reminded") == []


def test_a_web_trigger_makes_an_issue_that_an_action_counts(running: EmulatorProcess) -> None:
    """From the outside to the site; the event of the write reaches no trigger of the app."""
    before = call(running, "summarize")
    with connect_client(running.app) as client:
        (hook,) = client.web_triggers()
    answer = httpx.post(hook.urls[-1], json={"summary": "No light in the hall"})
    assert answer.status_code == 201
    assert answer.json()["key"].startswith("EMU-")
    assert before == "1 requests are open."
    assert call(running, "summarize") == "2 requests are open."


def test_the_schedule_runs_when_it_is_asked_to(running: EmulatorProcess) -> None:
    """One run more, which pushes what it finds."""
    with connect_client(running.app) as client:
        client.run_schedule("hourly")
    searched = running.wait_for(lambda r: "/search/jql" in r.get("path", ""))
    assert searched["status"] == 200
