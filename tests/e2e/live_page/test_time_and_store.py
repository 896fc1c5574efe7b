"""Time moved to what is due, and a store that is very full, on a live page in a real browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import browser
from tests.e2e import apps
from tests.e2e.emulator_process import run_command, running_emulator
from tests.e2e.live_page.opened import new_link, open_page

pytestmark = [pytest.mark.node, pytest.mark.browser]

FAILING = apps.QUEUED.replace("  const { key } = event.body;", "  throw new Error('no');", 1)
VALUES = 100_000


@pytest.fixture(scope="module")
def chromium() -> Iterator[browser.Browser]:
    with browser.open_browser() as found:
        yield found


def test_next_due_goes_to_each_retry(chromium: browser.Browser, tmp_path: Path) -> None:
    """Ten minutes away, and no further; with nothing due it cannot be pressed."""
    app = apps.queued_app(tmp_path)
    (app / "src" / "index.js").write_text(FAILING)
    settings = ("async_events.backoff.first_seconds=600", "async_events.max_retries=2")
    given = [word for setting in settings for word in ("--set", setting)]
    with running_emulator(app, *given) as run, open_page(chromium, new_link(app)) as page:
        button = (
            "[...document.querySelectorAll('.bar button')].find(b => b.innerText === 'next due')"
        )
        assert page.page.evaluate(f"{button}.disabled")
        page.press("#trigger", "send")
        first = run.wait_for_type("retry.scheduled")
        page.press(".bar", "next due")
        page.wait_for_text("#notice", "Time goes to what is due next.")
        second = run.wait_for_type("retry.scheduled")
        page.press(".bar", "next due")
        dropped = run.wait_for_type("event.dropped")
        page.wait_for(f"{button}.disabled")

        assert first["due_at"] - first["at"] > 300_000
        assert 0 <= second["at"] - first["due_at"] < 60_000
        assert 0 <= dropped["at"] - second["due_at"] < 60_000
        assert page.errors == []


def test_a_store_of_a_hundred_thousand_values(chromium: browser.Browser, tmp_path: Path) -> None:
    """Listed by pages, found by prefix, and one of them deleted: the others stay."""
    app = apps.queued_app(tmp_path / "app")
    stored = tmp_path / "store.json"
    stored.write_text(json.dumps({f"note:{n:06}": {"n": n} for n in range(VALUES)}))
    given = ("--ephemeral", "--kvs", str(stored))
    with running_emulator(app, *given), open_page(chromium, new_link(app)) as page:
        page.press("#store", "show what is stored")
        page.wait_for_text("#stored", "note:000000")
        rows = "document.querySelectorAll('#stored tbody tr').length"
        shown = page.page.evaluate(rows)
        page.press("#store .pager", "more ›")
        page.wait_for_text("#stored", f"note:{shown:06}")
        page.press("#store .pager", "‹ before")
        page.wait_for_text("#stored", "note:000000")

        page.fill("#store-prefix", "note:0999")
        page.wait_for_text("#stored", "note:099999")
        page.press("#stored", "note:099999")
        page.press("#store .editor", "delete")
        page.wait_for_text("#notice", "Deleted note:099999.")
        page.wait_for("!document.querySelector('#stored').innerText.includes('note:099999')")
        assert page.page.evaluate(rows) == 99
        gone = run_command("kvs", "get", "note:099999", "--app", app)
        assert (gone.returncode, gone.stdout) == (2, "")
        assert run_command("kvs", "get", "note:099998", "--app", app).returncode == 0
        assert page.errors == []
