"""What is seen first, and what is linked, as a browser shows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from forge_emu.report.page import EDITOR_LINKS, RunInfo
from forge_emu.report.summary import ConditionVerdict
from tests import browser
from tests.report.page.pages import import_of_issues
from tests.report.page.web.page_actions import PHONE, SMALL_PHONE

pytestmark = pytest.mark.browser

DESKTOP = (1440, 900)
CONDITIONS = [
    ConditionVerdict("dropped>0", "dropped == 0", passed=False, value=2, value_text="2"),
    ConditionVerdict("p95>5m", "p95 <= 5m", passed=True, value=1, value_text="1 ms"),
    ConditionVerdict("retries>9", "retries <= 9", passed=False, value=10, value_text="10"),
]
BREAKS_IN_WORDS = """[...document.querySelectorAll('td, th, p, li, h1, h2, h3, dd')].filter(e => {
  const range = document.createRange();
  const walker = document.createTreeWalker(e, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode());) {
    for (const match of node.data.matchAll(/[A-Za-z]{2,30}/g)) {
      range.setStart(node, match.index);
      range.setEnd(node, match.index + match[0].length);
      const tops = [...range.getClientRects()].filter(r => r.width > 0).map(r => Math.round(r.top));
      if (new Set(tops).size > 1) return true;
    }
  }
  return false;
}).map(e => e.innerText.slice(0, 200))"""

OUT_OF_REACH = """[...document.querySelectorAll('*')].filter(e => {
  const { overflowX, overflowY } = getComputedStyle(e);
  const scrolls = (way, size, room) => /auto|scroll/.test(way) && size > room;
  return (scrolls(overflowX, e.scrollWidth, e.clientWidth)
    || scrolls(overflowY, e.scrollHeight, e.clientHeight))
    && ![e, ...e.querySelectorAll('*')].some(each => each.tabIndex >= 0);
}).map(e => e.outerHTML.slice(0, 200))"""
PLACE_OF_PLOT = """(e => {
  const { left, width } = e.getBoundingClientRect();
  return [left - e.closest('.plot').getBoundingClientRect().left, width];
})(document.querySelector('#over-time .u-over'))"""


def _open(
    chromium: browser.Browser, tmp_path: Path, size: tuple[int, int], about: RunInfo | None = None
) -> browser.Page:
    file = tmp_path / "page.html"
    file.write_bytes(import_of_issues(600).html(60_000, about, conditions=CONDITIONS))
    page = browser.Page(chromium, *size)
    page.open(file)
    return page


def test_the_verdict_and_the_wave_are_seen_without_scrolling(
    chromium: browser.Browser, tmp_path: Path
) -> None:
    """Whole, on a screen of usual size."""
    page = _open(chromium, tmp_path, DESKTOP)
    for selector in ("#verdict", "#over-time canvas"):
        box = page.evaluate(
            f"document.querySelector('{selector}').getBoundingClientRect().toJSON()"
        )
        assert 0 <= box["top"] < box["bottom"] <= DESKTOP[1], selector
    page.close()


@pytest.mark.parametrize("size", [DESKTOP, PHONE, SMALL_PHONE])
def test_words_do_not_break_in_the_middle(
    chromium: browser.Browser, tmp_path: Path, size: tuple[int, int]
) -> None:
    """Names of limits break behind their dots."""
    page = _open(chromium, tmp_path, size)

    assert page.evaluate(BREAKS_IN_WORDS) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    page.close()


@pytest.mark.parametrize("size", [DESKTOP, PHONE, SMALL_PHONE])
def test_what_scrolls_is_reached_by_the_keyboard(
    chromium: browser.Browser, tmp_path: Path, size: tuple[int, int]
) -> None:
    """The list, an event, and what is too wide for a phone."""
    page = _open(chromium, tmp_path, size)
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    page.evaluate("document.querySelector('.sheet .row').click()")
    page.wait_for_frames()

    assert page.evaluate(OUT_OF_REACH) == []
    page.close()


def test_a_chart_of_a_window_that_was_narrow_has_room_for_its_labels(
    chromium: browser.Browser, tmp_path: Path
) -> None:
    """Limits are named on the right of a wide one, as if it had been opened like that."""
    page = _open(chromium, tmp_path, PHONE)
    narrow = page.evaluate(PLACE_OF_PLOT)
    page.set_size(*DESKTOP)
    page.wait_for_frames()
    widened = page.evaluate(PLACE_OF_PLOT)
    page.close()
    wide = _open(chromium, tmp_path, DESKTOP)

    assert widened == wide.evaluate(PLACE_OF_PLOT) != narrow
    wide.close()


def test_limits_are_named_beside_the_chart_in_their_colours(
    chromium: browser.Browser, tmp_path: Path
) -> None:
    """And what they refused is counted."""
    page = _open(chromium, tmp_path, DESKTOP)
    legend = page.evaluate("document.querySelector('#over-time .legend').innerText")

    assert "4,000 units/min: about 333 writes a minute" in legend
    assert "a limit refused 60" in legend
    assert page.evaluate("document.querySelectorAll('#over-time .swatch.dash').length") == 1
    page.close()


@pytest.mark.parametrize(
    ("editor", "href"),
    [
        ("vscode", "vscode://file/home/me/my%20app/src/index.js:3:1"),
        ("idea", "idea://open?file=/home/me/my%20app/src/index.js&line=3&column=1"),
        ("none", None),
    ],
)
def test_a_place_in_the_code_opens_the_editor(
    chromium: browser.Browser, tmp_path: Path, editor: str, href: str | None
) -> None:
    """As the setting says; without a link it is text."""
    link = EDITOR_LINKS.get(editor, "")
    root = "/home/me/my app" if link else ""
    about = RunInfo("1", "Sample", "ari:1", root=root, editor_link=link)
    page = _open(chromium, tmp_path, DESKTOP, about)

    place = "document.querySelector('#counts .spot')"
    assert page.evaluate(f"{place}.innerText") == "src/index.js:3"
    assert page.evaluate(f"{place}.getAttribute('href')") == href
    page.close()
