"""Permissions and groups."""

from __future__ import annotations

import pytest

from forge_emu.site.jira.defaults import APP_ACCOUNT, REPORTER
from tests.services.site.jira_driver import JiraDriver, with_issues


def test_permissions_are_checked_of_projects_and_issues() -> None:
    """Those that are there; everybody has all."""
    jira = with_issues(1)
    body = {
        "accountId": REPORTER,
        "globalPermissions": ["ADMINISTER"],
        "projectPermissions": [
            {"permissions": ["EDIT_ISSUES"], "issues": [10001, 999], "projects": [10000]}
        ],
    }

    assert jira.send("POST", "permissions/check", body) == (
        200,
        {
            "projectPermissions": [
                {"permission": "EDIT_ISSUES", "issues": [10001], "projects": [10000]}
            ],
            "globalPermissions": ["ADMINISTER"],
        },
    )


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "permissions/check", {"globalPermissions": ["NO"]}),
        ("POST", "permissions/check", {"projectPermissions": [{"permissions": ["NO"]}]}),
        ("POST", "permissions/check", {"accountId": "nobody"}),
        ("POST", "permissions/project", {"permissions": []}),
        ("GET", "mypermissions?permissions=BROWSE_PROJECTS,NO", None),
    ],
)
def test_what_there_is_not_is_refused(method: str, path: str, body: object) -> None:
    """An unknown permission or account."""
    assert JiraDriver().send(method, path, body)[0] == 400


def test_my_permissions() -> None:
    """Those that are asked for."""
    status, found = JiraDriver().send("GET", "mypermissions?permissions=EDIT_ISSUES,ADMINISTER")

    assert status == 200
    assert {k: (v["type"], v["havePermission"]) for k, v in found["permissions"].items()} == {
        "EDIT_ISSUES": ("PROJECT", True),
        "ADMINISTER": ("GLOBAL", True),
    }


def test_permissions_are_listed() -> None:
    """With the projects that one has them in."""
    jira = JiraDriver()

    assert "BROWSE_PROJECTS" in jira.send("GET", "permissions")[1]["permissions"]
    assert jira.send("POST", "permissions/project", {"permissions": ["EDIT_ISSUES"]})[1] == {
        "projects": [{"id": 10000, "key": "EMU"}]
    }


def test_groups() -> None:
    """A new site has two: people are in one, the first of them in both, the app in none."""
    jira = JiraDriver()
    members = jira.send("GET", "group/member?groupname=jira-users")[1]
    admins = jira.send("GET", "group?groupname=jira-administrators&expand=users")[1]
    picked = jira.send("GET", "groups/picker?query=admin")[1]["groups"]

    assert members["total"] == 3
    assert APP_ACCOUNT not in [each["accountId"] for each in members["values"]]
    assert [each["accountId"] for each in admins["users"]["items"]] == [REPORTER]
    assert [each["name"] for each in picked] == ["jira-administrators"]
    groups = jira.send("GET", f"user/groups?accountId={REPORTER}")[1]
    assert [each["name"] for each in groups] == ["jira-users", "jira-administrators"]
    assert jira.send("GET", "group/bulk?groupName=jira-users")[1]["total"] == 1


@pytest.mark.parametrize("path", ["group/member?groupname=no", "group", "user/groups?accountId=no"])
def test_a_group_or_user_that_is_not_there(path: str) -> None:
    """404."""
    assert JiraDriver().send("GET", path)[0] == 404
