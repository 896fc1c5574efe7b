"""The page of the report as a whole, as a browser shows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from forge_emu.records import RequestUnsupported
from forge_emu.report.summary import ConditionVerdict
from tests import browser
from tests.report.page.pages import ReportedStream
from tests.report.page.web.page_actions import LAPTOP, PHONE, found_text

pytestmark = pytest.mark.browser

# How many pixels of a canvas differ from its first one.
INK = """(canvas => {
  const d = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  let n = 0;
  for (let i = 4; i < d.length; i += 4) if (d[i] !== d[0] || d[i + 3] !== d[3]) n += 1;
  return n;
})"""


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


def test_it_says_what_came_of_each_condition(chromium: browser.Browser, tmp_path: Path) -> None:
    """Above all else; without a condition there is no such part."""
    conditions = [
        ConditionVerdict("dropped>0", "dropped == 0", passed=False, value=2, value_text="2"),
        ConditionVerdict("p95>5m", "p95 <= 5m", passed=True, value=None, value_text="none"),
    ]
    played = ReportedStream()
    page = browser.Page(chromium, *LAPTOP)
    page.open(played.write(tmp_path / "judged.html", 2, conditions=conditions))

    text = page.evaluate("document.getElementById('verdict').innerText")
    assert text.split("\n") == [
        "Failed: 1 of 2 conditions not met",
        "✗ dropped == 0: 2",
        "– p95 <= 5m: the run has no such figure",
    ]
    assert page.evaluate("document.querySelector('main').firstElementChild.id") == "verdict"
    assert page.errors == []
    page.open(played.write(tmp_path / "unjudged.html", 2))
    assert page.evaluate("document.getElementById('verdict')") is None
    page.close()


def test_it_says_how_much_of_the_success_to_trust(
    chromium: browser.Browser, tmp_path: Path
) -> None:
    """Where requests went nowhere, and only there."""
    played = ReportedStream()
    played.stream.sent(0, "p")
    by = played.stream.triggered(0, "p")
    body = RequestUnsupported(
        service="jira", method="GET", path="/x", message="", invocation_id=by, mock="{}"
    )
    played.stream.record(1, body)
    played.stream.returned(2, by, "p")
    played.stream.product_succeeded(2, "p")
    page = browser.Page(chromium, *LAPTOP)
    page.open(played.write(tmp_path / "missing.html", 2))

    text = page.evaluate("document.getElementById('missing-answers').innerText")
    assert text == "1 succeeded, 1 of them after a request that nothing answered."


def test_queues_are_counted_by_state(page: browser.Page) -> None:
    """As on the live page, with nothing to press."""
    queues = page.evaluate("document.getElementById('queues').innerText").split("\n")
    assert [line for line in queues if "\t" in line and "1,200" in line]
    assert page.evaluate("document.querySelectorAll('#queues button').length") == 0
    links = (
        "[...document.querySelectorAll('nav a')].map(a => document.querySelector(a.hash) !== null)"
    )
    assert all(page.evaluate(links))


def test_drops_of_both_kinds_of_events_are_added_up(
    chromium: browser.Browser, tmp_path: Path
) -> None:
    """They can have the same reason."""
    page = browser.Page(chromium, *LAPTOP)
    more = {"drops": {"max_retries": 54}, "product_event_drops": {"max_retries": 500}}
    page.open(ReportedStream().write(tmp_path / "dropped.html", 2, **more))

    assert "max retries\t554" in page.evaluate("document.getElementById('counts').innerText")
    page.close()


def test_an_empty_run_has_a_page_too(chromium: browser.Browser, tmp_path: Path) -> None:
    """Nothing happened, and nothing breaks."""
    page = browser.Page(chromium, *LAPTOP)
    page.open(ReportedStream().write(tmp_path / "empty.html", 0))

    assert page.evaluate("document.documentElement.dataset.ready") == "yes"
    assert found_text(page) == "0 of 0 events"
    assert "Queues" not in page.evaluate("document.body.innerText")
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
    for colour in (
        "--dim",
        "--accent",
        "--good",
        "--bad",
        "--retry",
        "--limit-1",
        "--limit-2",
        "--limit-3",
        "--limit-4",
    ):
        least = 3 if colour == "--retry" else 4.5
        assert _contrast(page, colour, "--card") >= least, colour
    for colour in ("--dim", "--accent", "--good", "--bad", "--pending"):
        for back in ("--page", "--select", "--code"):
            assert _contrast(page, colour, back) >= 4.5, (colour, back)
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
