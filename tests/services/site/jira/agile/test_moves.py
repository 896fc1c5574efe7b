"""Moves of issues."""

from __future__ import annotations

import pytest

from forge_emu.model import Json
from tests.services.site.jira.agile.software import API, new_sprint, with_software


def test_a_move_is_an_edit_of_the_field_sprint() -> None:
    """Its event has the changelog; who is there already is not moved."""
    jira = with_software(2)
    id = new_sprint(jira, "Next")
    jira.send("POST", f"{API}/sprint/{id}/issue", {"issues": ["emu-1", "10002"]})
    jira.send("POST", f"{API}/sprint/{id}/issue", {"issues": ["EMU-1"]})
    moved = jira.events[1:]

    assert [(name, x["issue"]["key"]) for name, x in moved] == [
        ("avi:jira:updated:issue", "EMU-1"),
        ("avi:jira:updated:issue", "EMU-2"),
    ]
    [item] = moved[0][1]["changelog"]["items"]
    assert item == {
        "field": "Sprint", "fieldId": "customfield_10020", "from": "", "fromString": "",
        "to": str(id), "toString": "Next",
    }  # fmt: skip


@pytest.mark.parametrize("path", ["backlog/issue", "backlog/1/issue"])
def test_the_backlog_takes_issues_out_of_their_sprint(path: str) -> None:
    """But not out of closed ones."""
    jira = with_software(1)
    old, new = new_sprint(jira, "old", "active"), new_sprint(jira, "new")
    jira.send("POST", f"{API}/sprint/{old}/issue", {"issues": ["EMU-1"]})
    jira.send("POST", f"{API}/sprint/{old}", {"state": "closed"})
    jira.send("POST", f"{API}/sprint/{new}/issue", {"issues": ["EMU-1"]})

    assert jira.send("POST", f"{API}/{path}", {"issues": ["EMU-1"]}) == (204, None)
    assert jira.send("GET", f"{API}/sprint/{new}/issue")[1]["total"] == 0
    assert jira.send("GET", f"{API}/sprint/{old}/issue")[1]["total"] == 1


@pytest.mark.parametrize(
    ("state", "issues"),
    [
        ("closed", ["EMU-1"]),
        ("future", []),
        ("future", ["EMU-1", "EMU-9"]),
        ("future", [f"EMU-{n}" for n in range(1, 52)]),
    ],
)
def test_wrong_moves_are_refused(state: str, issues: list[Json]) -> None:
    """And move nothing."""
    jira = with_software(1)
    id = new_sprint(jira, "x", state)

    assert jira.send("POST", f"{API}/sprint/{id}/issue", {"issues": issues})[0] == 400
    assert jira.send("GET", f"{API}/sprint/{id}/issue")[1]["total"] == 0


def test_an_edit_of_an_issue_moves_it_too() -> None:
    """The field takes the number of a sprint that is not closed, or null."""
    jira = with_software(1)
    id, closed = new_sprint(jira), new_sprint(jira, "c", "closed")

    def edit(value: Json) -> int:
        return jira.send("PUT", "issue/EMU-1", {"fields": {"customfield_10020": value}})[0]

    assert (edit(id), jira.send("GET", f"{API}/sprint/{id}/issue")[1]["total"]) == (204, 1)
    assert [edit(value) for value in (str(id), closed, 9, True)] == [400] * 4
    assert (edit(None), jira.send("GET", f"{API}/sprint/{id}/issue")[1]["total"]) == (204, 0)
