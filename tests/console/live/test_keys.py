"""What keys do: to the screen, and to the emulator."""

from __future__ import annotations

import pytest

from forge_emu.console.live.keys import press_key, split_keys
from forge_emu.console.live.state import Screen
from tests.console.live.actions import RecordedActions


def _typed(text: str, screen: Screen) -> list[str]:
    asked = RecordedActions()
    for key in split_keys(text):
        press_key(key, screen, asked)
    return asked.calls


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("q", ["q"]),
        ("\x1b[A\x1b[Bk", ["up", "down", "k"]),
        ("\x1bOA", ["up"]),
        ("\x1b", ["esc"]),
        ("\x1b[5~\x1b[6~", ["page up", "page down"]),
        ("\x1b[F\x1bOF", ["end", "end"]),
        ("\x1b[1;5Cx", ["x"]),
        ("\x1b[", []),
        ("ü", ["ü"]),
    ],
)
def test_bytes_become_keys(text: str, keys: list[str]) -> None:
    """Cursor keys by name; keys that mean nothing leave no rubbish behind."""
    assert list(split_keys(text)) == keys


@pytest.mark.parametrize(
    ("key", "call"),
    [(" ", "toggle_pause"), (".", "deliver_one"), (">", "skip_to_next"), ("q", "quit")],
)
def test_keys_act_on_the_emulator(key: str, call: str) -> None:
    """One key, one call."""
    assert _typed(key, Screen()) == [call]


def test_the_page_is_opened_and_the_screen_says_so() -> None:
    """`o`."""
    screen = Screen()

    assert _typed("o", screen) == ["open_page"]
    assert screen.note == "it opens"


def test_retry_takes_the_selected_event() -> None:
    """Down selects, `r` delivers it now."""
    assert _typed("jjr", Screen(rows=["a", "b", "c"])) == ["retry_now b"]


def test_retry_without_a_selection_says_what_to_do() -> None:
    """Nothing is delivered by accident."""
    screen = Screen(rows=["a"])

    assert _typed("r", screen) == []
    assert screen.note


def test_retry_of_an_event_that_has_ended_does_nothing() -> None:
    """It is no longer among the rows."""
    assert _typed("r", Screen(rows=["a"], selected="gone")) == []


@pytest.mark.parametrize(
    ("keys", "selected"),
    [
        ("j", "a"),
        ("k", "d"),
        ("jj", "b"),
        ("jjjjjjj", "d"),
        ("jk", "a"),
        ("j\x1b[6~", "d"),
        ("j\x1b", None),
    ],
)
def test_the_selection_moves_within_the_rows(keys: str, selected: str | None) -> None:
    """It stops at both ends, and Escape takes it away."""
    screen = Screen(rows=["a", "b", "c", "d"])
    _typed(keys, screen)

    assert screen.selected == selected


def test_the_filter_takes_every_key_until_enter() -> None:
    """`q` and space are letters while a filter is typed."""
    screen = Screen()
    calls = _typed("/q emX\x7f\r", screen)

    assert (calls, screen.filter, screen.typing) == ([], "q em", False)


def test_escape_clears_the_filter() -> None:
    """While it is typed, and afterwards."""
    screen = Screen()
    _typed("/abc\x1b", screen)
    assert (screen.filter, screen.typing) == ("", False)

    _typed("/abc\r\x1b", screen)
    assert screen.filter == ""


@pytest.mark.parametrize(("key", "overlay"), [("l", "limits"), ("?", "keys"), ("e", "problems")])
def test_overlays_open_and_close(key: str, overlay: str) -> None:
    """The same key, or Escape, closes what it has opened."""
    opened, closed, escaped = Screen(), Screen(), Screen()
    _typed(key, opened)
    _typed(key + key, closed)
    _typed(key + "\x1b", escaped)

    assert [s.overlay for s in (opened, closed, escaped)] == [overlay, None, None]


def test_an_overlay_scrolls() -> None:
    """Up and down move its rows rather than the selection."""
    screen = Screen(rows=["a"])
    _typed("ljjj\x1b[A", screen)

    assert (screen.scroll, screen.selected) == (2, None)


def test_every_key_asks_for_a_new_frame() -> None:
    """The version grows, so that the console redraws."""
    screen = Screen()
    _typed("j?", screen)

    assert screen.version == 2


def test_records_scroll_within_what_is_kept() -> None:
    """The first page is the end of the way up; below the newest one they are followed again."""
    screen = Screen(record_numbers=list(range(101, 141)), record_rows=10)
    seen = []
    for key in ("\t", "k", "\x1b[5~", "\x1b[5~" * 9, "j", "\x1b[F", "k", "j"):
        _typed(key, screen)
        seen.append(screen.last_record)
    assert seen == [None, 139, 130, 110, 111, None, 139, None]
    _typed("k\x1b", screen)
    assert (screen.records_focused, screen.last_record) == (False, None)


def test_s_changes_the_order_and_back() -> None:
    """By the next delivery at first."""
    screen = Screen()
    assert [(_typed("s", screen), screen.order)[1] for _ in range(2)] == ["attempts", "due"]


def test_enter_opens_what_is_in_the_selected_event() -> None:
    """Up and down scroll it, Esc closes it; without a selection it says what to do."""
    screen = Screen(rows=["known"])
    assert _typed("\r", screen) == []
    assert screen.note == "select an event first: up, down"
    assert _typed("j\r", screen) == ["read_payload known"]
    assert (screen.overlay, screen.payload and screen.payload["id"]) == ("payload", "known")
    _typed("jj", screen)
    assert (screen.scroll, screen.selected) == (2, "known")
    _typed("\x1b", screen)
    assert screen.overlay is None


def test_enter_on_an_event_of_which_nothing_is_kept_says_so() -> None:
    """And opens nothing."""
    screen = Screen(rows=["gone"])
    _typed("j\r", screen)
    assert (screen.overlay, screen.note) == (None, "nothing is kept")
