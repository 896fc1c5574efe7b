"""What expressions find in things of the site."""

from __future__ import annotations

from typing import Any

import pytest

from forge_emu.site.jira import entities as e
from forge_emu.site.jira.defaults import APP_ACCOUNT, REPORTER
from tests.services.site.jira_driver import JiraDriver, with_issues

ISSUE = {"issue": {"key": "EMU-1"}}


def filled() -> JiraDriver:
    """A site whose first issue has something of everything."""
    jira = with_issues(2)
    description = {
        "type": "doc", "version": 1,
        "content": [{"type": "paragraph", "content": [{"type": "text", "text": "It stops"}]}],
    }  # fmt: skip
    fields = {"labels": ["a", "b"], "description": description, "customfield_10001": {"x": 5},
              "duedate": "2026-02-01"}  # fmt: skip
    jira.send("PUT", "issue/EMU-1", {"fields": fields})
    jira.send("PUT", "issue/EMU-2", {"fields": {"parent": {"key": "EMU-1"}}})
    jira.send("POST", "issue/EMU-1/comment", {"body": description})
    jira.send("PUT", "issue/EMU-1/properties/note", {"deep": {"n": 7}})
    jira.site.jira.sprints.put(e.Sprint("5", "1", "Next"))
    jira.send("PUT", "issue/EMU-1", {"fields": {"customfield_10020": 5}})
    return jira


def value_of(jira: JiraDriver, expression: str, context: Any = ISSUE) -> Any:
    """What an expression gives."""
    body = {"expression": expression, "context": context}
    status, answer = jira.send("POST", "expression/evaluate", body)
    assert status == 200, answer
    return answer["value"]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("issue.id", 10_001),
        ("issue.key + ': ' + issue.summary.slice(0, 6)", "EMU-1: Export"),
        ("typeof issue", "Issue"),
        ("[issue.issueType.name, issue.status.name, issue.priority.name]",
         ["Bug", "To Do", "Medium"]),
        ("issue.status.category.key", "new"),
        ("issue.resolution", None),
        ("issue.labels.map(l => l.toUpperCase()).join()", "A,B"),
        ("issue.description.plainText", "It stops"),
        ("issue.comments.map(c => c.body.plainText)", ["It stops"]),
        ("issue.comments.filter(c => c.author.accountId == user.accountId).map(c => 1)", [1]),
        ("issue.reporter.displayName", "Mia Berg"),
        ("issue.reporter == issue.creator", True),
        ("issue.assignee", None),
        ("issue.assignee?.displayName", None),
        ("issue.project.key", "EMU"),
        ("issue.properties['note'].deep.n", 7),
        ("issue.properties.get('note').deep", {"n": 7}),
        ("issue.properties.keys()", ["note"]),
        ("issue.properties['other']", None),
        ("issue.customfield_10001.x", 5),
        ("issue.customfield_10002", None),
        ("issue.sprint.name", "Next"),
        ("issue.closedSprints", []),
        ("issue.dueDate", "2026-02-01"),
        ("user.accountId", APP_ACCOUNT),
        ("{a: issue.key, b: [1 + 1]}", {"a": "EMU-1", "b": [2]}),
        ("99999999999999999999", 1e20),
        ("issue.fixVersions.some(v => v.released)", False),
    ],
)  # fmt: skip
def test_values(expression: str, value: Any) -> None:
    """As the types of expressions are documented."""
    assert value_of(filled(), expression) == value


def test_things_are_shown_as_the_api_shows_them() -> None:
    """An issue, a person, a project, a status, a list of issues."""
    jira = filled()
    issue = jira.send("GET", "issue/EMU-1?fields=*navigable")[1]

    assert value_of(jira, "issue") == issue
    assert value_of(jira, "issue.status") == issue["fields"]["status"]
    assert value_of(jira, "issue.reporter") == issue["fields"]["reporter"]
    assert value_of(jira, "[issue.project]") == [issue["fields"]["project"]]
    child = {"issue": {"id": 10_002}}
    assert value_of(jira, "issue.parent.key", child) == "EMU-1"
    assert value_of(jira, "issue.parent", child) == issue


def test_other_things_of_a_context() -> None:
    """A project, a sprint, a board; the person is who asks."""
    jira = filled()
    context = {"project": {"key": "EMU"}, "sprint": 5, "board": 1}
    expression = "[project.id, project.style, sprint.name, sprint.state, board.id]"

    assert value_of(jira, expression, context) == [10_000, "classic", "Next", "future", 1]
    body = {"expression": "user.displayName"}
    assert jira.send("POST", "expression/eval", body, user=REPORTER)[1] == {"value": "Mia Berg"}
