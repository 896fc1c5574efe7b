"""Reads of issues."""

from __future__ import annotations

import pytest

from tests.services.site.jira_driver import with_issues


def test_only_an_issue_with_a_parent_has_that_field() -> None:
    """Apps ask whether it is there."""
    jira = with_issues(2)
    jira.send("PUT", "issue/EMU-2", {"fields": {"parent": {"key": "EMU-1"}}})

    assert "parent" not in jira.send("GET", "issue/EMU-1")[1]["fields"]
    assert jira.send("GET", "issue/EMU-2")[1]["fields"]["parent"]["key"] == "EMU-1"


def test_an_issue_of_an_event_is_there_by_key_and_by_id() -> None:
    """With what the event said, in the shape of the API."""
    jira = with_issues(1)
    status, issue = jira.send("GET", "issue/EMU-1")

    assert (status, issue["id"], issue["key"]) == (200, "10001", "EMU-1")
    fields = issue["fields"]
    assert fields["status"]["statusCategory"]["key"] == "new"
    assert (fields["reporter"]["displayName"], fields["assignee"]) == ("Mia Berg", None)
    assert (fields["labels"], fields["comment"]["total"]) == ([], 0)
    assert jira.send("GET", "issue/10001") == (200, issue)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("fields=summary,status", {"summary", "status"}),
        ("fields=summary&fields=labels", {"summary", "labels"}),
        ("fields=id", None),
    ],
)
def test_fields_are_those_that_are_asked_for(query: str, names: set[str] | None) -> None:
    """None of them leaves `fields` out."""
    issue = with_issues(1).send("GET", f"issue/EMU-1?{query}")[1]

    assert set(issue["fields"]) == names if names else "fields" not in issue


def test_a_field_can_be_left_out() -> None:
    """With a dash before its name."""
    fields = with_issues(1).send("GET", "issue/EMU-1?fields=-comment,-worklog")[1]["fields"]

    assert "comment" not in fields
    assert "summary" in fields


def test_an_absent_issue_is_404_with_jiras_body() -> None:
    """For every operation on it."""
    jira = with_issues(1)
    for method, path in (("GET", "issue/EMU-9"), ("DELETE", "issue/9"), ("GET", "issue/X/comment")):
        assert jira.send(method, path) == (
            404,
            {
                "errorMessages": ["Issue does not exist or you do not have permission to see it."],
                "errors": {},
            },
        )


def test_the_versions_differ_in_documents() -> None:
    """Version 3 has the Atlassian Document Format, version 2 text."""
    jira = with_issues(1)
    jira.send("PUT", "/rest/api/2/issue/EMU-1", {"fields": {"description": "one\ntwo"}})

    two = jira.send("GET", "/rest/api/2/issue/EMU-1")[1]["fields"]["description"]
    three = jira.send("GET", "issue/EMU-1")[1]["fields"]["description"]

    assert two == "one\ntwo"
    assert [block["content"][0]["text"] for block in three["content"]] == ["one", "two"]


def test_many_are_fetched_at_once() -> None:
    """Errors tell of those that are not there."""
    jira = with_issues(2)
    body = {"issueIdsOrKeys": ["EMU-1", "10002", "EMU-9"], "fields": ["summary"]}
    found = jira.send("POST", "issue/bulkfetch", body)[1]

    assert [issue["key"] for issue in found["issues"]] == ["EMU-1", "EMU-2"]
    assert found["issueErrors"][0]["id"] == "EMU-9"
    assert jira.send("POST", "issue/bulkfetch", {"issueIdsOrKeys": ["x"] * 101})[0] == 400


def test_a_changelog_has_every_edit() -> None:
    """Also expanded with the issue, newest first."""
    jira = with_issues(1)
    for summary in ("a", "b"):
        jira.send("PUT", "issue/EMU-1", {"fields": {"summary": summary}})

    page = jira.send("GET", "issue/EMU-1/changelog")[1]
    expanded = jira.send("GET", "issue/EMU-1?expand=changelog,names")[1]

    assert [x["items"][0]["toString"] for x in page["values"]] == ["a", "b"]
    assert expanded["changelog"]["histories"][0]["items"][0]["toString"] == "b"
    assert expanded["names"]["duedate"] == "Due date"


def test_documents_are_rendered() -> None:
    """As HTML beside the fields; what has no other form is null."""
    jira = with_issues(1)
    jira.send("PUT", "/rest/api/2/issue/EMU-1", {"fields": {"description": "a < b\nc"}})
    jira.send("POST", "/rest/api/2/issue/EMU-1/comment", {"body": "hi"})
    path = "issue/EMU-1?fields=description,summary,comment&expand=renderedFields"
    found = jira.send("GET", path)[1]["renderedFields"]

    assert found["description"] == "<p>a &lt; b</p><p>c</p>"
    assert found["summary"] is None
    assert [each["body"] for each in found["comment"]["comments"]] == ["<p>hi</p>"]
