"""Sprints, and the events that their changes make."""

from __future__ import annotations

import pytest

from forge_emu.model import Json
from forge_emu.site.jira.defaults import APP_ACCOUNT
from tests.services.site.jira.agile.software import (
    API,
    DATES,
    new_sprint,
    send_event,
    with_software,
)


def test_a_sprint_from_plan_to_end() -> None:
    """Each step makes its event, with the documented fields."""
    jira = with_software()
    id = new_sprint(jira, "Sprint A", "closed")
    (created, planned), (started, running), (closed, ended) = jira.events

    names = [name.removeprefix("avi:jira-software:") for name in (created, started, closed)]
    assert names == ["created:sprint", "started:sprint", "closed:sprint"]
    assert sorted(planned) == ["atlassianId", "eventType", "sprint"]
    assert (planned["eventType"], planned["atlassianId"]) == (created, APP_ACCOUNT)
    assert planned["sprint"]["originBoardId"] == "1"
    states = [each["sprint"]["state"] for each in (planned, running, ended)]
    assert states == ["future", "active", "closed"]
    assert "completeDate" not in running["sprint"]
    assert ended["sprint"]["completeDate"].endswith("+0000")
    shown = jira.send("GET", f"{API}/sprint/{id}")[1]
    assert (shown["state"], shown["startDate"]) == ("closed", DATES["startDate"])
    assert shown["completeDate"]


def test_an_update_says_what_was_there_before() -> None:
    """Only of what has changed; one that changes nothing makes no event."""
    jira = with_software()
    send_event(jira, "sprint-created")
    assert jira.send("POST", f"{API}/sprint/1", {"goal": "Less"})[1]["goal"] == "Less"
    [(name, payload)] = jira.events

    assert name == "avi:jira-software:updated:sprint"
    assert payload["oldValue"] == {"goal": "Close what is open."}
    assert payload["sprint"]["name"] == "EMU Sprint 1"
    assert jira.send("POST", f"{API}/sprint/1", {"goal": "Less"})[0] == 200
    assert len(jira.events) == 1


def test_a_full_update_empties_what_it_lacks() -> None:
    """It needs a name and a state."""
    jira = with_software()
    id = new_sprint(jira)
    shown = jira.send("PUT", f"{API}/sprint/{id}", {"name": "B", "state": "future"})[1]

    assert (shown["name"], "startDate" in shown) == ("B", False)
    assert jira.send("PUT", f"{API}/sprint/{id}", {"name": "B"})[0] == 400
    assert jira.send("PUT", f"{API}/sprint/{id}", {"state": "future"})[0] == 400


def test_a_closed_sprint_takes_a_name_and_a_goal_alone() -> None:
    """Dates are passed over."""
    jira = with_software()
    id = new_sprint(jira, "x", "closed")
    body = {"name": "y", "goal": "z", "endDate": "2026-03-01T00:00:00.000Z"}
    shown = jira.send("POST", f"{API}/sprint/{id}", body)[1]

    assert (shown["name"], shown["goal"], shown["endDate"]) == ("y", "z", DATES["endDate"])


@pytest.mark.parametrize(
    ("state", "body"),
    [
        ("future", {"state": "closed"}),
        ("closed", {"state": "active"}),
        ("active", {"state": "future"}),
        ("future", {"state": "paused"}),
        ("future", {"name": " "}),
        ("future", {"startDate": "soon"}),
        ("future", {"startDate": 5}),
        ("future", {"endDate": "2026-01-01T00:00:00.000Z"}),
        ("future", {"endDate": None, "state": "active"}),
    ],
)
def test_wrong_updates_are_refused(state: str, body: Json) -> None:
    """And change nothing."""
    jira = with_software()
    id = new_sprint(jira, "x", state)
    before, events = jira.send("GET", f"{API}/sprint/{id}"), len(jira.events)

    assert jira.send("POST", f"{API}/sprint/{id}", body)[0] == 400
    assert jira.send("GET", f"{API}/sprint/{id}") == before
    assert len(jira.events) == events


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "x"}, "originBoardId"),
        ({"name": "x", "originBoardId": 9}, "originBoardId"),
        ({"originBoardId": 1}, "name"),
        ({"name": "x", "originBoardId": 1, "startDate": "no"}, "startDate"),
    ],
)
def test_wrong_new_sprints_are_refused(body: Json, field: str) -> None:
    """By field."""
    jira = with_software()
    status, answer = jira.send("POST", f"{API}/sprint", body)

    assert (status, list(answer["errors"])) == (400, [field])
    assert (len(jira.site.jira.sprints), jira.events) == (0, [])


def test_the_issues_of_a_deleted_sprint_are_in_the_backlog() -> None:
    """Only the sprint's own event is made."""
    jira = with_software(1)
    id = new_sprint(jira)
    jira.send("POST", f"{API}/sprint/{id}/issue", {"issues": ["EMU-1"]})
    assert jira.send("GET", f"{API}/sprint/{id}/issue")[1]["total"] == 1
    assert jira.send("GET", f"{API}/board/1/backlog")[1]["total"] == 0
    events = len(jira.events)

    assert jira.send("DELETE", f"{API}/sprint/{id}") == (204, None)
    assert jira.send("GET", f"{API}/board/1/backlog")[1]["total"] == 1
    assert [name for name, _ in jira.events[events:]] == ["avi:jira-software:deleted:sprint"]
    assert jira.send("GET", f"{API}/sprint/{id}")[0] == 404
