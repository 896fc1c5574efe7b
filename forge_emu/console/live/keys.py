"""From bytes of the keyboard to what they mean. Pure: bytes and screen in, actions out."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator
from typing import Any, Protocol

from forge_emu.console.live.state import Overlay, Screen

_SEQUENCES = {
    "\x1b[A": "up",
    "\x1bOA": "up",
    "\x1b[B": "down",
    "\x1bOB": "down",
    "\x1b[5~": "page up",
    "\x1b[6~": "page down",
    "\x1b[F": "end",
    "\x1bOF": "end",
    "\x1b[4~": "end",
}
_PAGE = 10


class Actions(Protocol):
    """What keys can do to the emulator. Called on the loop's thread; must return at once."""

    def toggle_pause(self) -> None:
        """Stop delivering, or go on."""

    def deliver_one(self) -> None:
        """Deliver the first event in line."""

    def skip_to_next(self) -> None:
        """Move the clock to the next due time."""

    def retry_now(self, event_id: str) -> None:
        """Deliver a waiting event at once. `event_id` is the id of a track."""

    def read_payload(self, event_id: str) -> dict[str, Any] | str:
        """What is in an event, as `GET /v1/payload` answers it; or why that is not there."""

    def open_page(self) -> str:
        """Open the live page in the browser; answers what to tell the user."""

    def quit(self) -> None:
        """Stop the emulator, as Ctrl-C does."""


def split_keys(typed: str) -> Iterator[str]:
    """The single keys in what was read at once; cursor keys by name, `esc` for a bare Escape."""
    at = 0
    while at < len(typed):
        found = next((s for s in _SEQUENCES if typed.startswith(s, at)), None)
        if found:
            yield _SEQUENCES[found]
            at += len(found)
        elif typed[at] == "\x1b" and typed[at + 1 : at + 2] in ("[", "O"):
            # A key that means nothing here: skip its whole sequence.
            at += 2
            while at < len(typed) and not ("@" <= typed[at] <= "~"):
                at += 1
            at += 1
        else:
            yield "esc" if typed[at] == "\x1b" else typed[at]
            at += 1


def press_key(key: str, screen: Screen, actions: Actions) -> None:
    """Do what `key` means on `screen`."""
    screen.version += 1
    screen.note = ""
    if screen.typing:
        _edit_filter(key, screen)
    elif key in ("up", "k", "down", "j", "page up", "page down", "end"):
        if screen.records_focused and not screen.overlay:
            _scroll_records(key, screen)
        else:
            _move_selection(key, screen)
    elif key == "\t":
        screen.records_focused, screen.last_record = not screen.records_focused, None
    elif key == "s":
        screen.order = "attempts" if screen.order == "due" else "due"
    elif key == "esc":
        _close_topmost(screen)
    elif key in ("l", "?", "e"):
        _toggle_overlay(screen, {"l": "limits", "?": "keys"}.get(key, "problems"))
    elif key == "/":
        screen.typing, screen.overlay = True, None
    else:
        _run_action(key, screen, actions)


def _edit_filter(key: str, screen: Screen) -> None:
    if key in ("\r", "\n"):
        screen.typing = False
    elif key == "esc":
        screen.typing, screen.filter = False, ""
    elif key in ("\x7f", "\b"):
        screen.filter = screen.filter[:-1]
    elif key == "\x15":
        screen.filter = ""
    elif len(key) == 1 and key.isprintable():
        screen.filter += key


def _move_selection(key: str, screen: Screen) -> None:
    up = key in ("up", "k", "page up")
    step = _PAGE if key.startswith("page") else 1
    if screen.overlay:
        screen.scroll = max(0, screen.scroll + (-step if up else step))
        return
    rows = screen.rows
    if not rows:
        return
    if screen.selected not in rows:
        screen.selected = rows[-1] if up else rows[0]
        return
    index = rows.index(screen.selected) + (-step if up else step)
    screen.selected = rows[min(len(rows) - 1, max(0, index))]


def _scroll_records(key: str, screen: Screen) -> None:
    """Move the last record shown; at the newest one, follow again."""
    numbers = screen.record_numbers
    page = max(1, screen.record_rows - 1)
    step = page if key.startswith("page") else 1
    last = len(numbers) if screen.last_record is None else bisect(numbers, screen.last_record)
    last += -step if key in ("up", "k", "page up") else step
    if key == "end" or last >= len(numbers):
        screen.last_record = None
    else:
        screen.last_record = numbers[max(last, min(screen.record_rows, len(numbers))) - 1]


def _close_topmost(screen: Screen) -> None:
    if screen.overlay:
        screen.overlay = None
    elif screen.records_focused:
        screen.records_focused, screen.last_record = False, None
    elif screen.filter:
        screen.filter = ""
    else:
        screen.selected = None


def _toggle_overlay(screen: Screen, overlay: str) -> None:
    wanted: Overlay = (
        "limits" if overlay == "limits" else "keys" if overlay == "keys" else "problems"
    )
    screen.overlay = None if screen.overlay == wanted else wanted
    screen.scroll = 0


def _run_action(key: str, screen: Screen, actions: Actions) -> None:
    if key == " ":
        actions.toggle_pause()
    elif key == ".":
        actions.deliver_one()
    elif key == ">":
        actions.skip_to_next()
    elif key == "o":
        screen.note = actions.open_page()
    elif key == "q":
        actions.quit()
    elif key in ("r", "\r", "\n"):
        chosen = screen.selected if screen.selected in screen.rows else None
        if chosen is None:
            screen.note = "select an event first: up, down"
        elif key == "r":
            actions.retry_now(chosen)
            screen.note = "delivered now"
        else:
            _open_payload(actions.read_payload(chosen), screen)


def _open_payload(found: dict[str, Any] | str, screen: Screen) -> None:
    if isinstance(found, str):
        screen.note = found
    else:
        screen.payload, screen.overlay, screen.scroll = found, "payload", 0
