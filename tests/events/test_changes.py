"""Transitions, and a changelog that fits what changed."""

from __future__ import annotations

from typing import Any

import pytest

from forge_emu.errors import UserError
from forge_emu.events import EventFactory, find_template
from forge_emu.events.changes import statuses


def build(name: str, **given: Any) -> dict[str, Any]:
    """The payload of the first event."""
    return EventFactory(find_template(name), **given).build_event(1, 0, lambda: "id").payload


@pytest.mark.parametrize(
    ("given", "before", "after"),
    [
        ({"from_status": "To Do", "to_status": "Done"}, "To Do", "Done"),
        ({"from_status": "done", "to_status": "in progress"}, "Done", "In Progress"),
        ({"to_status": "Done"}, "To Do", "Done"),
        ({"to_status": "To Do"}, "In Progress", "To Do"),
        ({"from_status": "Done"}, "Done", "In Progress"),
        ({"from_status": "In Progress"}, "In Progress", "Done"),
        ({"from_status": "10001", "to_status": "10003"}, "To Do", "Done"),
        ({}, "To Do", "In Progress"),
    ],
)
def test_a_transition_is_told_everywhere(given: Any, before: str, after: str) -> None:
    """In the changelog, in the issue's status and in the statuses beside them."""
    payload = build("issue-updated", **given)

    old, new = statuses()[before], statuses()[after]
    assert payload["issue"]["fields"]["status"] == new
    assert payload["associatedStatuses"] == [old, new]
    assert payload["changelog"]["items"] == [
        {
            "field": "status",
            "fieldId": "status",
            "from": old["id"],
            "fromString": before,
            "to": new["id"],
            "toString": after,
        }
    ]


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("issue-updated", {"to_status": "Shipped"}, "'To Do', 'In Progress', 'Done'"),
        ("issue-updated", {"from_status": "Done", "to_status": "done"}, "Name two statuses"),
        ("page-moved", {"to_status": "Done"}, "issue-updated"),
        ("issue-created", {"from_status": "Done"}, "issue-updated"),
        ("issue-assigned", {"from_status": "Done"}, "issue-updated"),
    ],
)
def test_a_wrong_transition_is_refused(name: str, given: Any, words: str) -> None:
    """It says which statuses there are, or which event has them."""
    with pytest.raises(UserError) as caught:
        build(name, **given)

    assert words in (caught.value.hint or "")


def test_a_changed_summary_is_what_the_changelog_says() -> None:
    """Instead of a transition; the placeholder is filled in both."""
    payload = build("issue-updated", sets=[("issue.fields.summary", "No. {n}")])

    assert payload["changelog"]["items"] == [
        {
            "field": "summary",
            "fieldId": "summary",
            "from": None,
            "fromString": "Export of report 1 stops halfway",
            "to": None,
            "toString": "No. 1",
        }
    ]
    assert "associatedStatuses" not in payload


def test_several_changes_are_several_items() -> None:
    """In the order of the fields, new ones last, from --data as from --set."""
    data = {"issue": {"fields": {"assignee": None, "labels": ["a", "b"]}}}
    payload = build("issue-updated", data=data, sets=[("issue.fields.summary", "x")])

    found = [(i["field"], i["from"], i["to"], i["toString"]) for i in payload["changelog"]["items"]]
    assert found == [
        ("summary", None, None, "x"),
        ("assignee", "712020:5d6e7f80-9a1b-4c2d-8e3f-4a5b6c7d8e9f", None, None),
        ("labels", None, None, "a b"),
    ]


def test_another_assignee_is_told_by_account() -> None:
    """`from` and `to` are accounts, or null where there is nobody."""
    sets = [("issue.fields.assignee.accountId", "me")]
    (item,) = build("issue-assigned", sets=sets)["changelog"]["items"]

    assert (item["field"], item["from"], item["to"]) == ("assignee", None, "me")


def test_a_transition_and_a_change_are_both_told() -> None:
    """A screen of a transition changes fields as well."""
    payload = build("issue-updated", to_status="Done", sets=[("issue.fields.summary", "x")])

    assert [i["field"] for i in payload["changelog"]["items"]] == ["status", "summary"]
    assert [s["name"] for s in payload["associatedStatuses"]] == ["To Do", "Done"]


@pytest.mark.parametrize(
    "given",
    [
        {"sets": [("issue.fields.summary", "x"), ("changelog", "null")]},
        {"data": {"changelog": None, "issue": {"fields": {"summary": "x"}}}},
    ],
)
def test_a_changelog_by_hand_stays(given: Any) -> None:
    """Whatever it says."""
    assert build("issue-updated", **given)["changelog"] is None


def test_what_is_no_change_of_a_field_leaves_the_changelog_alone() -> None:
    """Such as another user."""
    assert (
        build("issue-updated", sets=[("atlassianId", "me")])["changelog"]
        == (build("issue-updated")["changelog"])
    )
