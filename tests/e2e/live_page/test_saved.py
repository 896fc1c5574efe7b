"""`--report` is what one saw, saved."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import browser
from tests.e2e import apps
from tests.e2e.emulator_process import run_command, running_emulator
from tests.e2e.live_page.opened import LAPTOP, new_link, open_page
from tests.report.page.web.page_actions import choose

pytestmark = [pytest.mark.node, pytest.mark.browser]

SECTIONS = (
    "#summary",
    "#over-time",
    "#queues",
    "#advice",
    "#limits",
    "#struggled",
    "#counts",
    "#events",
)
SOME_FAIL = apps.QUEUED.replace(
    "  const { key } = event.body;",
    "  const { key } = event.body;\n  if (key.endsWith('7')) throw new Error(`no ${key}`);",
)


def _section(page: browser.Page, selector: str) -> str:
    """Its text without what acts, asks the emulator, or is of the present."""
    return str(
        page.evaluate(
            f"(section => {{ const copy = section.cloneNode(true);"
            " const alive = '#queues button, .actions, .payload, .now, .hidden';"
            " for (const each of copy.querySelectorAll(alive)) each.remove();"
            f" return copy.textContent; }})(document.querySelector('{selector}'))"
        )
    )


def _sections(page: browser.Page) -> dict[str, str]:
    choose(page, "State", "dropped")
    page.evaluate("document.querySelector('.sheet .row').click()")
    page.wait_for_frames()
    return {selector: _section(page, selector) for selector in SECTIONS}


def test_the_report_is_what_was_seen(tmp_path: Path) -> None:
    """Section by section, and the charts are as large."""
    app, file = apps.queued_app(tmp_path / "app"), tmp_path / "report.html"
    (app / "src" / "index.js").write_text(SOME_FAIL)
    sizes = "[...document.querySelectorAll('canvas')].map(c => [c.width, c.height])"
    with (
        browser.open_browser() as chromium,
        running_emulator(app, "--virtual", "--report", str(file)) as emulator,
    ):
        with open_page(chromium, new_link(app)) as live:
            run_command("trigger", "issue-created", "--count", "520", "--app", app)
            live.wait_for_text("#found", "1,040 of 1,040 events")
            live.wait_for("document.querySelector('.bar').innerText.includes(' 0 pending')")
            # Figures come less often than the rest.
            live.wait_for("!document.querySelector('#summary').innerText.includes('pending')")
            seen, seen_sizes = _sections(live.page), live.page.evaluate(sizes)
        emulator.interrupt()
        emulator.wait_for_summary()
        report = browser.Page(chromium, *LAPTOP)
        report.open(file)
        saved, saved_sizes = _sections(report), report.evaluate(sizes)
        assert report.errors == []
        report.close()

    assert seen == saved
    assert seen_sizes == saved_sizes
    assert "dropped (max retries)" in saved["#events"]
