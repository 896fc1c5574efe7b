"""From a template and the user's wishes to product events."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest

from forge_emu.errors import UserError
from forge_emu.events import EventFactory, Template, all_templates, find_template
from forge_emu.model import ProductEvent
from tests.events.documented_fields import DOCUMENTED_FIELDS

NOON = 1_795_521_600_000  # 2026-11-24T12:00:00.000Z


@pytest.fixture
def new_id() -> Callable[[], str]:
    """Ids in a row."""
    numbers: Iterator[int] = count(1)
    return lambda: f"id-{next(numbers)}"


def build(factory: EventFactory, n: int = 1) -> dict[str, Any]:
    """The payload of one event."""
    return factory.build_event(n, NOON, lambda: "id").payload


def test_events_of_a_run_have_distinct_keys_and_ids(new_id: Callable[[], str]) -> None:
    """The n-th event is EMU-n, with an id and a product event id of its own."""
    factory = EventFactory(find_template("issue-created"))
    events = [factory.build_event(n, NOON, new_id, "batch") for n in (1, 2, 1000)]

    assert [event.payload["issue"]["key"] for event in events] == ["EMU-1", "EMU-2", "EMU-1000"]
    assert [event.payload["issue"]["id"] for event in events] == ["10001", "10002", "11000"]
    assert [event.product_event_id for event in events] == ["id-1", "id-2", "id-3"]
    assert {event.batch for event in events} == {"batch"}


def test_a_later_run_goes_on_counting() -> None:
    """`start` is the number of the first event."""
    factory = EventFactory(find_template("issue-created"), start=501)

    assert build(factory, 1)["issue"]["key"] == "EMU-501"
    assert build(factory, 3)["issue"]["key"] == "EMU-503"


def test_the_same_inputs_give_the_same_event() -> None:
    """Nothing comes from clock or chance."""
    first, second = (
        EventFactory(find_template("issue-updated")).build_event(7, NOON, lambda: "id", None)
        for _ in range(2)
    )

    assert first == second


def test_events_do_not_share_their_payloads() -> None:
    """A handler may change its event without changing the next one."""
    factory = EventFactory(find_template("issue-created"))
    build(factory)["issue"]["fields"].clear()

    assert build(factory)["issue"]["fields"]["summary"]


@pytest.mark.parametrize("template", all_templates(), ids=lambda template: template.name)
def test_no_placeholder_is_left(template: Template) -> None:
    """Every placeholder of a template is filled."""
    event = EventFactory(template).build_event(3, NOON, lambda: "id")

    text = json.dumps(event.payload)
    left = ("{n}", "{id}", "{key}", "{now", "{other", "{event}", "$number", "$part")
    assert not any(name in text for name in left)
    assert not re.search(r"\{[a-z-]+\.[a-z]+\}", text)


def test_dates_have_the_products_own_forms() -> None:
    """Jira's timestamp is text, its dates have an offset; Confluence's end with Z."""
    issue = build(EventFactory(find_template("issue-created")))
    page = build(EventFactory(find_template("page-created")))

    assert issue["timestamp"] == "1795521600000"
    assert issue["issue"]["fields"]["created"] == "2026-11-24T12:00:00.000+0000"
    assert page["eventCreatedDate"] == "2026-11-24T12:00:00.000Z"


def contents(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in a payload that stands for a page, comment, attachment or the like."""
    if isinstance(value, dict):
        if {"title", "space", "status"} <= set(value):
            yield value
        for inner in value.values():
            yield from contents(inner)


@pytest.mark.parametrize("event", [e for e in DOCUMENTED_FIELDS if e.startswith("avi:jira:")])
def test_issues_have_every_documented_field(event: str) -> None:
    """Wherever an event of Jira has an issue, it has all of its own fields."""
    issue = build(EventFactory(find_template(event))).get("issue")
    if issue is None or event.endswith("issue-property"):
        return
    assert set(issue) == {"id", "key", "fields"}
    assert set(issue["fields"]) == {
        "summary",
        "issuetype",
        "creator",
        "created",
        "project",
        "reporter",
        "assignee",
        "updated",
        "status",
    }
    assert set(issue["fields"]["issuetype"]) == {
        "self",
        "id",
        "description",
        "iconUrl",
        "name",
        "subtask",
        "avatarId",
    }


@pytest.mark.parametrize("event", [e for e in DOCUMENTED_FIELDS if e.startswith("avi:confluence:")])
def test_contents_have_every_documented_field(event: str) -> None:
    """Pages, comments, attachments and the rest have space, history and version."""
    for content in contents(build(EventFactory(find_template(event)))):
        assert {"id", "type", "status", "title", "space", "history", "version"} <= set(content)
        space = content["space"]
        assert set(space) == {"id", "key", "alias", "name", "type", "icon", "status"}
        assert isinstance(space["id"], int)
        assert set(content["history"]) == {"latest", "createdBy", "ownedBy", "createdDate"}
        assert set(content["version"]) == {"by", "when", "number"}
        assert set(content["version"]["by"]) == {
            "type",
            "username",
            "accountId",
            "accountType",
            "email",
            "publicName",
            "profilePicture",
            "displayName",
            "isExternalCollaborator",
        }
        if content["type"] in ("comment", "attachment"):
            assert {"container", "extensions"} <= set(content)


@pytest.mark.parametrize(
    ("event", "field", "names"),
    [
        ("worklog-created", "worklog", "author updateAuthor comment created updated started "
         "timeSpent timeSpentSeconds id issueId self"),
        ("version-released", "version", "self id description name archived released startDate "
         "releaseDate overdue userStartDate userReleaseDate projectId"),
        ("sprint-closed", "sprint", "id originBoardId name goal state createDate startDate endDate "
         "completeDate"),
        ("board-created", "board", "id name type"),
        ("board-configuration-changed", "configuration", "id name type location filter subQuery "
         "columnConfig estimation ranking"),
        ("task-created", "task", "id uuid status statusAsString assignee dueDate"),
        ("label-added", "label", "id name prefix"),
        ("pullrequest-fulfilled", "pullrequest", "id state source destination title author "
         "updatedOn createdOn commentCount taskCount mergeCommit"),
        ("build-status-created", "buildStatus", "key commit state url createdOn updatedOn refName"),
        ("repository-push", "push", "ref mainbranch before after created closed forced truncated "
         "commits"),
        ("deployment-completed", "deployment", "uuid state status updatedTimestamp"),
        ("app-installed", "app", "id version name ownerAccountId"),
        ("app-access-to-objects-v2-blocked", "data", "workspace objects"),
    ],
)  # fmt: skip
def test_things_have_every_documented_field(event: str, field: str, names: str) -> None:
    """What the events reference says of their types."""
    assert set(build(EventFactory(find_template(event)))[field]) == set(names.split())


def test_a_set_value_is_filled_for_each_event() -> None:
    """`{n}` and `{key}` in a value become the event's own."""
    factory = EventFactory(
        find_template("issue-created"), sets=[("issue.fields.summary", "No. {n} is {key}")]
    )

    assert build(factory, 12)["issue"]["fields"]["summary"] == "No. 12 is EMU-12"


def test_the_last_set_of_a_path_wins() -> None:
    """Sets are applied in the order given."""
    sets = [("issue.fields.summary", "a"), ("issue.fields.summary", "b")]

    assert (
        build(EventFactory(find_template("issue-created"), sets=sets))["issue"]["fields"]["summary"]
        == "b"
    )


def test_data_is_merged_over_the_template_and_sets_over_both() -> None:
    """Objects are merged, lists replaced, and the template's other fields stay."""
    template = find_template("issue-updated")
    data = {"issue": {"fields": {"summary": "mine", "labels": ["a"]}}, "associatedUsers": []}
    payload = build(
        EventFactory(template, data=data, sets=[("issue.fields.labels[1]", "b")]),
    )

    assert payload["issue"]["fields"]["summary"] == "mine"
    assert payload["issue"]["fields"]["labels"] == ["a", "b"]
    assert payload["issue"]["fields"]["status"]["name"] == "In Progress"
    assert payload["associatedUsers"] == []
    assert data["issue"]["fields"]["labels"] == ["a"]  # type: ignore[index]


def test_a_number_is_made_of_a_placeholder() -> None:
    """`{"$number": "{n}"}` stands for a number."""
    data = {"counter": {"$number": "{n}"}, "text": "{n}"}
    payload = build(EventFactory(find_template("issue-created"), data=data), 9)

    assert payload["counter"] == 9
    assert payload["text"] == "9"


def test_text_that_only_resembles_a_placeholder_stays() -> None:
    """Braces, quotes and backslashes of the user's own are left alone."""
    tricky = 'a {m} {{x}} {"$number":"{q}"} \\{ \u2028 {'
    payload = build(EventFactory(find_template("issue-created"), data={"text": tricky}))

    assert payload["text"] == tricky


@pytest.mark.parametrize(
    ("summary", "extra"), [("", 0), ("a", 1), ("é", 2), ("日", 3), ("😀", 4), ('"', 2), ("\n", 2)]
)
def test_size_is_that_of_the_json_text_in_utf8(summary: str, extra: int) -> None:
    """The size is what the platform measures: bytes, not characters."""

    def size(text: str) -> ProductEvent:
        data = {"issue": {"fields": {"summary": text}}}
        return EventFactory(find_template("issue-created"), data=data).build_event(
            1, NOON, lambda: "id"
        )

    event = size(summary)
    compact = json.dumps(event.payload, ensure_ascii=False, separators=(",", ":"))
    assert event.size_bytes == len(compact.encode())
    assert event.size_bytes - size("").size_bytes == extra


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ([], "a list of 0"),
        ([{}, {}], "a list of 2"),
        ("x", "a text"),
        (3, "a number"),
        (1.5, "a number"),
        (True, "true"),
        (False, "false"),
    ],
)
def test_data_other_than_an_object_is_refused(data: Any, said: str) -> None:
    """A payload is an object; the error says what was given instead."""
    with pytest.raises(UserError, match=said):
        EventFactory(find_template("issue-created"), data=data)


def test_text_that_utf8_cannot_carry_is_refused() -> None:
    """Half a character is the user's mistake, not a crash."""
    with pytest.raises(UserError, match="JSON"):
        EventFactory(find_template("issue-created"), data={"text": "\udcff"})


def test_a_payload_nested_without_end_is_refused() -> None:
    """Depth that no JSON writer can follow is an error that says so."""
    deep: dict[str, Any] = {}
    for _ in range(100_000):
        deep = {"a": deep}
    with pytest.raises(UserError):
        EventFactory(find_template("issue-created"), data=deep)
