"""Pages of results."""

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
