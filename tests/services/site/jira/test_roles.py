"""Project roles: two, the same in each project."""

from __future__ import annotations

from forge_emu.site.jira.defaults import REPORTER
from tests.services.site.jira_driver import JiraDriver


def test_a_project_names_its_roles_with_their_addresses() -> None:
    """Which answer with who has them."""
    jira = JiraDriver()
    roles = jira.send("GET", "project/EMU/role")[1]
    admins = jira.send("GET", roles["Administrators"].rpartition("/rest/api/3/")[2])[1]

    assert roles.keys() == {"Administrators", "Members"}
    assert [each["actorUser"]["accountId"] for each in admins["actors"]] == [REPORTER]
    assert admins["name"] == "Administrators"


def test_the_members_are_all_people() -> None:
    """The app has an account, and is none of them."""
    jira = JiraDriver()
    [_, members] = jira.send("GET", "role")[1]

    names = {each["displayName"] for each in members["actors"]}
    assert names == {"Mia Berg", "Jonas Lind", "Ada Sol"}
    assert jira.send("GET", f"role/{members['id']}")[1] == members


def test_details_of_the_roles_of_a_project() -> None:
    """Without who has them; one is that of administrators."""
    found = JiraDriver().send("GET", "project/EMU/roledetails")[1]

    assert [(each["name"], each["admin"]) for each in found] == [
        ("Administrators", True), ("Members", False),
    ]  # fmt: skip
    assert "actors" not in found[0]


def test_what_is_not_there_is_404() -> None:
    """A role, or a project."""
    jira = JiraDriver()

    assert jira.send("GET", "project/EMU/role/1")[0] == 404
    assert jira.send("GET", "project/NOPE/role")[0] == 404
