"""Versions and components of a project."""

from __future__ import annotations

import pytest

from forge_emu.site.jira.defaults import REPORTER
from tests.services.site.jira_driver import JiraDriver


def test_a_version_lives() -> None:
    """Each change is told in the product's own word."""
    jira = JiraDriver()
    status, made = jira.send("POST", "version", {"name": "1.0", "projectId": 10000})
    path = f"version/{made['id']}"

    assert (status, made["released"], made["projectId"]) == (201, False, 10000)
    assert jira.send("PUT", path, {"released": True})[1]["released"] is True
    assert jira.send("PUT", path, {"description": "first"})[1]["description"] == "first"
    assert jira.send("PUT", path, {"released": False, "archived": True})[0] == 200
    assert jira.send("GET", path)[1]["name"] == "1.0"
    assert jira.send("GET", "project/EMU/version")[1]["total"] == 1
    assert jira.send("DELETE", path)[0] == 204
    assert jira.send("GET", path)[0] == 404
    assert [name.split(":")[2] for name, _ in jira.events] == [
        "created", "released", "updated", "unreleased", "archived", "deleted",
    ]  # fmt: skip
    assert jira.events[0][1]["version"]["name"] == "1.0"


def test_a_component_lives() -> None:
    """It has a lead and its project."""
    jira = JiraDriver()
    given = {"name": "Core", "project": "EMU", "leadAccountId": REPORTER}
    made = jira.send("POST", "component", given)[1]
    jira.send("PUT", f"component/{made['id']}", {"name": "Heart"})
    (found,) = jira.send("GET", "project/EMU/component?query=hea")[1]["values"]

    assert (found["name"], found["project"], found["lead"]["accountId"]) == (
        "Heart", "EMU", REPORTER,
    )  # fmt: skip
    assert [name for name, _ in jira.events] == [
        "avi:jira:created:component",
        "avi:jira:updated:component",
    ]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "1.0"}, 400),
        ({"name": "", "project": "EMU"}, 400),
        ({"name": "1.0", "project": "EMU"}, 400),
        ({"name": "2.0", "project": "NO"}, 404),
    ],
)
def test_a_part_needs_a_project_and_a_name_of_its_own(body: dict[str, object], status: int) -> None:
    """With a text for each field."""
    jira = JiraDriver()
    jira.send("POST", "version", {"name": "1.0", "project": "EMU"})

    assert jira.send("POST", "version", body)[0] == status
    assert len(jira.events) == 1
