"""Entity properties."""

from __future__ import annotations

import pytest

from forge_emu.site.jira.defaults import REPORTER
from tests.services.site.jira_driver import with_issues


@pytest.mark.parametrize(
    "path",
    [
        "issue/EMU-1/properties/{key}",
        "project/EMU/properties/{key}",
        f"user/properties/{{key}}?accountId={REPORTER}",
        "/rest/forge/1/app/properties/{key}",
    ],
)
def test_a_property_is_set_read_and_deleted(path: str) -> None:
    """201 at first, 200 then, 404 in the end."""
    jira = with_issues(1)
    one = path.format(key="state")

    assert jira.send("GET", one)[0] == 404
    assert jira.send("PUT", one, {"a": 1})[0] == 201
    assert jira.send("PUT", one, {"a": 2})[0] == 200
    assert jira.send("GET", one)[1] == {"key": "state", "value": {"a": 2}}
    listed = jira.send("GET", path.format(key="").replace("/?", "?").rstrip("/"))[1]
    assert [each["key"] for each in listed["keys"]] == ["state"]
    assert jira.send("DELETE", one)[0] == 204
    assert jira.send("GET", one)[0] == 404


def test_properties_of_issues_are_told_and_shown() -> None:
    """With the issue, where they are asked for."""
    jira = with_issues(1)
    jira.send("PUT", "issue/EMU-1/properties/p", 3)

    assert jira.send("GET", "issue/EMU-1?properties=*all")[1]["properties"] == {"p": 3}
    assert [name for name, _ in jira.events] == ["avi:jira:set:issue-property"]


def test_a_property_without_or_with_too_much_of_a_value_is_refused() -> None:
    """A value has at most 32 KiB."""
    jira = with_issues(1)

    assert jira.send("PUT", "issue/EMU-1/properties/p")[0] == 400
    assert jira.send("PUT", "issue/EMU-1/properties/p", "x" * 32_768)[0] == 400
    assert jira.send("PUT", f"issue/EMU-1/properties/{'k' * 256}", 1)[0] == 400
