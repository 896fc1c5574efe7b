"""What Confluence's events tell of is on the site."""

from __future__ import annotations

from typing import Any

from forge_emu.site.collection import Place
from forge_emu.site.confluence.payloads import content_payload
from forge_emu.site.confluence.writing import Edit, Writer
from forge_emu.site.site import Site

SPACE = {"id": 65537, "key": "EMU", "name": "Emulated space", "type": "global"}
NOW = 1_800_000_000_000


def page(id: str = "10001", number: int = 1, **fields: Any) -> dict[str, Any]:
    """The content of a payload."""
    who = {"accountId": "user-9", "accountType": "atlassian"}
    return {
        "id": id, "type": "page", "status": "current", "title": f"Notes {id}", "space": SPACE,
        "history": {"createdBy": who, "ownedBy": who, "createdDate": "2026-11-24T10:00:00.000Z"},
        "version": {"by": who, "when": f"2026-11-24T10:0{number}:00.000Z", "number": number},
        **fields,
    }  # fmt: skip


def absorbed(site: Site, verb: str, kind: str, content: Any, **payload: Any) -> None:
    """An event about a content."""
    name = f"avi:confluence:{verb}:{kind}"
    site.absorb_event(name, {"atlassianId": "user-9", "content": content, **payload}, NOW)


def test_a_page_exists_after_its_event() -> None:
    """With its space, its author and its version; again, nothing changes."""
    site = Site()
    absorbed(site, "created", "page", page())
    found = site.confluence.get("10001", "page")
    assert found is not None
    assert (found.title, found.author, found.parent, found.version.number) == (
        "Notes 10001", "user-9", "98305", 1,
    )  # fmt: skip
    assert "user-9" in site.jira.users
    changes: list[Place] = []
    site._mark = changes.append
    absorbed(site, "viewed", "page", page())
    assert not changes


def test_an_update_of_a_page_never_made_makes_it() -> None:
    """In the version that it says."""
    site = Site()
    absorbed(site, "updated", "page", page(number=2))
    found = site.confluence.get("10001")
    assert found is not None
    assert found.version.number == 2


def test_an_old_event_takes_no_version_back() -> None:
    """Numbers go on from what the app has written."""
    site = Site()
    absorbed(site, "created", "page", page())
    write = Writer(site.confluence, "app", True, NOW)
    old = site.confluence.get("10001")
    assert old is not None
    write.update(write.update(old, Edit("New")), Edit("Newer"))
    absorbed(site, "viewed", "page", page())
    found = site.confluence.get("10001")
    assert found is not None
    assert found.version.number == 3
    versions = site.confluence.old_versions.children("10001")
    assert [each.version.number for each in versions] == [1, 2]


def test_what_is_trashed_and_deleted() -> None:
    """Restored it is there again; deleted it is gone with its comments."""
    site = Site()
    container = {"id": "10001", "type": "page", "title": "Notes 10001"}
    comment = {**page("30000001"), "type": "comment", "container": container}
    absorbed(site, "created", "comment", comment)
    assert site.confluence.get("10001", "page") is not None
    for verb, status in (("trashed", "trashed"), ("restored", "current"), ("archived", "archived")):
        absorbed(site, verb, "page", page())
        found = site.confluence.get("10001")
        assert found is not None
        assert found.status == status
    absorbed(site, "deleted", "page", page())
    assert site.confluence.get("10001") is None
    assert site.confluence.get("30000001") is None


def test_labels_and_spaces() -> None:
    """Put on and taken off; a space that is deleted takes its pages along."""
    site = Site()
    label = {"id": "1000001", "name": "plan", "prefix": "global"}
    absorbed(site, "added", "label", page(), label=label)
    assert [each.name for each in site.confluence.labels_of("content/10001")] == ["plan"]
    absorbed(site, "removed", "label", page(), label=label)
    assert site.confluence.labels_of("content/10001") == []
    other = {**SPACE, "id": 65538, "key": "EMU1", "name": "Other"}
    absorbed(site, "created", "page", page("10002", space=other))
    assert site.confluence.spaces.find("EMU1") is not None
    site.absorb_event("avi:confluence:deleted:space:V2", {"space": other}, NOW)
    assert site.confluence.get("10002") is None
    assert site.confluence.get("10001") is not None


def test_attachments_lie_at_their_pages() -> None:
    """With what is known of the file."""
    site = Site()
    given = {
        **page("40000001"), "type": "attachment", "title": "a.png",
        "container": page(), "extensions": {"mediaType": "image/png", "fileSize": 5},
    }  # fmt: skip
    site.absorb_event("avi:confluence:created:attachment", {"attachment": given}, NOW)
    (found,) = site.confluence.inside("10001", "attachment")
    assert (found.title, found.fields["fileSize"]) == ("a.png", 5)


def test_an_app_s_own_event_is_what_the_site_has() -> None:
    """Its payload, absorbed by another site, makes the same page."""
    site, other = Site(), Site()
    absorbed(site, "created", "page", page())
    found = site.confluence.get("10001")
    assert found is not None
    name = "avi:confluence:created:page"
    payload = content_payload(site.confluence, name, found, "x", by_app=True, now_ms=NOW)
    other.absorb_event(name, payload, NOW)
    assert other.confluence.get("10001") == found


def test_what_lacks_everything_is_passed_over() -> None:
    """A payload may hold anything; what has an id and a type is enough."""
    site = Site()
    contents: tuple[Any, ...] = (
        None,
        [],
        "x",
        {},
        {"id": "5"},
        {"id": [], "type": "page"},
        {"id": "6", "type": "page"},
    )
    for content in contents:
        for verb in ("created", "updated", "deleted", "trashed"):
            absorbed(site, verb, "page", content)
    assert [each.id for each in site.confluence.contents] == ["6", "98305"]


def test_the_site_is_saved_and_restored() -> None:
    """With versions, labels and properties, and what is gone of a new site."""
    site, again = Site(), Site()
    absorbed(site, "created", "page", page())
    write = Writer(site.confluence, "app", True, NOW)
    found = site.confluence.get("10001")
    assert found is not None
    write.update(found, Edit("New"))
    write.add_label(found, "global", "plan")
    write.set_property("content/10001", "key", {"n": 1})
    write.purge(site.confluence.contents.get("98305") or found)
    texts = {place: site.encode(place) for place in site.changed_places()}
    again.restore({place: text for place, text in texts.items() if text is not None})
    assert {place: again.encode(place) for place in again.changed_places()} == texts
    assert again.confluence.get("98305") is None
