"""What is not there answers 404 with Jira's body."""

from __future__ import annotations

import pytest

from forge_emu.site.jira import entities as e
from tests.services.site.jira.agile.software import API, with_software


@pytest.mark.parametrize(
    ("method", "path", "words"),
    [
        ("GET", "board/9", "The requested board cannot be viewed because it either does not"),
        ("GET", "board/9/sprint", "The requested board cannot be viewed"),
        ("GET", "board/x/issue", "The requested board cannot be viewed"),
        ("POST", "backlog/9/issue", "The requested board cannot be viewed"),
        ("GET", "sprint/9", "Sprint with id '9' does not exist"),
        ("GET", "board/1/sprint/9/issue", "Sprint with id '9' does not exist"),
        ("POST", "sprint/9/issue", "Sprint with id '9' does not exist"),
        ("DELETE", "sprint/9", "Sprint with id '9' does not exist"),
        ("GET", "issue/EMU-9", "Issue does not exist"),
    ],
)
def test_absent_things(method: str, path: str, words: str) -> None:
    """A board, a sprint, an issue."""
    status, body = with_software().send(method, f"{API}/{path}", {"issues": ["EMU-1"]})

    assert status == 404
    assert body["errorMessages"][0].startswith(words)
    assert body["errors"] == {}


def test_a_kanban_board_has_no_sprints() -> None:
    """400, as Jira says it; nothing is made."""
    jira = with_software()
    jira.site.jira.boards.put(e.Board("7", "Flow", "kanban", "10000"))
    new = {"name": "x", "originBoardId": 7}
    for answer in (
        jira.send("GET", f"{API}/board/7/sprint"),
        jira.send("POST", f"{API}/sprint", new),
    ):
        assert answer == (
            400,
            {"errorMessages": ["The board does not support sprints"], "errors": {}},
        )
    assert (len(jira.site.jira.sprints), jira.events) == (0, [])
