"""The page of the report as a browser shows it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import browser
from tests.report.pages import ReportedStream, import_of_issues

pytestmark = pytest.mark.browser

ALL_EVENTS = 2_400
LAPTOP = (1280, 800)
PHONE = (390, 844)

# How many pixels of a canvas differ from its first one.
INK = """(canvas => {
  const d = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  let n = 0;
  for (let i = 4; i < d.length; i += 4) if (d[i] !== d[0] || d[i + 3] !== d[3]) n += 1;
  return n;
})"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[browser.Browser]:
    """One browser for all tests; each opens a tab of its own."""
    with browser.open_browser() as found:
        yield found


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An import of 1,200 issues: as many product events as queued ones."""
    file = tmp_path_factory.mktemp("page") / "report.html"
    return import_of_issues(ALL_EVENTS // 2).write(file, 200_000)


@pytest.fixture
def page(chromium: browser.Browser, report: Path) -> Iterator[browser.Page]:
    """The report, open on a laptop."""
    opened = browser.Page(chromium, *LAPTOP)
    opened.open(report)
    yield opened
    assert opened.errors == []
    opened.close()


def _rows(page: browser.Page) -> int:
    return int(page.evaluate("document.querySelectorAll('.sheet .row').length"))


def _found(page: browser.Page) -> str:
    return str(page.evaluate("document.getElementById('found').textContent"))


def _search(page: browser.Page, text: str) -> None:
    page.evaluate("document.getElementById('search').focus()")
    page.evaluate("document.getElementById('search').select()")
    page.type(text)


def _choose(page: browser.Page, label: str, option: str) -> None:
    page.evaluate(
        f"(s => {{ s.value = '{option}'; s.dispatchEvent(new Event('input')) }})"
        f"([...document.querySelectorAll('label')].find(l => l.textContent.startsWith('{label}'))"
        ".querySelector('select'))"
    )
    page.wait_for_frames()


def _box(page: browser.Page, selector: str) -> dict[str, Any]:
    page.evaluate(
        "document.documentElement.style.scrollBehavior = 'auto';"
        f"document.querySelector('{selector}').scrollIntoView({{block: 'center'}})"
    )
    page.wait_for_frames()
    found: dict[str, Any] = page.evaluate(
        f"document.querySelector('{selector}').getBoundingClientRect().toJSON()"
    )
    return found


def test_it_opens_and_draws(page: browser.Page) -> None:
    """Every chart has something on it, and nothing was fetched but the file."""
    ink = page.evaluate(f"[...document.querySelectorAll('canvas')].map({INK})")

    assert len(ink) >= 6
    assert min(ink) > 500
    assert [url for url in page.requests if not url.startswith(("file:", "data:"))] == []
    assert page.evaluate("document.documentElement.dataset.ready") == "yes"


def test_it_says_what_happened(page: browser.Page) -> None:
    """The figures of the summary, with their units, and the advice with its places."""
    text = page.evaluate("document.body.innerText")

    assert "1,200" in text
    assert "1,188 succeeded, 12 dropped" in text
    assert "Store write units units/min" in text.replace("\n", " ")
    assert "mean 1,201" in text or "mean 1,200" in text
    assert "docs/advice.md" in text


def test_hostile_text_stays_text(page: browser.Page) -> None:
    """Markup in keys, subjects and messages is shown, and never becomes markup."""
    assert page.evaluate("document.title") == "Sample · forge-emu report"
    assert page.evaluate("document.querySelectorAll('img').length") == 0
    assert page.evaluate("document.querySelectorAll('script').length") == 2
    assert "<img src=x onerror=alert(1)>" in page.evaluate("document.body.innerText")


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
    _search(page, text)

    assert _found(page).startswith(f"{found} of 2,400 events")


def test_the_list_is_filtered_by_state_and_kind(page: browser.Page) -> None:
    """Both at once, and with a search on top."""
    _choose(page, "State", "dropped")
    assert _found(page).startswith("12 of")
    _choose(page, "Kind", "product events")
    assert _found(page).startswith("0 of")
    _choose(page, "State", "all")
    assert _found(page).startswith("1,200 of")
    _search(page, "EMU-1199")
    assert _found(page).startswith("1 of")


def test_an_event_tells_its_story(page: browser.Page) -> None:
    """A click shows the attempts, the limit that was met and the wait."""
    _search(page, "event-120")
    box = _box(page, ".sheet .row")
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
    _box(page, ".timeline")
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


def test_an_empty_run_has_a_page_too(chromium: browser.Browser, tmp_path: Path) -> None:
    """Nothing happened, and nothing breaks."""
    page = browser.Page(chromium, *LAPTOP)
    page.open(ReportedStream().write(tmp_path / "empty.html", 0))

    assert page.evaluate("document.documentElement.dataset.ready") == "yes"
    assert _found(page) == "0 of 0 events"
    assert "None: every event went through" in page.evaluate("document.body.innerText")
    assert page.errors == []
    page.close()


@pytest.mark.parametrize("size", [LAPTOP, PHONE])
@pytest.mark.parametrize("dark", [False, True])
def test_it_fits_and_can_be_read(
    chromium: browser.Browser, report: Path, size: tuple[int, int], dark: bool
) -> None:
    """No scrolling sideways, and enough contrast between text and what is behind it."""
    page = browser.Page(chromium, *size, dark=dark)
    page.open(report)

    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert _contrast(page, "--text", "--page") >= 7
    for colour in ("--dim", "--accent", "--good", "--bad", "--retry", "--limit"):
        least = 3 if colour == "--retry" else 4.5
        assert _contrast(page, colour, "--card") >= least, colour
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (_luminance(background) < 0.2) is dark
    assert page.errors == []
    page.close()


def test_a_change_of_theme_redraws_the_charts(page: browser.Page) -> None:
    """A system that goes dark in the evening does not leave dark ink on dark ground."""
    picture = "document.querySelector('canvas').toDataURL()"
    before = page.evaluate(picture)
    page.set_theme(dark=True)
    page.wait_for_frames()

    assert page.evaluate(picture) != before


def test_a_hundred_thousand_events_stay_light(chromium: browser.Browser, tmp_path: Path) -> None:
    """However many there are, only the rows in sight exist, wherever the list is."""
    file = import_of_issues(50_000).write(tmp_path / "large.html", 3_000_000)
    page = browser.Page(chromium, *LAPTOP)
    page.open(file)

    assert _found(page).startswith("100,000 of 100,000 events")
    counted = [_rows(page)]
    for share in (0.5, 1):
        page.evaluate(
            f"(v => v.scrollTop = v.scrollHeight * {share})(document.querySelector('.view'))"
        )
        page.wait_for_frames()
        counted.append(_rows(page))
    last = page.evaluate("[...document.querySelectorAll('.sheet .row')].at(-1).innerText")
    assert "EMU-49999" in last
    _search(page, "EMU-4")
    counted.append(_rows(page))
    assert all(0 < n < 60 for n in counted), counted
    assert page.evaluate("document.querySelectorAll('*').length") < 3_000
    assert file.stat().st_size < 20_000_000
    assert page.errors == []
    page.close()


def _contrast(page: browser.Page, front: str, back: str) -> float:
    shades = [
        _luminance(
            page.evaluate(
                "(e => { document.body.append(e); const c = getComputedStyle(e).color; e.remove();"
                f" return c; }})((e => {{ e.style.color = 'var({name})'; return e; }})"
                "(document.createElement('i')))"
            )
        )
        for name in (front, back)
    ]
    return (max(shades) + 0.05) / (min(shades) + 0.05)


def _luminance(rgb: str) -> float:
    """Relative luminance of `rgb(1, 2, 3)`, as WCAG 2 defines it."""
    parts = [int(p) / 255 for p in rgb.removeprefix("rgb(").removesuffix(")").split(",")]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
