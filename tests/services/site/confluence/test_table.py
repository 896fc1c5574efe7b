"""The table of Confluence's operations."""

from __future__ import annotations

from typing import Any

from tests.services.site.confluence_driver import ConfluenceDriver


def edit(id: str, number: int, title: str = "Plan", **fields: Any) -> dict[str, Any]:
    """The body of an update."""
    body = {"representation": "storage", "value": f"<p>{number}</p>"}
    return {
        "id": id, "status": "current", "title": title, "body": body,
        "version": {"number": number, "message": "m"}, **fields,
    }  # fmt: skip


def test_a_call_without_its_scope_is_refused() -> None:
    """As by the gateway of the products."""
    wiki = ConfluenceDriver(scopes=("read:page:confluence",))
    assert wiki.send("GET", "pages/98305")[0] == 200
    assert wiki.send("DELETE", "pages/98305")[0] == 401


def test_what_is_not_built_is_not_answered() -> None:
    """The user is told what to mock."""
    assert ConfluenceDriver().send("GET", "/wiki/api/v2/whiteboards/1")[0] == 501
