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


def test_pages_are_paged_by_cursor() -> None:
    """Until none is left: each once; the header says the same as the body."""
    wiki = ConfluenceDriver()
    made = [wiki.new_page(f"P{n}") for n in range(7)]
    target, found = "/wiki/api/v2/spaces/65537/pages?limit=3&sort=-id", []
    while target:
        _, page = wiki.send("GET", target)
        found += [each["id"] for each in page["results"]]
        target = page["_links"].get("next")
        assert (f'<{target}>; rel="next"' in wiki.headers["link"]) is (target is not None)
    assert found == [*reversed(made), "98305"]


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


@pytest.mark.parametrize("location", ["footer", "inline"])
def test_comments(location: str) -> None:
    """Made, answered, changed, deleted; with the page that they belong to."""
    wiki = ConfluenceDriver()
    body = {"representation": "storage", "value": "<p>hi</p>"}
    base = f"{location}-comments"
    status, comment = wiki.send("POST", base, {"pageId": "98305", "body": body})
    assert (status, comment["pageId"], comment["title"]) == (
        201,
        "98305",
        "Re: Emulated space Home",
    )
    assert ("resolutionStatus" in comment) is (location == "inline")
    _, reply = wiki.send("POST", base, {"parentCommentId": comment["id"], "body": body})
    listed = wiki.send("GET", f"pages/98305/{base}")[1]["results"]
    assert [each["id"] for each in listed] == [comment["id"]]
    answers = wiki.send("GET", f"{base}/{comment['id']}/children")[1]["results"]
    assert [each["id"] for each in answers] == [reply["id"]]
    change = {"version": {"number": 2}, "body": body}
    assert wiki.send("PUT", f"{base}/{comment['id']}", change)[1]["version"]["number"] == 2
    assert wiki.send("DELETE", f"{base}/{comment['id']}") == (204, None)
    assert wiki.send("GET", f"{base}/{reply['id']}")[0] == 404
    verbs = [name.removeprefix("avi:confluence:") for name, _ in wiki.events]
    assert verbs == ["created:comment", "created:comment", "updated:comment", "deleted:comment"]
    assert wiki.events[0][1]["content"]["container"]["id"] == "98305"


@pytest.mark.parametrize("base", ["pages/98305", "spaces/65537"])
def test_properties(base: str) -> None:
    """Of pages and spaces; a key stands once, and versions go on by one."""
    wiki = ConfluenceDriver()
    _, made = wiki.send("POST", f"{base}/properties", {"key": "state", "value": {"n": 1}})
    assert wiki.send("POST", f"{base}/properties", {"key": "state", "value": 1})[0] == 409
    path = f"{base}/properties/{made['id']}"
    change = {"key": "state", "value": {"n": 2}, "version": {"number": 2}}
    assert wiki.send("PUT", path, change)[0] == 200
    assert wiki.send("PUT", path, change)[0] == 409
    (found,) = wiki.send("GET", f"{base}/properties?key=state")[1]["results"]
    assert (found["value"], found["version"]["number"]) == ({"n": 2}, 2)
    assert wiki.send("DELETE", path) == (204, None)
    assert wiki.send("GET", f"{base}/properties")[1]["results"] == []


def test_a_call_without_its_scope_is_refused() -> None:
    """As by the gateway of the products."""
    wiki = ConfluenceDriver(scopes=("read:page:confluence",))
    assert wiki.send("GET", "pages/98305")[0] == 200
    assert wiki.send("DELETE", "pages/98305")[0] == 401


def test_what_is_not_built_is_not_answered() -> None:
    """The user is told what to mock."""
    assert ConfluenceDriver().send("GET", "/wiki/api/v2/whiteboards/1")[0] == 501
