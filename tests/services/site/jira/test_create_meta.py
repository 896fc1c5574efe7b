"""Which fields can be set."""

from __future__ import annotations

import pytest

from tests.services.site.jira_driver import JiraDriver, with_issues


def test_fields_of_an_issue_type() -> None:
    """What is required is named, and which values there are."""
    jira = JiraDriver()
    types = jira.send("GET", "issue/createmeta/EMU/issuetypes")[1]
    fields = jira.send("GET", "issue/createmeta/10000/issuetypes/10001?maxResults=200")[1]
    by_key = {each["key"]: each for each in fields["fields"]}

    assert [each["name"] for each in types["issueTypes"]][:2] == ["Epic", "Bug"]
    assert [key for key, field in by_key.items() if field["required"]] == [
        "issuetype", "project", "summary",
    ]  # fmt: skip
    assert "Medium" in [each["name"] for each in by_key["priority"]["allowedValues"]]
    assert "created" not in by_key


def test_the_old_form() -> None:
    """By project and issue type, with fields where they are expanded."""
    found = JiraDriver().send(
        "GET",
        "issue/createmeta?projectKeys=EMU&issuetypeNames=Bug&expand=projects.issuetypes.fields",
    )[1]
    (project,) = found["projects"]
    (kind,) = project["issuetypes"]

    assert (project["key"], kind["name"]) == ("EMU", "Bug")
    assert kind["fields"]["summary"]["required"] is True


def test_fields_of_an_issue() -> None:
    """A list takes additions."""
    fields = with_issues(1).send("GET", "issue/EMU-1/editmeta")[1]["fields"]

    assert fields["labels"]["operations"] == ["add", "set", "remove"]
    assert "project" not in fields


@pytest.mark.parametrize(
    "path", ["createmeta/NO/issuetypes", "createmeta/EMU/issuetypes/1", "EMU-9/editmeta"]
)
def test_what_is_not_there(path: str) -> None:
    """404."""
    assert JiraDriver().send("GET", f"issue/{path}")[0] == 404
