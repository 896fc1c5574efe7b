"""The deliveries of a run as a table: what waits, until when, and what was dropped or expired."""

from __future__ import annotations

from typing import Any

from rich.text import Text

from forge_emu.console import palette as p
from forge_emu.console.format import escape, plural, short_id
from forge_emu.console.tables.listing import Listing
from forge_emu.durations import countdown_text
from forge_emu.offsets import short_offset_text

_STYLES = {
    "scheduled": p.PLAIN,
    "ready": p.ACCENT,
    "running": p.ACCENT,
    "waiting": p.RETRY,
    "dropped": p.BAD,
    "expired": p.BAD,
}


def deliveries_table(listing: dict[str, Any]) -> Listing:
    """A row for each delivery of a listing of the control API."""
    rows = Listing(
        "id",
        "subject",
        "queue",
        "state",
        "due",
        "attempts",
        "why",
        right=("attempts",),
        cut=("subject", "queue", "why"),
    )
    for event in listing["events"]:
        state = event["state"]
        rows.add_row(
            Text(short_id(event.get("event_id") or event["product_event_id"]), p.ACCENT),
            Text(escape(event["subject"] or "")),
            Text(escape(event.get("queue") or f"trigger {event['trigger']}"), p.DIM),
            Text("held" if event["held"] else state, _STYLES[state]),
            Text(_due_text(event, listing["now"])),
            str(event["attempts"]),
            Text(_reason_text(event), p.DIM),
        )
    return rows


def deliveries_notes(listing: dict[str, Any]) -> list[str]:
    """What a table does not show: how many there are, what is paused, what is no longer kept."""
    counts = ", ".join(f"{n:,} {state}" for state, n in listing["counts"].items() if n)
    words = [counts or "no event is open, and none was dropped or expired"]
    shown = len(listing["events"])
    if shown < listing["total"]:
        words.append(f"shown are the first {shown:,} of {listing['total']:,}; see --limit")
    if listing["paused"]:
        words.append("all delivery is paused: forge-emu queue resume")
    words += [
        f"{escape(queue)} is paused: forge-emu queue resume {escape(queue)}"
        for queue in listing["paused_queues"]
    ]
    if listing["dropped_forgotten"]:
        gone = plural(listing["dropped_forgotten"], "older dropped or expired event")
        words.append(
            f"{gone} can no longer be replayed: the last {listing['dropped_kept']:,} are kept "
            "(delivery.dropped_kept)"
        )
    return words


def state_sentences(listing: dict[str, Any]) -> list[str]:
    """One sentence for each delivery of a listing: its state and when it is due."""
    words = []
    for event in listing["events"]:
        id = short_id(event.get("event_id") or event["product_event_id"])
        state = "held" if event["held"] else event["state"]
        due = "" if state == "running" else f", {_due_text(event, listing['now'])}"
        attempts = plural(event["attempts"], "attempt")
        words.append(f"{id} is {state} after {attempts}{due}")
    return words


def _reason_text(event: dict[str, Any]) -> str:
    if event["duplicate"]:
        return "a duplicate of what has succeeded"
    return escape(event.get("reason") or event["retry_reason"] or "")


def _due_text(event: dict[str, Any], now: int) -> str:
    if (state := event["state"]) in ("dropped", "expired"):
        return f"{state} at {short_offset_text(event[f'{state}_at'])}"
    if event["state"] == "running":
        return "now"
    if event["due_at"] <= now:
        return f"since {short_offset_text(event['due_at'])}"
    return f"in {countdown_text(event['due_at'] - now)}"
