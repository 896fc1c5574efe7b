"""The charts over time, as a browser shows them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import browser
from tests.report.page.pages import ReportedStream
from tests.report.page.web.page_actions import LAPTOP

pytestmark = pytest.mark.browser


def test_all_charts_show_the_same_time(page: browser.Page) -> None:
    """Zooming in narrows every chart over time; `all` goes back."""
    pictures = "[...document.querySelectorAll('canvas')].map(c => c.toDataURL())"
    before = page.evaluate(pictures)
    page.evaluate("document.querySelector('[aria-label=\"Zoom in\"]').click()")
    page.wait_for_frames()
    during = page.evaluate(pictures)
    page.evaluate("document.querySelector('[aria-label=\"Show all of the time\"]').click()")
    page.wait_for_frames()

    # The histogram of attempts knows no time.
    assert sum(a != b for a, b in zip(before, during, strict=True)) == len(before) - 1
    assert page.evaluate(pictures) == before


def test_a_first_burst_does_not_hide_the_retries(chromium: browser.Browser, tmp_path: Path) -> None:
    """It is cut off with its number at the top, until one wants to see all of it."""
    played = ReportedStream()
    for n in range(600):
        played.stream.pushed(0, f"e{n}", delay=500)
        played.stream.failed(500, f"e{n}")
        played.stream.retry(520, f"e{n}", 5_000 + n * 100)
        played.stream.succeeded(5_000 + n * 100, f"e{n}")
    page = browser.Page(chromium, *LAPTOP)
    page.open(played.write(tmp_path / "burst.html", 70_000))
    pressed = "document.querySelector('[aria-pressed]').ariaPressed"
    picture = "document.querySelector('canvas').toDataURL()"
    before = page.evaluate(picture)

    assert page.evaluate(pressed) == "true"
    page.evaluate("document.querySelector('[aria-pressed]').click()")
    page.wait_for_frames()
    assert page.evaluate(pressed) == "false"
    assert page.evaluate(picture) != before
    assert page.errors == []
    page.close()


def test_a_refusal_is_seen_behind_a_burst(chromium: browser.Browser, tmp_path: Path) -> None:
    """Red at the top of its step, where the bar is as high as the chart and hides the band."""
    red = """(canvas => {
      const d = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
      let n = 0;
      for (let i = 0; i < d.length; i += 4)
        if (d[i] === 198 && d[i + 1] === 47 && d[i + 2] === 58) n += 1;
      return n;
    })(document.querySelector('#over-time canvas'))"""
    found = []
    for is_refused in (False, True):
        played = ReportedStream()
        for n in range(600):
            played.stream.pushed(0, f"e{n}", delay=500)
            played.stream.failed(500, f"e{n}")
        if is_refused:
            played.stream.push_refused(500)
        page = browser.Page(chromium, *LAPTOP)
        page.open(played.write(tmp_path / "burst.html", 10_000))
        found.append(page.evaluate(red))
        page.close()

    assert found[0] == 0
    assert found[1] > 10
