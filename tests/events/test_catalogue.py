"""The folder of templates is the catalogue, and names are found however they are written."""

from __future__ import annotations

from importlib.resources import files

import pytest

from forge_emu.errors import UserError
from forge_emu.events import Template, all_templates, find_template, known_events, short_name


def test_every_file_of_the_folder_is_in_the_catalogue() -> None:
    """A template's file is named after it, and there is no template without a file."""
    folder = files("forge_emu.events").joinpath("templates")
    names = sorted(entry.name for entry in folder.iterdir())

    assert names == [f"{template.name}.json" for template in all_templates()]


@pytest.mark.parametrize("template", all_templates(), ids=lambda template: template.name)
def test_a_template_agrees_with_its_event(template: Template) -> None:
    """Name, event and the payload's own eventType say the same thing."""
    assert template.event in known_events()
    assert template.name == short_name(template.event)
    assert template.payload["eventType"] == template.event
    assert template.title
    assert template.source.startswith("events-reference/")


def test_the_first_events_are_ready() -> None:
    """All Jira issue events and the two Confluence page events can be sent."""
    issue = {"created", "updated", "deleted", "assigned", "viewed", "mentioned", "commented"}
    wanted = {f"avi:jira:{verb}:issue" for verb in issue}
    wanted |= {"avi:confluence:created:page", "avi:confluence:updated:page"}

    assert wanted <= {template.event for template in all_templates()}


@pytest.mark.parametrize(
    "name",
    [
        "issue-created",
        "issue_created",
        "Issue-Created",
        " issue-created ",
        "issue.created",
        "issue created",
        "jira:issue_created",
        "avi:jira:created:issue",
        "AVI:Jira:Created:Issue",
    ],
)
def test_one_event_has_many_spellings(name: str) -> None:
    """Case, dashes and underscores do not matter, nor does the name's form."""
    assert find_template(name).event == "avi:jira:created:issue"


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("issue-creatd", "issue-created"),
        ("isue_updated", "issue-updated"),
        ("avi:jira:creatd:issue", "avi:jira:created:issue"),
        ("page-create", "page-created"),
    ],
)
def test_a_misspelt_name_lists_the_nearest(name: str, nearest: str) -> None:
    """The error quotes the user's word and offers what was probably meant first."""
    with pytest.raises(UserError) as caught:
        find_template(name)

    assert repr(name) in caught.value.message
    assert caught.value.hint is not None
    assert caught.value.hint.startswith(f"Nearest: {nearest}")


@pytest.mark.parametrize("name", ["", " ", "nonsense", "{n}", "avi:", "-", "created"])
def test_a_name_like_no_other_lists_what_is_ready(name: str) -> None:
    """Where nothing is near, the error still says what can be sent."""
    with pytest.raises(UserError) as caught:
        find_template(name)

    assert caught.value.hint is not None
    assert "issue-created" in caught.value.hint


def test_a_known_event_without_template_asks_for_a_payload() -> None:
    """A known event is not called unknown; the error says how to send it all the same."""
    with pytest.raises(UserError) as caught:
        find_template("worklog-created")

    assert "avi:jira:created:worklog" in caught.value.message
    assert "no template" in caught.value.message
    assert "--data" in (caught.value.hint or "")


def test_a_payload_of_the_users_own_makes_any_known_event_possible() -> None:
    """With data a known event needs no template."""
    template = find_template("avi:jira:created:worklog", has_data=True)

    assert template.event == "avi:jira:created:worklog"
    assert template.payload == {"eventType": "avi:jira:created:worklog"}


def test_a_lifecycle_event_gets_no_event_type() -> None:
    """Payloads of lifecycle events have no eventType."""
    assert find_template("avi:forge:installed:app", has_data=True).payload == {}


def test_an_event_no_list_knows_needs_data() -> None:
    """The platform sends events that are in no list; with a payload they can be sent."""
    name = "avi:cloud:ecosystem::event/0f0f/thing"
    with pytest.raises(UserError):
        find_template(name)

    assert find_template(name, has_data=True).event == name


def test_a_misspelt_event_is_refused_even_with_data() -> None:
    """A payload does not turn a typing error into an event that nobody listens to."""
    with pytest.raises(UserError, match="avi:jira:creatd:issue"):
        find_template("avi:jira:creatd:issue", has_data=True)


def test_a_short_name_of_two_events_asks_which() -> None:
    """Jira and Confluence both create users."""
    with pytest.raises(UserError) as caught:
        find_template("user-created", has_data=True)

    assert "avi:confluence:created:user" in caught.value.message
    assert "avi:jira:created:user" in caught.value.message
