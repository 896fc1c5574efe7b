"""Transitions."""

from __future__ import annotations

from tests.services.site.jira_driver import with_issues


def test_an_issue_goes_where_its_transitions_lead() -> None:
    """It is resolved when it is done, and not any more when it is not."""
    jira = with_issues(1)
    listed = jira.send("GET", "issue/EMU-1/transitions")[1]["transitions"]
    by_name = {each["name"]: each["id"] for each in listed}

    assert jira.send(
        "POST", "issue/EMU-1/transitions", {"transition": {"id": by_name["Done"]}}
    ) == (204, None)
    fields = jira.send("GET", "issue/EMU-1")[1]["fields"]
    assert (fields["status"]["name"], fields["resolution"]["name"]) == ("Done", "Done")
    assert fields["resolutiondate"] == fields["updated"]
    name, payload = jira.events[0]
    assert (name, payload["jiraEventTypeName"]) == ("avi:jira:updated:issue", "issue_resolved")
    assert [each["name"] for each in payload["associatedStatuses"]] == ["To Do", "Done"]

    jira.send("POST", "issue/EMU-1/transitions", {"transition": {"id": by_name["To Do"]}})
    fields = jira.send("GET", "issue/EMU-1")[1]["fields"]
    assert (fields["resolution"], fields["resolutiondate"]) == (None, None)


def test_a_transition_that_is_none_is_refused() -> None:
    """And so is a body without one."""
    jira = with_issues(1)

    assert jira.send("POST", "issue/EMU-1/transitions", {"transition": {"id": "99"}})[0] == 400
    assert jira.send("POST", "issue/EMU-1/transitions", {})[0] == 400
    assert jira.events == []
