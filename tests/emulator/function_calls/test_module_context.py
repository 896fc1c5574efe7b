"""What a function gets by the module that uses it, about the first things of the site."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from forge_emu.emulator.function_calls.module_context import ModuleUse, argument_of, extension_of
from forge_emu.model import Json
from forge_emu.site.jira.defaults import REPORTER
from forge_emu.site.jira.entities import Issue
from forge_emu.site.site import Site

ISSUE = {"id": "10007", "key": "EMU-7", "type": "Bug", "typeId": "10004"}
PROJECT = {"id": "10000", "key": "EMU", "type": "software"}


@pytest.fixture
def site() -> Site:
    """A site with one issue, a bug in its second status."""
    found = Site()
    bug = next(kind for kind in found.jira.issue_types if kind.name == "Bug")
    second = found.jira.statuses.ids()[1]
    issue = Issue("10007", "EMU-7", "10000", bug.id, second, "A bug", None, None, None, 0, 0)
    found.jira.issues.put(issue)
    return found


def bug_type(site: Site) -> str:
    """The id of the issue type of the fixture."""
    return next(kind.id for kind in site.jira.issue_types if kind.name == "Bug")


def test_a_panel_of_an_issue_is_about_the_first_issue(site: Site) -> None:
    """With its project, as the page of the module lists them."""
    assert extension_of("jira:issuePanel", site) == {
        "type": "jira:issuePanel",
        "issue": {**ISSUE, "typeId": bug_type(site)},
        "project": PROJECT,
        "isNewToIssue": False,
    }


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("jira:issueContext", {"type", "issue", "project"}),
        ("jira:projectPage", {"type", "project"}),
        ("jira:dashboardGadget", {"type", "gadgetConfiguration", "dashboard", "gadget"}),
        ("confluence:contentBylineItem", {"type", "content", "space"}),
        ("confluence:spacePage", {"type", "space"}),
        ("macro", {"type", "content", "space", "config", "isEditing"}),
        ("jira:globalPage", {"type"}),
    ],
)
def test_each_kind_has_its_own_parts(site: Site, kind: str, names: set[str]) -> None:
    """A page of Confluence is there from the start: the home page of the space."""
    assert extension_of(kind, site).keys() == names


def test_without_an_issue_there_is_none() -> None:
    """Nothing is invented that no call of the product would find."""
    assert extension_of("jira:issuePanel", Site()).keys() == {"type", "project", "isNewToIssue"}
    assert "issue" not in argument_of(ModuleUse("jira:workflowValidator", "v"), Site(), "c")


def test_a_validator_gets_issue_and_transition(site: Site) -> None:
    """From the status of the issue to the next one."""
    ids = site.jira.statuses.ids()

    assert argument_of(ModuleUse("jira:workflowValidator", "v"), site, "c") == {
        "issue": {"key": "EMU-7"},
        "configuration": {},
        "transition": {"from": {"id": ids[1]}, "to": {"id": ids[2]}, "modifiedFields": {}},
    }


def test_a_post_function_gets_its_event(site: Site) -> None:
    """With ids, who did it, and the event's context."""
    found = argument_of(ModuleUse("jira:workflowPostFunction", "p"), site, "c")

    assert found["issue"] == {"id": "10007", "key": "EMU-7"}
    assert found["atlassianId"] == REPORTER
    assert found["context"] == {"cloudId": "c", "moduleKey": "p"}
    assert isinstance(found["transition"], Mapping)
    assert found["transition"].keys() == {"from", "to", "executionId"}


def test_an_action_gets_what_is_shown_beside_its_inputs(site: Site) -> None:
    """An agent is asked while an issue is shown."""
    [(name, context)] = argument_of(ModuleUse("action", "a"), site, "c").items()

    assert name == "context"
    assert isinstance(context, dict)
    assert (context["cloudId"], context["moduleKey"]) == ("c", "a")
    assert isinstance(context["jira"], dict)
    assert context["jira"]["issueKey"] == "EMU-7"
    assert context["jira"]["url"] == "https://emu.atlassian.net/browse/EMU-7"


def test_an_action_of_an_app_in_confluence_gets_the_first_page(site: Site) -> None:
    """As the page of the module has it."""
    use, page = ModuleUse("action", "a"), next(iter(site.confluence.of_type("page")))
    space = next(iter(site.confluence.spaces))
    context = argument_of(use, site, "c", "confluence")["context"]
    assert isinstance(context, dict)
    assert context["confluence"] == {
        "url": f"https://emu.atlassian.net/wiki/spaces/{space.key}/pages/{page.id}/Emulated+space+Home",
        "resourceType": "page",
        "contentId": page.id,
        "spaceKey": space.key,
        "spaceId": space.id,
    }


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("jira:jqlFunction", {"clause": {"operator": "in", "arguments": []}}),
        ("compass:dataProvider", {}),
    ],
)
def test_other_kinds(site: Site, kind: str, found: dict[str, Json]) -> None:
    """What no page describes is empty."""
    assert argument_of(ModuleUse(kind, "m"), site, "c") == found


def test_a_merge_check_gets_the_repository_of_the_events(site: Site) -> None:
    """And says why it runs."""
    found = argument_of(ModuleUse("bitbucket:mergeCheck", "m"), site, "c")

    assert found.keys() == {"workspace", "repository", "pullrequest", "trigger"}
    assert found["trigger"] == {"type": "on-code-pushed"}
