"""Which things events are about: new ones, those that the run has made, and the one asked for."""

from __future__ import annotations

import pytest

from forge_emu.errors import UserError
from forge_emu.events import ThingNumbers, all_templates, find_template, number_of
from forge_emu.events.factory import EventFactory
from forge_emu.events.things import KINDS


def rows(
    numbers: ThingNumbers, name: str, count: int, number: int | None = None
) -> list[tuple[int, ...]]:
    """The numbers of an event's things, in the order of its template, for each of `count`."""
    things = find_template(name).things
    plan = numbers.plan(things, count, number)
    return [tuple(plan.numbers(i)[kind] for kind in things) for i in range(count)]


def test_new_things_count_on_kind_by_kind() -> None:
    """A page takes no number from an issue."""
    numbers = ThingNumbers()

    assert rows(numbers, "issue-created", 2) == [(1,), (2,)]
    assert rows(numbers, "page-created", 1) == [(1,)]
    assert rows(numbers, "issue-created", 1) == [(3,)]
    assert numbers.next_issue == 4


def test_without_an_existing_one_an_event_makes_its_own() -> None:
    """The first update of a run is about an issue that exists from then on."""
    numbers = ThingNumbers()

    assert rows(numbers, "issue-updated", 2) == [(1,), (2,)]
    assert rows(numbers, "issue-updated", 3) == [(1,), (2,), (1,)]


def test_comments_belong_to_the_issue_they_were_written_on() -> None:
    """An event about a comment is about its issue as well, whatever came in between."""
    numbers = ThingNumbers()
    rows(numbers, "issue-created", 2)
    written = rows(numbers, "issue-commented", 3)
    rows(numbers, "issue-created", 5)

    assert written == [(1, 1), (2, 2), (1, 3)]
    assert rows(numbers, "comment-mentioned", 4) == [(1, 1), (2, 2), (1, 3), (1, 1)]
    assert rows(numbers, "jira-comment-deleted", 1) == [(1, 1)]
    assert rows(numbers, "comment-mentioned", 2) == [(2, 2), (1, 3)]


def test_what_is_gone_is_not_met_again() -> None:
    """Neither an issue nor one of more deletions than there were things."""
    numbers = ThingNumbers()
    rows(numbers, "issue-created", 2)

    assert rows(numbers, "issue-deleted", 3) == [(1,), (2,), (3,)]
    assert rows(numbers, "issue-viewed", 1) == [(4,)]


def test_the_one_asked_for_is_meant() -> None:
    """All events of the row are about it; what belongs to it is found or made."""
    numbers = ThingNumbers()
    rows(numbers, "issue-created", 3)
    rows(numbers, "issue-commented", 3)

    assert rows(numbers, "issue-updated", 2, 2) == [(2,), (2,)]
    assert rows(numbers, "comment-mentioned", 1, 3) == [(3, 3)]
    assert rows(numbers, "comment-mentioned", 1, 9) == [(9, 4)]
    assert rows(numbers, "issue-created", 2, 20) == [(20,), (21,)]
    assert numbers.next_issue == 22


@pytest.mark.parametrize(
    ("made", "then", "field"),
    [
        ("project-created", "project-updated", "project"),
        ("sprint-created", "sprint-started", "sprint"),
        ("board-created", "board-updated", "board"),
        ("page-created", "page-moved", "content"),
        ("space-v2-created", "space-v2-updated", "space"),
        ("version-created", "version-released", "version"),
        ("worklog-created", "worklog-deleted", "worklog"),
        ("jira-attachment-created", "jira-attachment-deleted", "attachment"),
        ("confluence-attachment-created", "attachment-viewed", "attachment"),
        ("comment-created", "confluence-comment-deleted", "content"),
        ("pullrequest-created", "pullrequest-fulfilled", "pullrequest"),
        ("jira-user-created", "user-updated", "user"),
    ],
)
def test_later_events_have_the_same_ids(made: str, then: str, field: str) -> None:
    """Ids and names of a thing are those that it was made with."""
    numbers = ThingNumbers()
    found = []
    for name in (made, then):
        template = find_template(name)
        factory = EventFactory(template, plan=numbers.plan(template.things, 1))
        found.append(factory.build_event(1, 0, lambda: "id").payload[field])

    first, second = found
    assert isinstance(first, dict)
    assert isinstance(second, dict)
    for name in ("id", "key", "name", "title", "issueId", "container", "accountId"):
        assert first.get(name) == second.get(name)


def test_no_two_kinds_of_confluence_share_an_id() -> None:
    """Its ids are of one sequence."""
    ids = set()
    for template in all_templates():
        content = template.payload.get("content", template.payload.get("attachment"))
        if template.event.startswith("avi:confluence:") and isinstance(content, dict):
            kind = next(reversed(template.things))
            if kind not in ("task", "label"):
                ids.add((KINDS[kind].first_id, kind))
    assert len({first for first, _ in ids}) == len(ids)


@pytest.mark.parametrize(
    ("kind", "key", "number"),
    [
        ("issue", "EMU-7", 7),
        ("issue", "emu-7", 7),
        ("issue", "10007", 7),
        ("issue", "7", 7),
        ("page", "10003", 3),
        ("project", "EMU", 0),
        ("project", "EMU2", 2),
        ("sprint", "4", 4),
    ],
)
def test_keys_and_ids_name_a_thing(kind: str, key: str, number: int) -> None:
    """As payloads have them."""
    assert number_of(kind, key) == number


@pytest.mark.parametrize(
    ("kind", "key"), [("issue", "ABC-1"), ("issue", "EMU-x"), ("issue", ""), ("page", "EMU-1")]
)
def test_other_keys_are_refused(kind: str, key: str) -> None:
    """With one that would do."""
    with pytest.raises(UserError) as caught:
        number_of(kind, key)

    assert repr(key) in caught.value.message
    assert "--set" in (caught.value.hint or "")
