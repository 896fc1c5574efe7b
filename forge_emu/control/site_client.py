"""The calls for the site from another process: what `forge-emu site` sends to the control API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import msgspec

from forge_emu.control.client import Client
from forge_emu.control.site_contract import SiteAnswer, SiteOrder, SiteReceipt, Things
from forge_emu.errors import UserError
from forge_emu.site.content import SiteContent

_REQUEST_BYTES = 700_000
"""Of things in one call; the API takes bodies of up to a mebibyte."""

_CONTENT_ITEMS = 500
"""Issues or pages in one call."""

_PAGE_ISSUES = 500
"""Issues of one answer."""


class SiteClient:
    """`control.site_contract.SiteContract` of a running emulator. May raise UserError."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def counts(self) -> SiteReceipt:
        """How many things there are of each kind."""
        return self._client.request("GET", "/v1/site", SiteReceipt)

    def change(self, order: SiteOrder) -> SiteReceipt:
        """One change of the site."""
        content = msgspec.json.encode(order)
        return self._client.request("POST", "/v1/site", SiteReceipt, content=content)

    def things(self) -> Things:
        """Everything."""
        return self._client.request("GET", "/v1/site/things", Things)

    def replace(self, things: Things) -> SiteReceipt:
        """Put these things in the place of all that is there; large sites go in several calls."""
        receipt = self.change(SiteOrder(clear=True))
        for part in _parts(things):
            receipt = self.change(SiteOrder(things=part))
        return receipt

    def add(self, content: SiteContent) -> SiteReceipt:
        """Add content; large files go in several calls."""
        head = msgspec.structs.replace(content, issues=[], pages=[])
        added = (receipt := self.change(SiteOrder(content=head))).added
        for first in range(0, max(len(content.issues), len(content.pages)), _CONTENT_ITEMS):
            last = first + _CONTENT_ITEMS
            part = SiteContent(issues=content.issues[first:last], pages=content.pages[first:last])
            added += (receipt := self.change(SiteOrder(content=part))).added
        return SiteReceipt(receipt.counts, added)

    def answer(self, product: str, target: str) -> SiteAnswer:
        """What a product answers to a GET."""
        query: dict[str, Any] = {"product": product, "path": target}
        return self._client.request("GET", "/v1/site/answer", SiteAnswer, query=query)

    def issues(self, jql: str) -> Iterator[Any]:
        """The issues that a query finds, with all their fields. Raises UserError with Jira's text
        where it is wrong."""
        return found_issues(lambda path: self.answer("jira", path), jql, "--jql")


def found_issues(answer: Callable[[str], SiteAnswer], jql: str, place: str) -> Iterator[Any]:
    """The issues that a query finds, page by page; `answer` is what Jira answers to a GET.

    Raises UserError that begins with `place` where the query is wrong.
    """
    query = {"jql": jql, "fields": "*all", "maxResults": _PAGE_ISSUES}
    while True:
        found = answer(_page(query))
        if found.status != 200:
            raise UserError(
                f"{place}: {_refusal_text(found.body)}", "docs/site.md has the parts of JQL."
            )
        body: Any = found.body
        yield from body["issues"]
        if body["isLast"]:
            return
        query["nextPageToken"] = body["nextPageToken"]


def _page(query: dict[str, Any]) -> str:
    return f"/rest/api/3/search/jql?{urlencode(query)}"


def _refusal_text(body: Any) -> str:
    """What Jira says of a query."""
    messages = body.get("errorMessages") if isinstance(body, dict) else None
    return " ".join(messages) if messages else "the site does not know what is asked for"


def _parts(things: Things) -> Iterator[Things]:
    part: Things = {}
    size = 0
    for kind, by_id in things.items():
        for id, thing in by_id.items():
            if size and size + len(bytes(thing)) > _REQUEST_BYTES:
                yield part
                part, size = {}, 0
            part.setdefault(kind, {})[id] = thing
            size += len(bytes(thing)) + len(id) + 8
    if part:
        yield part
