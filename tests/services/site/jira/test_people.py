"""Accounts."""

from __future__ import annotations

from forge_emu.site.jira.defaults import ASSIGNEE, REPORTER
from tests.services.site.jira_driver import JiraDriver, with_issues


def test_myself_is_the_account_of_the_call() -> None:
    """The app's, or the user's."""
    jira = JiraDriver()

    assert jira.send("GET", "myself")[1]["accountType"] == "app"
    assert jira.send("GET", "myself", user=ASSIGNEE)[1]["displayName"] == "Jonas Lind"


def test_a_user_is_found_by_account() -> None:
    """One that is not there is 404."""
    jira = JiraDriver()

    assert jira.send("GET", f"user?accountId={REPORTER}")[1]["displayName"] == "Mia Berg"
    assert jira.send("GET", "user?accountId=x")[0] == 404


def test_users_are_searched_listed_and_fetched() -> None:
    """By the beginnings of their names."""
    jira = JiraDriver()

    assert [x["displayName"] for x in jira.send("GET", "user/search?query=li")[1]] == ["Jonas Lind"]
    assert len(jira.send("GET", "users/search?maxResults=2")[1]) == 2
    bulk = jira.send("GET", f"user/bulk?accountId={REPORTER}&accountId=x")[1]
    assert [each["accountId"] for each in bulk["values"]] == [REPORTER]
    assert jira.send("GET", "user/bulk")[0] == 400


def test_users_are_picked_and_assignable_in_projects() -> None:
    """The picker says how many there are; a project has to exist."""
    jira = JiraDriver()
    picked = jira.send("GET", f"user/picker?query=mia&excludeAccountIds={ASSIGNEE}")[1]

    assert [each["accountId"] for each in picked["users"]] == [REPORTER]
    assert (picked["total"], picked["header"]) == (1, "Showing 1 of 1 matching users")
    path = "user/assignable/multiProjectSearch"
    assert len(jira.send("GET", f"{path}?projectKeys=EMU&query=jo")[1]) == 1
    assert jira.send("GET", f"{path}?projectKeys=EMU,NOPE")[0] == 404
    assert jira.send("GET", path)[0] == 400


def test_an_issue_has_watchers() -> None:
    """They are added and removed."""
    jira = with_issues(1)
    assert jira.send("POST", "issue/EMU-1/watchers", f'"{ASSIGNEE}"')[0] == 204
    assert jira.send("POST", "issue/EMU-1/watchers")[0] == 204

    found = jira.send("GET", "issue/EMU-1/watchers")[1]
    assert (found["watchCount"], found["isWatching"]) == (2, True)
    assert jira.send("DELETE", f"issue/EMU-1/watchers?accountId={ASSIGNEE}")[0] == 204
    assert jira.send("GET", "issue/EMU-1")[1]["fields"]["watches"]["watchCount"] == 1
    assert jira.send("POST", "issue/EMU-1/watchers", '"x"')[0] == 404


def test_votes() -> None:
    """Each account has one; who asks is told of its own."""
    jira = with_issues(1)
    for _ in range(2):
        assert jira.send("POST", "issue/EMU-1/votes", user=REPORTER)[0] == 204
    found = jira.send("GET", "issue/EMU-1/votes", user=REPORTER)[1]

    assert (found["votes"], found["hasVoted"]) == (1, True)
    assert [each["accountId"] for each in found["voters"]] == [REPORTER]
    assert jira.send("GET", "issue/EMU-1/votes")[1]["hasVoted"] is False
    assert jira.send("GET", "issue/EMU-1?fields=votes")[1]["fields"]["votes"]["votes"] == 1
    assert jira.send("DELETE", "issue/EMU-1/votes", user=REPORTER)[0] == 204
    assert jira.send("GET", "issue/EMU-1/votes")[1]["votes"] == 0


def test_addresses() -> None:
    """Of one account and of several."""
    jira = with_issues(1)

    assert jira.send("GET", f"user/email?accountId={REPORTER}")[1] == {
        "accountId": REPORTER,
        "email": "mia@example.com",
    }
    assert len(jira.send("GET", f"user/email/bulk?accountId={REPORTER}")[1]) == 1
    assert jira.send("GET", "user/email?accountId=no")[0] == 404
