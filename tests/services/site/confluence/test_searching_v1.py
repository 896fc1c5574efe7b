"""Version 1 of Confluence: search, spaces and people."""

from __future__ import annotations

from typing import Any

from forge_emu.site.jira.defaults import APP_ACCOUNT
from tests.services.site.confluence_driver import ConfluenceDriver

API = "/wiki/rest/api"


def page(title: str, **fields: Any) -> dict[str, Any]:
    """The body of a new page."""
    body = {"storage": {"value": f"<p>{title} text</p>", "representation": "storage"}}
    return {"type": "page", "title": title, "space": {"key": "EMU"}, "body": body, **fields}


def test_search_says_where_each_is() -> None:
    """With title, excerpt and how many there are."""
    wiki = ConfluenceDriver()
    for n in range(3):
        wiki.send("POST", f"{API}/content", page(f"Plan {n}"))
    _, found = wiki.send("GET", f"{API}/search?cql=title~plan order by title desc&limit=2")
    assert (found["totalSize"], found["size"]) == (3, 2)
    first = found["results"][0]
    assert (first["title"], first["excerpt"], first["content"]["type"]) == (
        "Plan 2", "Plan 2 text", "page",
    )  # fmt: skip
    assert "start=2" in found["_links"]["next"]
    _, rest = wiki.send("GET", f"/wiki{found['_links']['next']}")
    assert [each["title"] for each in rest["results"]] == ["Plan 0"]


def test_a_new_space_has_a_first_page() -> None:
    """Both are events."""
    wiki = ConfluenceDriver()
    given = {"key": "DOC", "name": "Docs"}
    assert wiki.send("POST", f"{API}/space", given)[0] == 200
    assert wiki.send("POST", f"{API}/space", given)[0] == 400
    _, found = wiki.send("GET", f"{API}/space/DOC/content/page")
    assert [each["title"] for each in found["results"]] == ["Docs Home"]
    assert [name for name, _ in wiki.events] == [
        "avi:confluence:created:space:V2", "avi:confluence:created:page",
    ]  # fmt: skip


def test_people() -> None:
    """The one who asks, and others by their account."""
    wiki = ConfluenceDriver()
    assert wiki.send("GET", f"{API}/user/current")[1]["accountId"] == APP_ACCOUNT
    assert wiki.send("GET", f"{API}/user?accountId={APP_ACCOUNT}")[1]["accountType"] == "app"
    assert wiki.send("GET", f"{API}/user?accountId=nobody")[0] == 404
    _, found = wiki.send("POST", "users-bulk", {"accountIds": [APP_ACCOUNT, "nobody"]})
    assert [each["accountId"] for each in found["results"]] == [APP_ACCOUNT]


def test_groups_are_those_of_jira() -> None:
    """With their ids."""
    wiki = ConfluenceDriver(scopes=("read:confluence-groups",))

    found = wiki.send("GET", f"{API}/group")[1]["results"]
    assert [each["name"] for each in found] == ["jira-users", "jira-administrators"]
    assert wiki.send("GET", f"{API}/user/current")[0] == 401
