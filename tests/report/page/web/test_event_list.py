"""The list of all events, as a browser shows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from forge_emu.model import ErrorReport
from tests import browser
from tests.report.page.pages import NASTY, ReportedStream, import_of_issues
from tests.report.page.web.page_actions import (
    LAPTOP,
    SMALL_PHONE,
    box_of,
    choose,
    found_text,
    row_count,
    search,
)

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("text", "found"),
    [
        # EMU-77 and EMU-770 to EMU-779, each with the event it pushed.
        ("EMU-77", 22),
        ("event-123", 1),
        ("write_units", 120),
        ("dropped", 12),
        ("nothing like it", 0),
        ("typeerror", 12),
    ],
)
def test_the_list_is_searched(page: browser.Page, text: str, found: int) -> None:
    """By subject, id, limit, state and error, whatever the case."""
    search(page, text)

    assert found_text(page).startswith(f"{found} of 2,400 events")


def test_the_list_is_filtered_by_state_and_kind(page: browser.Page) -> None:
    """Both at once, and with a search on top."""
    choose(page, "State", "dropped")
    assert found_text(page).startswith("12 of")
    choose(page, "Kind", "product events")
    assert found_text(page).startswith("0 of")
    choose(page, "State", "all")
    assert found_text(page).startswith("1,200 of")
    search(page, "EMU-1199")
    assert found_text(page).startswith("1 of")


def test_an_event_tells_its_story(page: browser.Page) -> None:
    """A click shows the attempts, the limit that was met and the wait."""
    search(page, "event-120")
    box = box_of(page, ".sheet .row")
    page.click(box["x"] + 200, box["y"] + 10)
    story = page.evaluate("document.getElementById('event').innerText")

    assert "asked for a retry after 20 ms" in story
    assert "met limits.kvs.write_units_per_minute" in story
    assert "30 s later" in story
    assert "succeeded" in story


def test_the_list_is_worked_by_the_keyboard(page: browser.Page) -> None:
    """Arrows and End move, Enter goes to the story."""
    page.evaluate("document.querySelector('.view').focus()")
    for key in ("ArrowDown", "ArrowDown", "End"):
        page.press_key(key)
    assert page.evaluate("document.querySelector('.is-selected').dataset.row") == "2399"
    page.press_key("Enter")
    assert page.evaluate("document.activeElement.id") == "event"
    assert "event-1199" in page.evaluate("document.getElementById('event').innerText")


def test_what_was_pressed_is_selected(page: browser.Page) -> None:
    """Where rows move between press and release, the event under the pointer at the press."""
    row = "document.querySelector('.sheet .row')"
    page.evaluate(f"{row}.dispatchEvent(new PointerEvent('pointerdown', {{bubbles: true}}))")
    page.evaluate("document.querySelector('.head .at button').click()")
    page.wait_for_frames()
    assert page.evaluate(f"{row}.dataset.row") == "2399"
    page.evaluate(f"{row}.click()")
    page.wait_for_frames()
    assert page.evaluate("document.querySelector('#event dl').innerText").startswith(
        "id\nproduct-0"
    )
    page.evaluate(f"{row}.click()")
    page.wait_for_frames()
    assert "product-0" not in page.evaluate("document.querySelector('#event dl').innerText")


@pytest.mark.parametrize("subject", ["L" * 400, "\u202eאבג " * 60, "💥" * 90, "two\nlines"])
def test_any_subject_fits(chromium: browser.Browser, tmp_path: Path, subject: str) -> None:
    """In the list, among the marks and in the detail, on a small phone; it turns nothing around."""
    played = ReportedStream()
    played.stream.sent(0, "p1", subject=subject)
    by = played.stream.triggered(0, "p1")
    played.stream.pushed(5, "e1", by=by)
    played.stream.failed(9, "e1", outcome="error", error=ErrorReport("Error", subject))
    page = browser.Page(chromium, *SMALL_PHONE)
    page.open(played.write(tmp_path / "page.html", 60_000))
    page.evaluate("document.querySelectorAll('.sheet .row')[1].click()")
    page.wait_for_frames()

    assert page.evaluate("document.querySelector('#event h3 bdi').textContent") == subject
    inside = "(e => e.scrollWidth <= e.clientWidth)(document.getElementById('event'))"
    assert page.evaluate(inside)
    assert page.evaluate("document.documentElement.scrollWidth") <= SMALL_PHONE[0]
    assert page.errors == []
    page.close()


def test_a_hundred_thousand_events_stay_light(chromium: browser.Browser, tmp_path: Path) -> None:
    """However many there are, only the rows in sight exist, wherever the list is."""
    file = import_of_issues(50_000).write(tmp_path / "large.html", 3_000_000)
    page = browser.Page(chromium, *LAPTOP)
    page.open(file)

    assert found_text(page).startswith("100,000 of 100,000 events")
    counted = [row_count(page)]
    for share in (0.5, 1):
        page.evaluate(
            f"(v => v.scrollTop = v.scrollHeight * {share})(document.querySelector('.view'))"
        )
        page.wait_for_frames()
        counted.append(row_count(page))
    last = page.evaluate("[...document.querySelectorAll('.sheet .row')].at(-1).innerText")
    assert "EMU-49999" in last
    search(page, "EMU-4")
    counted.append(row_count(page))
    assert all(0 < n < 60 for n in counted), counted
    assert page.evaluate("document.querySelectorAll('*').length") < 3_000
    assert file.stat().st_size < 20_000_000
    assert page.errors == []
    page.close()


def test_an_event_shows_what_is_in_it(chromium: browser.Browser, tmp_path: Path) -> None:
    """As text, whatever that is. One of which nothing is kept says so."""
    payload = {"id": "event-7", "kind": "event", "body": {"x": NASTY}, "invocations": []}
    payloads = {"event-7": {**payload, "note": "less than all"}}
    run = import_of_issues(20)
    (tmp_path / "page.html").write_bytes(run.html(3_000_000, payloads=payloads))
    page = browser.Page(chromium, *LAPTOP)
    page.open(tmp_path / "page.html")

    assert "what is in the events" in page.evaluate(
        "document.getElementById('has-payloads').innerText"
    )
    search(page, "event-7")
    page.evaluate("document.querySelector('.view').focus()")
    page.press_key("ArrowDown")
    shown = page.evaluate("document.querySelector('.payload').innerText")
    assert "less than all" in shown
    assert "</script><img src=x onerror=alert(1)>" in shown
    search(page, "event-8")
    page.evaluate("document.querySelector('.view').focus()")
    page.press_key("ArrowDown")
    assert "no longer kept" in page.evaluate("document.getElementById('event').innerText")
    assert page.errors == []
    page.close()
