"""The emulator as keys see it."""

from __future__ import annotations

from typing import Any


class RecordedActions:
    """Notes what it is asked to do."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def toggle_pause(self) -> None:
        self.calls.append("toggle_pause")

    def deliver_one(self) -> None:
        self.calls.append("deliver_one")

    def skip_to_next(self) -> None:
        self.calls.append("skip_to_next")

    def retry_now(self, event_id: str) -> None:
        self.calls.append(f"retry_now {event_id}")

    def read_payload(self, event_id: str) -> dict[str, Any] | str:
        self.calls.append(f"read_payload {event_id}")
        if event_id != "known":
            return "nothing is kept"
        return {"id": "known", "kind": "event", "body": {}, "invocations": [], "note": None}

    def open_page(self) -> str:
        self.calls.append("open_page")
        return "it opens"

    def quit(self) -> None:
        self.calls.append("quit")
