"""Catalogues."""

from __future__ import annotations

import pytest

from tests.services.site.jira_driver import JiraDriver, with_issues


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("field", "Summary"),
        ("issuetype", "Bug"),
        ("status", "In Progress"),
        ("statuscategory", "Done"),
        ("priority", "Medium"),
        ("resolution", "Done"),
    ],
)
def test_a_catalogue_lists_its_things(path: str, name: str) -> None:
    """As an array, each by its name."""
    status, found = JiraDriver().send("GET", path)

    assert status == 200
    assert name in [each["name"] for each in found]


def test_one_thing_is_found_by_its_id() -> None:
    """A status also by its name; what is not there is 404."""
    jira = JiraDriver()

    assert jira.send("GET", "issuetype/10001")[1]["name"] == "Bug"
    assert jira.send("GET", "status/Done")[1]["id"] == "10003"
    assert (jira.send("GET", "issuetype/1")[0], jira.send("GET", "status/No")[0]) == (404, 404)


def test_pages_of_catalogues() -> None:
    """Of fields and priorities, with the words that are searched."""
    jira = JiraDriver()

    assert jira.send("GET", "field/search?query=due")[1]["values"][0]["id"] == "duedate"
    assert jira.send("GET", "priority/search?maxResults=2")[1]["isLast"] is False


def test_labels_are_those_of_the_issues() -> None:
    """Each once."""
    jira = with_issues(2)
    for key in ("EMU-1", "EMU-2"):
        jira.send("PUT", f"issue/{key}", {"fields": {"labels": ["b", "a"]}})

    assert jira.send("GET", "label")[1]["values"] == ["a", "b"]


def test_the_server_and_permissions() -> None:
    """Everybody may do everything; the server needs no scope."""
    jira = JiraDriver()

    assert JiraDriver(scopes=()).send("GET", "serverInfo")[1]["deploymentType"] == "Cloud"
    found = jira.send("GET", "mypermissions?permissions=BROWSE_PROJECTS")[1]["permissions"]
    assert list(found) == ["BROWSE_PROJECTS"]
    assert jira.send("GET", "issueLinkType")[1]["issueLinkTypes"][0]["name"] == "Blocks"


def test_the_configuration_and_a_projects_issue_types() -> None:
    """Everything is on; a project has all types."""
    jira = JiraDriver()

    assert jira.send("GET", "configuration")[1]["timeTrackingEnabled"] is True
    assert len(jira.send("GET", "issuetype/project?projectId=10000")[1]) == 5
    assert jira.send("GET", "issuetype/project?projectId=1")[0] == 404
