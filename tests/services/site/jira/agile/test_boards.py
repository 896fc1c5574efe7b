"""Boards, and what is on them."""

from __future__ import annotations

import pytest

from tests.services.site.jira.agile.software import API, new_sprint, send_event, with_software
from tests.services.site.jira_driver import JiraDriver


def test_a_new_site_has_a_board_of_its_project() -> None:
    """In the list, by itself, and with a column for each status."""
    jira = with_software()
    listed = jira.send("GET", f"{API}/board")[1]
    board = jira.send("GET", f"{API}/board/1")[1]
    setup = jira.send("GET", f"{API}/board/1/configuration")[1]

    assert listed["values"] == [board]
    assert (listed["total"], listed["isLast"]) == (1, True)
    assert (board["id"], board["name"], board["type"]) == (1, "EMU board", "scrum")
    assert (board["location"]["projectKey"], board["location"]["projectId"]) == ("EMU", 10_000)
    columns = [column["name"] for column in setup["columnConfig"]["columns"]]
    assert columns == ["To Do", "In Progress", "Done"]
    assert jira.send("GET", f"{API}/board/1/project")[1]["values"][0]["key"] == "EMU"


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", [1, 2]),
        ("?type=kanban", []),
        ("?type=scrum,kanban", [1, 2]),
        ("?name=BOARD%201", [2]),
        ("?projectKeyOrId=EMU", [1, 2]),
        ("?projectKeyOrId=10000&maxResults=1&startAt=1", [2]),
    ],
)
def test_boards_are_found(query: str, ids: list[int]) -> None:
    """By type, name and project, in pages; the second one came of an event."""
    jira = with_software()
    send_event(jira, "board-created")

    assert [each["id"] for each in jira.send("GET", f"{API}/board{query}")[1]["values"]] == ids


def test_a_project_that_is_not_there_is_refused() -> None:
    """It is named."""
    status, body = with_software().send("GET", f"{API}/board?projectKeyOrId=NO")

    assert (status, "'NO'" in body["errorMessages"][0]) == (400, True)


def test_sprints_of_a_board_come_by_state() -> None:
    """Closed, active, future; a state that there is not is refused."""
    jira = with_software()
    ids = {state: new_sprint(jira, state, state) for state in ("future", "active", "closed")}

    assert _sprints(jira, "") == [ids["closed"], ids["active"], ids["future"]]
    assert _sprints(jira, "?state=active") == [ids["active"]]
    assert _sprints(jira, "?state=closed,future") == [ids["closed"], ids["future"]]
    assert jira.send("GET", f"{API}/board/1/sprint?state=open")[0] == 400


def test_the_backlog_has_what_is_open_and_in_no_sprint() -> None:
    """What was left over from a closed sprint is there again."""
    jira = with_software(4)
    closed, active = new_sprint(jira, "a", "active"), new_sprint(jira, "b", "active")
    jira.send("POST", f"{API}/sprint/{closed}/issue", {"issues": ["EMU-1"]})
    jira.send("POST", f"{API}/sprint/{closed}", {"state": "closed"})
    jira.send("POST", f"{API}/sprint/{active}/issue", {"issues": ["EMU-2"]})
    jira.send("POST", "issue/EMU-3/transitions", {"transition": {"id": "31"}})

    assert _keys(jira, "board/1/issue") == ["EMU-1", "EMU-2", "EMU-3", "EMU-4"]
    assert _keys(jira, "board/1/backlog") == ["EMU-1", "EMU-4"]
    assert _keys(jira, f"board/1/sprint/{active}/issue") == ["EMU-2"]


def _sprints(jira: JiraDriver, query: str) -> list[int]:
    values = jira.send("GET", f"{API}/board/1/sprint{query}")[1]["values"]
    return [each["id"] for each in values]


def _keys(jira: JiraDriver, path: str) -> list[str]:
    return [each["key"] for each in jira.send("GET", f"{API}/{path}")[1]["issues"]]
