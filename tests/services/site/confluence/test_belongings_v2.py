"""Version 2 of Confluence: comments and properties."""

from __future__ import annotations

from typing import Any

import pytest

from tests.services.site.confluence_driver import ConfluenceDriver


def edit(id: str, number: int, title: str = "Plan", **fields: Any) -> dict[str, Any]:
    """The body of an update."""
    body = {"representation": "storage", "value": f"<p>{number}</p>"}
    return {
        "id": id, "status": "current", "title": title, "body": body,
        "version": {"number": number, "message": "m"}, **fields,
    }  # fmt: skip


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
