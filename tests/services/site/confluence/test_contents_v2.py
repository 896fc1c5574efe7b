"""Version 2 of Confluence: pages and what belongs to them."""

from __future__ import annotations

from typing import Any

import pytest

from forge_emu.site.jira.defaults import ASSIGNEE
from tests.services.site.confluence_driver import ConfluenceDriver


def edit(id: str, number: int, title: str = "Plan", **fields: Any) -> dict[str, Any]:
    """The body of an update."""
    body = {"representation": "storage", "value": f"<p>{number}</p>"}
    return {
        "id": id, "status": "current", "title": title, "body": body,
        "version": {"number": number, "message": "m"}, **fields,
    }  # fmt: skip


def test_a_page_is_made_read_and_changed() -> None:
    """It lies below the first page of its space, and its versions go on."""
    wiki = ConfluenceDriver()
    id = wiki.new_page("Plan")
    status, page = wiki.send("GET", f"pages/{id}?body-format=storage")
    assert (status, page["title"], page["spaceId"], page["parentId"]) == (
        200, "Plan", "65537", "98305",
    )  # fmt: skip
    assert page["body"] == {"storage": {"representation": "storage", "value": "<p>Plan</p>"}}
    assert page["version"]["number"] == 1

    status, page = wiki.send("PUT", f"pages/{id}", edit(id, 2))

    assert (status, page["version"]["number"], page["version"]["message"]) == (200, 2, "m")
    assert (
        wiki.send("GET", f"pages/{id}?version=1&body-format=storage")[1]["body"]["storage"]["value"]
        == "<p>Plan</p>"
    )
    numbers = [each["number"] for each in wiki.send("GET", f"pages/{id}/versions")[1]["results"]]
    assert numbers == [2, 1]
    assert [name for name, _ in wiki.events] == [
        "avi:confluence:created:page", "avi:confluence:updated:page",
    ]  # fmt: skip
    payload = wiki.events[1][1]
    assert payload["selfGenerated"] is True
    assert (payload["content"]["id"], payload["content"]["version"]["number"]) == (id, 2)


def test_who_writes_is_who_is_named() -> None:
    """An app that writes as a user has not written itself."""
    wiki = ConfluenceDriver()
    body = {"spaceId": "65537", "status": "current", "title": "By a user"}
    _, page = wiki.send("POST", "pages", body, user=ASSIGNEE)
    ((_, payload),) = wiki.events
    assert page["authorId"] == payload["atlassianId"] == ASSIGNEE
    assert payload["selfGenerated"] is False


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "text"),
    [
        ("GET", "pages/999", None, 404, "Not Found"),
        ("GET", "pages/abc", None, 400, "Expected type is long"),
        ("GET", "pages?cursor=no", None, 400, "cursor"),
        ("GET", "pages?sort=colour", None, 400, "colour"),
        ("GET", "spaces/1", None, 404, "Not Found"),
        ("GET", "blogposts/98305", None, 404, "Not Found"),
        ("POST", "pages", None, 400, "body is missing"),
        ("POST", "pages", [1], 400, "no JSON object"),
        ("POST", "pages", {"title": "x"}, 400, "spaceId"),
        ("POST", "pages", {"spaceId": "1", "title": "x"}, 404, "Not Found"),
        ("POST", "pages", {"spaceId": "65537"}, 400, "title"),
        ("POST", "pages", {"spaceId": "65537", "title": "Emulated space Home"}, 400, "already"),
        ("POST", "pages", {"spaceId": "65537", "title": "x", "parentId": "5"}, 404, "Not Found"),
        (
            "POST", "pages",
            {"spaceId": "65537", "title": "x", "body": {"representation": "pdf", "value": ""}},
            400, "representation",
        ),
        ("PUT", "pages/98305", {"id": "98305"}, 400, "status is missing"),
        ("PUT", "pages/98305", edit("98305", 1), 409, "Current Version: [1]"),
        ("PUT", "pages/98305", edit("98305", 5), 409, "Provided version: [5]"),
        ("PUT", "pages/98305", {**edit("98305", 2), "version": {}}, 400, "No version supplied"),
        ("DELETE", "pages/98305?purge=true", None, 400, "trash"),
        ("POST", "footer-comments", {"body": {}}, 400, "pageId"),
        ("POST", "footer-comments", {"pageId": "98305"}, 400, "body is missing"),
        ("POST", "footer-comments", {"pageId": "5", "body": {}}, 404, "Not Found"),
        ("POST", "pages/98305/properties", {"key": "a"}, 400, "value is missing"),
        ("GET", "pages/98305/properties/1", None, 404, "Not Found"),
    ],
)  # fmt: skip
def test_what_is_refused(method: str, path: str, body: Any, status: int, text: str) -> None:
    """With a body as Confluence has it; nothing changes and nothing is sent."""
    wiki = ConfluenceDriver()
    given, answer = wiki.send(method, path, body)
    assert (given, answer["errors"][0]["status"]) == (status, status)
    assert text in answer["errors"][0]["title"]
    assert not wiki.events
    assert len(wiki.site.confluence.contents) == 1


def test_paths_come_with_and_without_their_prefix() -> None:
    """As older apps write them."""
    wiki = ConfluenceDriver()
    for path in ("/wiki/api/v2/spaces", "/api/v2/spaces", "/rest/api/space/EMU"):
        assert wiki.send("GET", path)[0] == 200


def test_a_page_goes_to_the_trash_and_comes_back() -> None:
    """And is gone for good when it is purged."""
    wiki = ConfluenceDriver()
    id = wiki.new_page("Plan")
    assert wiki.send("DELETE", f"pages/{id}") == (204, None)
    assert id not in [each["id"] for each in wiki.send("GET", "pages")[1]["results"]]
    assert wiki.send("GET", f"pages/{id}")[1]["status"] == "trashed"
    wiki.send("PUT", f"pages/{id}", edit(id, 2))
    wiki.send("DELETE", f"pages/{id}")
    assert wiki.send("DELETE", f"pages/{id}?purge=true") == (204, None)
    assert wiki.send("GET", f"pages/{id}")[0] == 404
    verbs = [name.split(":")[2] for name, _ in wiki.events]
    assert verbs == ["created", "trashed", "restored", "trashed", "deleted"]


def test_a_draft_is_no_page_yet() -> None:
    """It becomes the first version when it is published."""
    wiki = ConfluenceDriver()
    id = wiki.new_page("Plan", status="draft")
    assert not wiki.events
    _, page = wiki.send("PUT", f"pages/{id}", edit(id, 1))
    assert (page["status"], page["version"]["number"]) == ("current", 1)
    assert [name for name, _ in wiki.events] == ["avi:confluence:created:page"]


def test_pages_lie_below_pages() -> None:
    """Children, descendants, ancestors; a page that moves says so."""
    wiki = ConfluenceDriver()
    above = wiki.new_page("Above")
    below = wiki.new_page("Below", parentId=above)
    assert [x["id"] for x in wiki.send("GET", f"pages/{above}/children")[1]["results"]] == [below]
    found = wiki.send("GET", "pages/98305/descendants")[1]["results"]
    assert [(each["id"], each["depth"]) for each in found] == [(above, 1), (below, 2)]
    path = [each["id"] for each in wiki.send("GET", f"pages/{below}/ancestors")[1]["results"]]
    assert path == ["98305", above]
    wiki.send("PUT", f"pages/{below}", edit(below, 2, "Below", parentId="98305"))
    name, payload = wiki.events[-1]
    assert name == "avi:confluence:moved:page"
    assert payload["prevContent"]["id"] == below
