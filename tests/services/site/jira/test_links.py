"""Links between issues."""

from __future__ import annotations

from tests.services.site.jira_driver import with_issues


def test_a_link_is_made_shown_and_deleted() -> None:
    """Both ends have it; each change is told."""
    jira = with_issues(2)
    body = {
        "type": {"name": "Blocks"},
        "inwardIssue": {"key": "EMU-1"},
        "outwardIssue": {"key": "EMU-2"},
    }

    assert jira.send("POST", "issueLink", body)[0] == 201
    (link,) = jira.send("GET", "issue/EMU-1?fields=issuelinks")[1]["fields"]["issuelinks"]
    assert link["outwardIssue"]["key"] == "EMU-2"
    path = f"issueLink/{link['id']}"
    assert jira.send("GET", path)[1]["inwardIssue"]["key"] == "EMU-1"
    assert jira.send("DELETE", path)[0] == 204
    assert jira.send("GET", path)[0] == 404
    assert [name for name, _ in jira.events] == [
        "avi:jira:created:issuelink",
        "avi:jira:deleted:issuelink",
    ]


def test_a_link_needs_its_type_and_both_ends() -> None:
    """404 for what is not there."""
    jira = with_issues(1)
    body = {
        "type": {"name": "Blocks"},
        "inwardIssue": {"key": "EMU-1"},
        "outwardIssue": {"key": "X-1"},
    }

    assert jira.send("POST", "issueLink", body)[0] == 404
    assert jira.send("POST", "issueLink", {**body, "type": {"name": "no"}})[0] == 404
