"""Product events as a list, and one of them with all that is known of it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from rich.text import Text

from forge_emu.console import palette as p
from forge_emu.console.tables.listing import Listing
from forge_emu.events.event_info import PRODUCTS, EventInfo

_WELL_KNOWN = (
    "issue-created",
    "issue-updated",
    "issue-commented",
    "page-created",
    "page-updated",
    "comment-created",
    "pullrequest-created",
    "sprint-started",
    "app-installed",
)
"""What people want first."""


def events_listing(pages: Sequence[EventInfo]) -> Listing:
    """A row for each event; where the app has triggers for some, with their keys."""
    own = any(page.triggers for page in pages)
    columns = ("name", "product", "event", *(("triggers",) if own else ()), "what")
    rows = Listing(*columns, cut=("event", "what"))
    for page in pages:
        rows.add_row(
            Text(page.name, p.ACCENT),
            page.product,
            Text(page.event, p.DIM),
            *((Text(", ".join(page.triggers), p.GOOD),) if own else ()),
            page.title,
        )
    return rows


def products_listing(pages: Sequence[EventInfo]) -> Listing:
    """A row for each product: how many events it has, and some of them."""
    rows = Listing("product", "events", "such as", right=("events",), cut=("such as",))
    for product in PRODUCTS:
        names = [page.name for page in pages if page.product == product]
        known = dict.fromkeys([*(name for name in _WELL_KNOWN if name in names), *names])
        rows.add_row(product, str(len(names)), Text(", ".join(list(known)[:3]), p.DIM))
    return rows


def event_page(page: EventInfo) -> Text:
    """All that is known of an event."""
    text = Text()
    for label, words in (
        ("event", page.event),
        ("what", page.title),
        ("product", page.product),
        ("triggers", ", ".join(page.triggers)),
        ("scopes", _scopes(page)),
        ("note", page.note),
        ("source", page.source),
        ("send it", page.command),
    ):
        if words:
            text.append(f"{label:<9}", p.DIM)
            text.append(f"{words}\n", p.ACCENT if label == "send it" else p.PLAIN)
    text.append("payload\n", p.DIM)
    payload = msgspec.json.format(msgspec.json.encode(page.payload), indent=2)
    return text.append(payload.decode())


def _scopes(page: EventInfo) -> str:
    if page.scopes is None:
        return "no source says which"
    if not page.scopes and not page.granular_scopes:
        return "none"
    alternatives = [", ".join(names) for names in (page.scopes, page.granular_scopes) if names]
    return "; or instead: ".join(alternatives)
