"""Accounts."""

from __future__ import annotations

from forge_emu.site.jira.defaults import ASSIGNEE, REPORTER
from tests.services.site.jira_driver import JiraDriver


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
