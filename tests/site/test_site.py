"""A site: what events tell of, and what is saved of it."""

from __future__ import annotations

from forge_emu.events import EventFactory, find_template
from forge_emu.site.collection import Place
from forge_emu.site.site import Site

EPOCH = 1_767_225_600_000


def absorb(site: Site, name: str, n: int = 1) -> dict[str, object]:
    """Send the `n`-th event of a template to the site; answers its payload."""
    event = EventFactory(find_template(name)).build_event(n, EPOCH, lambda: "e")
    site.absorb_event(event.name, event.payload, EPOCH)
    return event.payload


def saved(site: Site, places: list[Place]) -> dict[Place, bytes]:
    """What a state would hold after these changes."""
    texts = {place: site.encode(place) for place in places}
    return {place: text for place, text in texts.items() if text is not None}


def test_what_an_event_tells_of_exists() -> None:
    """With the fields of its payload."""
    site = Site()
    absorb(site, "issue-created", 7)
    issue = site.jira.issues.find("EMU-7")

    assert issue is not None
    assert (issue.id, issue.summary, issue.status) == (
        "10007",
        "Export of report 7 stops halfway",
        "10001",
    )


def test_an_update_of_an_issue_that_never_was_makes_it() -> None:
    """In the state after the update, with the edit in its history."""
    site = Site()
    absorb(site, "issue-updated", 3)
    issue = site.jira.issues.find("EMU-3")

    assert issue is not None
    assert issue.status == "10002"
    (history,) = site.jira.histories.children(issue.id)
    assert (history.items[0].from_text, history.items[0].to_text) == ("To Do", "In Progress")


def test_a_comment_belongs_to_its_issue_and_goes_with_it() -> None:
    """A deleted issue takes all of its things along."""
    site = Site()
    absorb(site, "issue-commented", 2)
    assert site.jira.comments.count_children("10002") == 1

    absorb(site, "issue-deleted", 2)

    assert (site.jira.issues.find("EMU-2"), len(site.jira.comments)) == (None, 0)
    assert site.jira.next_issue_key("EMU") == "EMU-3"


def test_a_new_site_has_nothing_to_save() -> None:
    """Its default content is not part of a state."""
    changes: list[Place] = []
    Site(changes.append)

    assert changes == []


def test_a_site_is_restored_from_its_changes() -> None:
    """Also what was there by default and is gone, and ids that nothing has any more."""
    changes: list[Place] = []
    site = Site(changes.append)
    absorb(site, "issue-created", 1)
    absorb(site, "issue-commented", 2)
    site.jira.priorities.remove("5")
    comment = site.jira.comments.new_id()
    site.jira.comments.remove("10002")

    again = Site()
    again.restore(saved(site, changes))

    assert list(again.jira.issues) == list(site.jira.issues)
    assert again.jira.priorities.get("5") is None
    assert again.jira.comments.new_id() > comment
    assert again.jira.next_issue_key("EMU") == "EMU-3"


def test_everything_can_be_asked_for_at_once() -> None:
    """What differs from a new site is among it."""
    site = Site()
    absorb(site, "issue-created", 1)
    site.jira.users.remove(next(iter(site.jira.users)).account)

    again = Site()
    again.restore(saved(site, list(site.changed_places())))

    assert list(again.jira.users) == list(site.jira.users)
    assert list(again.jira.issues) == list(site.jira.issues)


def test_a_payload_may_lack_or_misname_anything() -> None:
    """Nothing is known then, and nothing breaks."""
    site = Site()
    for payload in ({}, {"issue": 3}, {"issue": {"id": "1"}}, {"issue": {"id": 1, "key": "A-1"}}):
        site.absorb_event("avi:jira:updated:issue", payload, EPOCH)

    issue = site.jira.issues.find("A-1")
    assert issue is not None
    assert site.jira.projects.find("A") is not None
