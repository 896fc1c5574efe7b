"""Worklogs."""

from __future__ import annotations

from tests.services.site.jira_driver import with_issues


def test_time_is_logged_changed_and_deleted() -> None:
    """In seconds, or in Jira's words; each is told."""
    jira = with_issues(1)
    status, made = jira.send("POST", "issue/EMU-1/worklog", {"timeSpent": "1d 2h"})
    path = f"issue/EMU-1/worklog/{made['id']}"

    assert (status, made["timeSpentSeconds"], made["timeSpent"]) == (201, 36_000, "1d 2h")
    assert jira.send("PUT", path, {"timeSpentSeconds": 60})[1]["timeSpent"] == "1m"
    assert jira.send("GET", "issue/EMU-1/worklog")[1]["total"] == 1
    assert jira.send("GET", "issue/EMU-1")[1]["fields"]["timespent"] == 60
    assert jira.send("DELETE", path)[0] == 204
    assert jira.send("GET", path)[0] == 404
    assert [name for name, _ in jira.events] == [
        f"avi:jira:{verb}:worklog" for verb in ("created", "updated", "deleted")
    ]


def test_what_is_no_time_is_refused() -> None:
    """Nothing, other words, and a start that is no date."""
    jira = with_issues(1)
    for body in ({}, {"timeSpent": "long"}, {"timeSpentSeconds": 0},
                 {"timeSpentSeconds": 5, "started": "soon"}):  # fmt: skip
        assert jira.send("POST", "issue/EMU-1/worklog", body)[0] == 400
