"""The timeline of the events that struggled, as a browser shows it."""

from __future__ import annotations

import pytest

from tests import browser
from tests.report.page.web.page_actions import box_of

pytestmark = pytest.mark.browser


def test_the_timeline_is_worked_by_the_keyboard(page: browser.Page) -> None:
    """Arrows go from mark to mark and say what it is, Enter opens the event."""
    page.evaluate("document.querySelector('.timeline').focus()")
    page.press_key("ArrowDown")
    page.press_key("ArrowRight")
    tip = page.evaluate("document.querySelector('.timeline .tip').innerText")
    assert "attempt 2" in tip
    assert "TypeError" in tip
    assert "dropped (max retries)" in tip
    page.press_key("Enter")
    assert "threw an error" in page.evaluate("document.getElementById('event').innerText")


def test_hovering_over_a_mark_tells_it(page: browser.Page) -> None:
    """The worst event is on top, its first attempt at the left."""
    box_of(page, ".timeline")
    spot = page.evaluate(
        "(o => ({x: o.x, y: o.y, w: o.width, h: o.height}))"
        "(document.querySelector('.timeline .u-over').getBoundingClientRect())"
    )
    seen = set()
    for step in range(0, int(spot["w"]) // 2, 8):
        page.move(spot["x"] + step, spot["y"] + 12)
        if not page.evaluate("document.querySelector('.timeline .tip').hidden"):
            seen.add(page.evaluate("document.querySelector('.timeline .tip').innerText"))
    assert any("attempt 1" in text for text in seen)
