"""Issues as Jira Software shows them."""

from __future__ import annotations

import pytest

from tests.services.site.jira.agile.software import API, new_sprint, with_software


@pytest.mark.parametrize(
    ("query", "keys", "total"),
    [
        ("", ["EMU-1", "EMU-2", "EMU-3"], 3),
        ("?maxResults=2", ["EMU-1", "EMU-2"], 3),
        ("?maxResults=2&startAt=2", ["EMU-3"], 3),
        ("?jql=key%20%21%3D%20EMU-2", ["EMU-1", "EMU-3"], 2),
        ("?jql=ORDER%20BY%20key%20DESC", ["EMU-3", "EMU-2", "EMU-1"], 3),
    ],
)
def test_pages_of_a_board(query: str, keys: list[str], total: int) -> None:
    """Oldest first, unless `jql` says another order."""
    body = with_software(3).send("GET", f"{API}/board/1/issue{query}")[1]

    assert [each["key"] for each in body["issues"]] == keys
    assert body["total"] == total


def test_a_wrong_query_is_refused() -> None:
    """As a search is."""
    assert with_software(1).send("GET", f"{API}/board/1/issue?jql=nope%20%3D%201")[0] == 400


def test_an_issue_has_its_sprint_and_those_that_are_closed() -> None:
    """Beside the fields of version 2; only what is asked for."""
    jira = with_software(1)
    old, new = new_sprint(jira, "old", "active"), new_sprint(jira, "new")
    jira.send("POST", f"{API}/sprint/{old}/issue", {"issues": ["EMU-1"]})
    jira.send("POST", f"{API}/sprint/{old}", {"state": "closed"})
    jira.send("POST", f"{API}/sprint/{new}/issue", {"issues": ["EMU-1"]})
    issue = jira.send("GET", f"{API}/issue/EMU-1")[1]
    [few] = jira.send("GET", f"{API}/board/1/issue?fields=summary,sprint")[1]["issues"]

    assert issue["self"].endswith("/rest/agile/1.0/issue/10001")
    assert issue["fields"]["sprint"]["name"] == "new"
    assert [each["name"] for each in issue["fields"]["closedSprints"]] == ["old"]
    assert sorted(few["fields"]) == ["sprint", "summary"]
    field = jira.send("GET", "issue/EMU-1?fields=customfield_10020")[1]["fields"]
    shown = [(x["name"], x["state"], x["boardId"]) for x in field["customfield_10020"]]
    assert shown == [("old", "closed", 1), ("new", "future", 1)]


def test_an_issue_without_a_sprint_has_null() -> None:
    """In both APIs."""
    jira = with_software(1)

    assert jira.send("GET", f"{API}/issue/EMU-1")[1]["fields"]["sprint"] is None
    assert jira.send("GET", "issue/EMU-1")[1]["fields"]["customfield_10020"] is None
