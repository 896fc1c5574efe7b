"""Writes of issues, and the events that they make."""

from __future__ import annotations

from typing import Any

import pytest

from forge_emu.site.jira.defaults import APP_ACCOUNT, ASSIGNEE, REPORTER
from tests.services.site.jira_driver import JiraDriver, with_issues

NEW: dict[str, Any] = {
    "project": {"key": "EMU"},
    "issuetype": {"name": "Task"},
    "summary": "New",
}


def test_a_new_issue_is_made_and_told_of() -> None:
    """Its number goes on from those of events; the app made it."""
    jira = with_issues(2)
    status, made = jira.send("POST", "issue", {"fields": {**NEW, "labels": ["a", "b"]}})

    assert (status, made["key"]) == (201, "EMU-3")
    ((name, payload),) = jira.events
    assert (name, payload["selfGenerated"], payload["atlassianId"]) == (
        "avi:jira:created:issue",
        True,
        APP_ACCOUNT,
    )
    assert payload["issue"]["fields"]["summary"] == "New"
    fields = jira.send("GET", "issue/EMU-3")[1]["fields"]
    assert (fields["labels"], fields["issuetype"]["name"]) == (["a", "b"], "Task")
    assert fields["creator"]["accountId"] == APP_ACCOUNT


def test_an_issue_that_lacks_something_is_refused_with_every_reason() -> None:
    """And none is made."""
    jira = JiraDriver()
    status, body = jira.send("POST", "issue", {"fields": {"duedate": "x", "nonsense": 1}})

    assert status == 400
    assert set(body["errors"]) == {"project", "issuetype", "summary", "duedate", "nonsense"}
    assert (len(jira.site.jira.issues), jira.events) == (0, [])


def test_many_issues_are_made_at_once() -> None:
    """Those that are right; errors say which are not."""
    jira = JiraDriver()
    status, body = jira.send(
        "POST", "issue/bulk", {"issueUpdates": [{"fields": NEW}, {"fields": {}}, {"fields": NEW}]}
    )

    assert (status, [each["key"] for each in body["issues"]]) == (201, ["EMU-1", "EMU-2"])
    assert body["errors"][0]["failedElementNumber"] == 1


@pytest.mark.parametrize("version", ["2", "3"])
def test_the_address_of_a_new_issue_is_of_the_version_that_made_it(version: str) -> None:
    """As that of everything else in an answer."""
    _, made = JiraDriver().send("POST", f"/rest/api/{version}/issue", {"fields": NEW})
    assert made["self"].endswith(f"/rest/api/{version}/issue/10001")


def test_an_edit_is_told_with_its_changelog() -> None:
    """As the app, or as a user: then it is not the app's own."""
    jira = with_issues(1)
    edit = {"fields": {"summary": "x", "priority": {"name": "High"}}}
    assert jira.send("PUT", "issue/EMU-1", edit, user=REPORTER) == (204, None)

    ((name, payload),) = jira.events
    assert (name, payload["selfGenerated"]) == ("avi:jira:updated:issue", False)
    items = payload["changelog"]["items"]
    assert [(x["fieldId"], x["fromString"], x["toString"]) for x in items] == [
        ("summary", "Export of report 1 stops halfway", "x"),
        ("priority", "Medium", "High"),
    ]


def test_an_edit_may_add_and_remove() -> None:
    """Operations of `update`, in their order."""
    jira = with_issues(1)
    update = {"labels": [{"add": "a"}, {"add": "b"}, {"remove": "a"}]}
    comment = {"add": {"body": {"type": "doc", "version": 1, "content": [
        {"type": "paragraph", "content": [{"type": "text", "text": "hi"}]}]}}}  # fmt: skip

    assert jira.send("PUT", "issue/EMU-1", {"update": {**update, "comment": [comment]}})[0] == 204
    fields = jira.send("GET", "issue/EMU-1")[1]["fields"]
    assert (fields["labels"], fields["comment"]["total"]) == (["b"], 1)
    assert [name for name, _ in jira.events] == [
        "avi:jira:updated:issue",
        "avi:jira:commented:issue",
    ]


@pytest.mark.parametrize(("setting", "events"), [("event", 1), ("silent", 0)])
def test_an_edit_that_changes_nothing(setting: str, events: int) -> None:
    """Is told with a changelog of null, unless a setting says otherwise."""
    jira = with_issues(1, **{"jira.unchanged_edits": setting})
    summary = "Export of report 1 stops halfway"
    jira.send("PUT", "issue/EMU-1", {"fields": {"summary": summary}})

    assert len(jira.events) == events
    assert all(payload["changelog"] is None for _, payload in jira.events)


def test_an_assignment_makes_two_events() -> None:
    """Updated and assigned, with the accounts in the changelog."""
    jira = with_issues(1)
    assert jira.send("PUT", "issue/EMU-1/assignee", {"accountId": ASSIGNEE})[0] == 204

    assert [name for name, _ in jira.events] == [
        "avi:jira:updated:issue",
        "avi:jira:assigned:issue",
    ]
    assert jira.events[1][1]["changelog"]["items"][0]["to"] == ASSIGNEE
    assert jira.send("PUT", "issue/EMU-1/assignee", {"accountId": "x"})[0] == 400


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"summary": ""}, "You must specify a summary of the issue."),
        ({"summary": "a\nb"}, "newline"),
        ({"summary": "x" * 256}, "255"),
        ({"description": "text"}, "Atlassian Document"),
        ({"labels": ["a b"]}, "contains spaces"),
        ({"issuetype": {"id": "9"}}, "valid issue type"),
        ({"status": {"id": "10002"}}, "cannot be set"),
        ({"components": [{"name": "no"}]}, "'no' is not valid"),
    ],
)
def test_a_wrong_value_is_refused_by_its_field(fields: dict[str, Any], text: str) -> None:
    """And nothing has changed."""
    jira = with_issues(1)
    before = jira.site.jira.issues.find("EMU-1")
    status, body = jira.send("PUT", "issue/EMU-1", {"fields": fields})

    assert status == 400
    assert text in body["errors"][next(iter(fields))]
    assert (jira.site.jira.issues.find("EMU-1"), jira.events) == (before, [])


def test_a_deleted_issue_is_gone_and_told_of() -> None:
    """With all that it had."""
    jira = with_issues(1)
    assert jira.send("DELETE", "issue/EMU-1") == (204, None)

    assert jira.send("GET", "issue/EMU-1")[0] == 404
    assert [name for name, _ in jira.events] == ["avi:jira:deleted:issue"]


def test_an_issue_with_subtasks_is_deleted_only_with_them() -> None:
    """Of the subtasks no event is made."""
    jira = with_issues(1)
    subtask = {**NEW, "issuetype": {"id": "10004"}, "parent": {"key": "EMU-1"}}
    jira.send("POST", "issue", {"fields": subtask})

    assert jira.send("DELETE", "issue/EMU-1")[0] == 400
    assert jira.send("DELETE", "issue/EMU-1?deleteSubtasks=true")[0] == 204
    assert len(jira.site.jira.issues) == 0
    assert len(jira.events) == 2


def test_what_is_no_edit_at_all_is_refused() -> None:
    """A body without fields, and one that is no object."""
    jira = with_issues(1)

    assert jira.send("PUT", "issue/EMU-1", {})[0] == 400
    assert jira.send("PUT", "issue/EMU-1", "{")[0] == 400
    assert jira.send("PUT", "issue/EMU-1", [])[0] == 400
