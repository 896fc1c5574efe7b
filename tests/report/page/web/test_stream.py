"""The page that follows a run, as a browser shows it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from forge_emu.control.addresses import addresses_of
from forge_emu.control.server import serve_api
from tests import browser
from tests.control.fakes import FakeEmulator
from tests.emulator.harness import in_event_loop
from tests.report.page.pages import ReportedStream, import_of_issues
from tests.report.page.web.page_actions import LAPTOP, found_text, row_count, search
from tests.report.page.web.streamed import StreamedPage

pytestmark = pytest.mark.browser

LINES = 50
ISSUES = 1_000


def _wait_for_events(page: browser.Page, text: str) -> None:
    page.evaluate(
        "new Promise(found => (function look() {"
        f" if (document.getElementById('found')?.textContent === '{text}') found();"
        " else requestAnimationFrame(look); })())"
    )


@in_event_loop
async def test_a_hundred_thousand_events_stay_light_while_they_come() -> None:
    """Only the rows in sight exist, and all can be searched, as in a report."""

    def play_more(played: ReportedStream, n: int) -> int:
        import_of_issues(ISSUES, played, first=n * ISSUES)
        return (n + 1) * ISSUES * 50 + 60_000

    page = StreamedPage(LINES, play_more)
    async with serve_api(FakeEmulator(), addresses_of(None), 0, page) as page.url:
        await asyncio.to_thread(_look_at_all, page.new_link())


def _look_at_all(link: str) -> None:
    with browser.open_browser() as chromium:
        page = browser.Page(chromium, *LAPTOP)
        page.open_address(link)
        page.wait_for_load()
        _wait_for_events(page, "100,000 of 100,000 events")
        assert 0 < row_count(page) < 60
        assert page.evaluate("document.querySelectorAll('*').length") < 3_000
        search(page, "event-49999")
        assert found_text(page) == "1 of 100,000 events"
        assert "1,000 of" not in page.evaluate("document.getElementById('struggled').innerText")
        assert page.errors == []
        page.close()


@in_event_loop
async def test_the_end_is_that_of_the_report(tmp_path: Path) -> None:
    """The same figures, and the same rows in the same order."""

    def play_more(played: ReportedStream, n: int) -> int:
        import_of_issues(40, played, first=n * 40)
        return (n + 1) * 2_000 + 60_000

    page = StreamedPage(5, play_more)
    async with serve_api(FakeEmulator(), addresses_of(None), 0, page) as page.url:
        streamed = await asyncio.to_thread(_texts, page.new_link())
    played = ReportedStream()
    for n in range(5):
        now = play_more(played, n)
    report = await asyncio.to_thread(_texts, played.write(tmp_path / "report.html", now))

    assert streamed == report
    assert "threw an error" in report["#event .story"]


def _texts(place: str | Path) -> dict[str, str]:
    """What the page at a link or in a file says of 400 events."""
    with browser.open_browser() as chromium:
        page = browser.Page(chromium, *LAPTOP)
        if isinstance(place, Path):
            page.open(place)
        else:
            page.open_address(place)
            page.wait_for_load()
        _wait_for_events(page, "400 of 400 events")
        search(page, "EMU-107")
        page.evaluate("document.querySelectorAll('.sheet .row')[1].click()")
        page.wait_for_frames()
        texts = {
            name: str(page.evaluate(f"document.querySelector('{name}').innerText"))
            for name in ("#struggled", "#counts", ".sheet", "#over-time .legend", "#event .story")
        }
        page.close()
        return texts
