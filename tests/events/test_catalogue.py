"""The folder of templates is the catalogue, and names are found however they are written."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from forge_emu.engine.delivery.handler_arguments import subject_of
from forge_emu.errors import UserError
from forge_emu.events import (
    Template,
    all_templates,
    catalogue,
    find_template,
    known_events,
    unique_name,
)
from forge_emu.events.event_info import PRODUCTS, event_infos
from forge_emu.events.event_names import product_of_event
from forge_emu.events.factory import EventFactory
from forge_emu.events.things import KINDS
from tests.events.documented_fields import DOCUMENTED_FIELDS


def test_every_file_of_the_folder_is_in_the_catalogue() -> None:
    """A template's file is named after it, in the folder of its product and subject."""
    folder = Path(str(files("forge_emu.events").joinpath("templates")))
    found = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}

    assert {path.rpartition("/")[2] for path in found} == {
        f"{template.name}.json" for template in all_templates()
    }
    assert {path.split("/")[0] for path in found} == set(PRODUCTS)
    assert all(path.count("/") == 2 for path in found)
    for template in all_templates():
        product = product_of_event(template.event)
        assert any(
            path.startswith(f"{product}/") and path.endswith(f"/{template.name}.json")
            for path in found
        )


@pytest.mark.parametrize("template", all_templates(), ids=lambda template: template.name)
def test_every_payload_says_in_a_word_what_it_is_about(template: Template) -> None:
    """A name or an id, as lists and the console show it."""
    event = EventFactory(template).build_event(3, 1_700_000_000_000, lambda: "id-of-the-event")
    assert subject_of(event.payload) not in (None, "", "id-of-the-event")


def test_names_payloads_and_the_specification_agree() -> None:
    """Every event that is documented or accepted can be sent, and nothing else is offered."""
    templates = [template.event for template in all_templates()]

    assert sorted(templates) == sorted(DOCUMENTED_FIELDS)
    assert known_events() == set(DOCUMENTED_FIELDS)
    assert [info.event for info in event_infos() if not info.ready] == []
    assert sorted(info.event for info in event_infos()) == sorted(DOCUMENTED_FIELDS)


def test_names_are_unique_and_found_in_any_case() -> None:
    """Each event is found again by its short name and by its full one."""
    names = [template.name for template in all_templates()]
    assert len(names) == len(set(names))
    for template in all_templates():
        for name in (template.name, template.name.upper(), template.event.swapcase()):
            assert find_template(name).event == template.event


@pytest.mark.parametrize("template", all_templates(), ids=lambda template: template.name)
def test_a_template_agrees_with_its_event(template: Template) -> None:
    """Name, event, fields and the payload's own eventType say the same thing."""
    assert template.name == unique_name(template.event)
    assert set(template.payload) == DOCUMENTED_FIELDS[template.event]
    if "eventType" in template.payload:
        assert template.payload["eventType"] == template.event
    assert template.title
    assert not template.title.endswith(".")
    assert template.source.startswith("events-reference/")
    assert set(template.things) <= set(KINDS)


def test_every_part_is_used() -> None:
    """A part that no template has would be out of date unseen."""
    folder = Path(str(files("forge_emu.events")))
    texts = [
        file.read_text("utf-8")
        for place in ("templates", "parts")
        for file in (folder / place).rglob("*.json")
    ]
    for part in (folder / "parts").rglob("*.json"):
        name = part.relative_to(folder / "parts").as_posix()[: -len(".json")]
        assert any(f'"{name}"' in text for text in texts) or name == "jira/status/done", name


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
        ("sprint-start", "sprint-started"),
        ("worklog_craeted", "worklog-created"),
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
def test_a_name_like_no_other_says_where_the_names_are(name: str) -> None:
    """Where nothing is near, the error still says what can be sent."""
    with pytest.raises(UserError) as caught:
        find_template(name)

    assert caught.value.hint is not None
    assert "forge-emu events --all" in caught.value.hint


def test_what_the_app_listens_to_is_named() -> None:
    """Beside the nearest names, or alone."""
    heard = [f"avi:jira:{verb}:issue" for verb in ("created", "updated", "deleted", "assigned")]
    for name, near in (("isue_updated", "Nearest: issue-updated"), ("nonsense", "The app ")):
        with pytest.raises(UserError) as caught:
            find_template(name, preferred=heard)
        assert caught.value.hint is not None
        assert caught.value.hint.startswith(near)
        listens = "The app listens to issue-created, issue-updated, issue-deleted, …. "
        assert listens in caught.value.hint


@pytest.mark.parametrize(
    ("name", "event"),
    [
        ("comment-created", "avi:confluence:created:comment"),
        ("sprint-started", "avi:jira-software:started:sprint"),
        ("page-moved", "avi:confluence:moved:page"),
        ("jira-user-created", "avi:jira:created:user"),
        ("confluence-comment-deleted", "avi:confluence:deleted:comment"),
        ("jira:user_created", "avi:jira:created:user"),
        ("app-installed", "avi:forge:installed:app"),
    ],
)
def test_short_names(name: str, event: str) -> None:
    """Subject and action; the product before them where two have it."""
    assert find_template(name).event == event


@pytest.mark.parametrize(
    ("preferred", "event"),
    [
        ({"avi:jira:created:user"}, "avi:jira:created:user"),
        ({"avi:confluence:created:user", "avi:jira:created:issue"}, "avi:confluence:created:user"),
    ],
)
def test_the_apps_own_event_is_meant(preferred: set[str], event: str) -> None:
    """A name of two events is that of the one that the app listens to."""
    assert find_template("user-created", preferred=preferred).event == event


def test_a_comment_of_jira_is_found_by_the_name_people_look_for() -> None:
    """Jira has commented:issue; an app that listens to that alone means it."""
    commented = "avi:jira:commented:issue"

    assert find_template("comment-created", preferred=[commented]).event == commented
    both = [commented, "avi:confluence:created:comment"]
    assert find_template("comment-created", preferred=both).event == both[1]


@pytest.mark.parametrize("name", ["avi:forge:installed:app", "avi:forge:upgraded:app"])
def test_a_lifecycle_event_gets_no_event_type(name: str) -> None:
    """Payloads of lifecycle events have no eventType."""
    assert "eventType" not in find_template(name).payload


def test_an_event_no_list_knows_needs_data() -> None:
    """The platform sends events that are in no list; with a payload they can be sent."""
    name = "avi:cloud:ecosystem::thing/0f0f"
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
    assert caught.value.hint == "Write confluence-user-created or jira-user-created."


@pytest.mark.parametrize(
    ("name", "has_template"),
    [
        ("avi:cloud:ecosystem::event/0f0f/order-placed", True),
        (" avi:cloud:ecosystem::event/0f0f/order-placed ", True),
        ("avi:cloud:ecosystem::event/0f0f", False),
        ("avi:cloud:ecosystem::event//order-placed", False),
        ("avi:cloud:ecosystem::event/0f0f/a/b", False),
        ("avi:cloud:ecosystem::event/0f0f/order placed", False),
    ],
)
def test_an_event_of_an_app_has_a_payload(name: str, has_template: bool) -> None:
    """Every full name has one; it names app and key."""
    if not has_template:
        with pytest.raises(UserError):
            find_template(name)
        return
    template = find_template(name)
    assert template.event == template.payload["eventType"] == name.strip()
    assert template.payload["name"] == "order-placed"
    assert set(template.payload) == {
        "workspaceId", "eventType", "name", "environmentId", "environmentType", "environmentKey",
    }  # fmt: skip


def test_of_all_files_the_one_that_is_asked_for_is_read() -> None:
    """Reading them all would take a tenth of a start."""
    catalogue._template.cache_clear()
    find_template("issue-created")
    assert catalogue._template.cache_info().currsize == 1
