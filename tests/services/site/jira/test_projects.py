"""Projects."""

from __future__ import annotations

from tests.services.site.jira_driver import JiraDriver


def test_projects_are_found_and_have_their_things() -> None:
    """By key, by id and by words."""
    jira = JiraDriver()

    assert jira.send("GET", "project/search?query=emu")[1]["values"][0]["key"] == "EMU"
    assert jira.send("GET", "project/search?keys=X")[1]["total"] == 0
    assert jira.send("GET", "project/10000")[1]["lead"]["displayName"] == "Mia Berg"
    assert [each["id"] for each in jira.send("GET", "project")[1]] == ["10000"]
    statuses = jira.send("GET", "project/EMU/statuses")[1]
    assert {each["name"] for each in statuses[0]["statuses"]} == {"To Do", "In Progress", "Done"}
    assert jira.send("GET", "project/EMU/versions") == (200, [])
    assert jira.send("GET", "project/EMU/components") == (200, [])
    assert jira.send("GET", "project/NO")[0] == 404
