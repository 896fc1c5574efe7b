"""Product events as a list, and one of them with all that is known of it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from rich.text import Text

from forge_emu.console import palette as p
from forge_emu.console.tables.listing import Listing
from forge_emu.events.event_info import EventInfo


def events_listing(pages: Sequence[EventInfo]) -> Listing:
    """A row for each event."""
    rows = Listing("name", "product", "event", "ready", "what", cut=("event", "what"))
    for page in pages:
        rows.add_row(
            Text(page.name, p.ACCENT if page.ready else p.PLAIN),
            page.product,
            Text(page.event, p.DIM),
            Text("yes", p.GOOD) if page.ready else Text("--data", p.DIM),
            page.title,
        )
    return rows


def event_page(page: EventInfo) -> Text:
    """All that is known of an event."""
    text = Text()
    for label, words in (
        ("event", page.event),
        ("what", page.title),
        ("product", page.product),
        ("scopes", _scopes(page)),
        ("source", page.source),
        ("send it", page.command),
    ):
        if words:
            text.append(f"{label:<9}", p.DIM)
            text.append(f"{words}\n", p.ACCENT if label == "send it" else p.PLAIN)
    if page.payload is None:
        text.append("There is no payload of forge-emu's own for it yet: bring one with --data.")
        return text
    text.append("payload\n", p.DIM)
    payload = msgspec.json.format(msgspec.json.encode(page.payload), indent=2)
    return text.append(payload.decode())


def _scopes(page: EventInfo) -> str:
    if page.scopes is None:
        return "no source says which"
    alternatives = [", ".join(names) for names in (page.scopes, page.granular_scopes) if names]
    return "; or instead: ".join(alternatives)
