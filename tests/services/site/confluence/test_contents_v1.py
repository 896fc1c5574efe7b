"""Version 1 of Confluence: content, labels, properties, search, people."""

from __future__ import annotations

from typing import Any

import pytest

from tests.services.site.confluence_driver import ConfluenceDriver

API = "/wiki/rest/api"


def page(title: str, **fields: Any) -> dict[str, Any]:
    """The body of a new page."""
    body = {"storage": {"value": f"<p>{title} text</p>", "representation": "storage"}}
    return {"type": "page", "title": title, "space": {"key": "EMU"}, "body": body, **fields}


def test_content_is_made_expanded_and_changed() -> None:
    """What is not expanded is named."""
    wiki = ConfluenceDriver()
    _, made = wiki.send("POST", f"{API}/content", page("Plan", ancestors=[{"id": "98305"}]))
    path = f"{API}/content/{made['id']}"
    _, found = wiki.send("GET", f"{path}?expand=body.storage,ancestors,metadata.labels,space")
    assert found["body"]["storage"]["value"] == "<p>Plan text</p>"
    assert [each["id"] for each in found["ancestors"]] == ["98305"]
    assert (found["space"]["key"], found["metadata"]["labels"]["size"]) == ("EMU", 0)
    assert "version" in found["_expandable"]
    change = {"type": "page", "title": "Plan B", "version": {"number": 2}}
    assert wiki.send("PUT", path, change)[1]["version"]["number"] == 2
    status, refused = wiki.send("PUT", path, change)
    assert (status, refused["statusCode"]) == (409, 409)
    assert "Current version is: 2" in refused["message"]
    assert [each["number"] for each in wiki.send("GET", f"{path}/version")[1]["results"]] == [2, 1]
    assert wiki.send("DELETE", path)[0] == 204
    assert wiki.send("GET", path)[0] == 404


def test_labels() -> None:
    """Put on once, found, taken off; each is an event."""
    wiki = ConfluenceDriver()
    path = f"{API}/content/98305/label"
    given = [{"prefix": "global", "name": "Plan"}, {"name": "plan"}, {"name": "other"}]
    assert [x["name"] for x in wiki.send("POST", path, given)[1]["results"]] == ["plan", "other"]
    found = wiki.send("GET", f"{API}/content/search?cql=label=plan")[1]["results"]
    assert [each["id"] for each in found] == ["98305"]
    (label, _) = wiki.send("GET", "pages/98305/labels")[1]["results"]
    assert [x["id"] for x in wiki.send("GET", f"labels/{label['id']}/pages")[1]["results"]] == [
        "98305"
    ]
    assert wiki.send("DELETE", f"{path}?name=plan")[0] == 204
    assert wiki.send("DELETE", f"{path}/other")[0] == 204
    assert wiki.send("GET", path)[1]["size"] == 0
    verbs = [name.removeprefix("avi:confluence:") for name, _ in wiki.events]
    assert verbs == ["added:label", "added:label", "removed:label", "removed:label"]


def test_properties() -> None:
    """By their key; the first version needs no number."""
    wiki = ConfluenceDriver()
    path = f"{API}/content/98305/property/state"
    assert wiki.send("GET", path)[0] == 404
    assert wiki.send("PUT", path, {"value": 1})[1]["version"]["number"] == 1
    assert wiki.send("PUT", path, {"value": 2})[0] == 400
    assert wiki.send("PUT", path, {"value": 2, "version": {"number": 2}})[1]["value"] == 2
    assert wiki.send("DELETE", path)[0] == 204


def test_children_and_comments() -> None:
    """By their types."""
    wiki = ConfluenceDriver()
    comment = {"type": "comment", "container": {"id": "98305", "type": "page"}}
    body = {"storage": {"value": "<p>x</p>", "representation": "storage"}}
    _, made = wiki.send("POST", f"{API}/content", {**comment, "body": body})
    _, child = wiki.send("POST", f"{API}/content", page("Child"))
    for kind, id in (("comment", made["id"]), ("page", child["id"])):
        _, found = wiki.send("GET", f"{API}/content/98305/child/{kind}")
        assert [each["id"] for each in found["results"]] == [id]
        _, found = wiki.send("GET", f"{API}/content/98305/descendant/{kind}")
        assert [each["id"] for each in found["results"]] == [id]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "text"),
    [
        ("GET", "content/5", None, 404, "ContentId{id=5}"),
        ("GET", "content/search", None, 400, "cql is missing"),
        ("GET", "content/search?cql=typ=page", None, 400, "No field exists with name: typ"),
        ("GET", "content/search?cql=type=", None, 400, "Could not parse cql : type="),
        ("GET", "space/NO", None, 404, "No space found with key : NO"),
        ("POST", "content", {"type": "folder"}, 400, "folder"),
        ("POST", "content", page("Emulated space Home"), 400, "already exists"),
        ("POST", "content", page("x", space={"key": "NO"}), 404, "NO"),
        ("POST", "content/98305/label", [{"name": "a b"}], 400, "'a b'"),
        ("GET", "content/98305/child/cat", None, 400, "cat"),
    ],
)
def test_what_is_refused(method: str, path: str, body: Any, status: int, text: str) -> None:
    """With a body as version 1 has it; nothing is sent."""
    wiki = ConfluenceDriver()
    given, answer = wiki.send(method, f"{API}/{path}", body)
    assert (given, answer["statusCode"]) == (status, status)
    assert text in answer["message"]
    assert not wiki.events
