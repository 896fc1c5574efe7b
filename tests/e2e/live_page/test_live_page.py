"""The live page of a real run in a real browser: seen, and acted on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests import browser
from tests.e2e import apps
from tests.e2e.emulator_process import EmulatorProcess, run_command, running_emulator
from tests.e2e.live_page.opened import LivePage, new_link, open_page
from tests.report.page.web.page_actions import PHONE, SMALL_PHONE

pytestmark = [pytest.mark.node, pytest.mark.browser]

FAILING = apps.QUEUED.replace(
    "  const { key } = event.body;",
    "  const { key } = event.body;\n  if (key !== 'EMU-3') throw new Error(`no ${key}`);",
)


@pytest.fixture(scope="module")
def chromium() -> Iterator[browser.Browser]:
    with browser.open_browser() as found:
        yield found


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """An app whose consumer throws at every event but that of EMU-3."""
    folder = apps.queued_app(tmp_path)
    (folder / "src" / "index.js").write_text(FAILING)
    return folder


@pytest.fixture
def emulator(app: Path) -> Iterator[EmulatorProcess]:
    # No retry comes by itself while a test looks at an event.
    with running_emulator(app, "--set", "async_events.backoff.first_seconds=600") as run:
        yield run


@pytest.fixture
def page(chromium: browser.Browser, emulator: EmulatorProcess) -> Iterator[LivePage]:
    with open_page(chromium, new_link(emulator.app)) as opened:
        yield opened
        assert opened.errors == []


def _send(page: LivePage, count: int) -> None:
    page.fill("#trigger input[type=number]", str(count))
    page.press("#trigger", "send")


def test_a_link_is_used_up_and_the_address_has_no_token(
    page: LivePage, emulator: EmulatorProcess
) -> None:
    """Another browser gets a page that says how to get in, and nothing else."""
    address = page.page.evaluate("location.href")
    assert "token" not in address
    assert page.page.evaluate("document.cookie") == ""
    url = address.removesuffix("/")
    for path in ("/", "/v1/page", "/v1/status", "/v1/kvs", "/?token=wrong"):
        answer = httpx.get(url + path, trust_env=False)
        assert answer.status_code == 401, path
        assert "EMU" not in answer.text
    assert [r["status"] for r in emulator.records_of("control.refused")] == []
    emulator.wait_for_type("control.refused")


def test_what_happens_is_seen_and_acted_on(page: LivePage) -> None:
    """Sent, failed, retried at once, cancelled, dropped, and sent again."""
    _send(page, 3)
    page.wait_for_text("#notice", "Sent 3 events")
    page.wait_for_text("#found", "6 of 6 events")
    page.choose_state("pending")
    page.choose_event("EMU-1", "store-later")
    page.wait_for_text("#event .story", "threw an error")
    assert "pushed for" in page.text_of("#event")
    page.press("#event", "retry now")
    page.wait_for("document.querySelectorAll('#event .story li').length >= 2")
    page.choose_event("EMU-2", "store-later")
    page.press("#event", "cancel")
    page.choose_state("all")
    page.wait_for_text("#event dl", "cancelled")

    page.press(".bar", "until idle")
    page.choose_state("dropped")
    page.fill("#search", "")
    page.wait_for_text("#found", "1 of 6 events")
    page.choose_event("EMU-1", "store-later")
    page.wait_for_text("#event dl", "dropped (max retries)")
    page.wait_for("document.querySelectorAll('#event .story li').length === 5")
    page.press("#event", "replay")
    page.wait_for_text("#notice", "Sent again: 1 new event.")
    page.choose_state("all")
    page.fill("#search", "")
    page.wait_for_text("#found", "7 of 7 events")
    page.wait_for_text("#struggled", "3 events")


def test_parent_and_children_lead_to_each_other(page: LivePage) -> None:
    """As links in the detail of an event."""
    _send(page, 3)
    page.wait_for_text("#found", "6 of 6 events")
    page.choose_state("succeeded")
    page.choose_event("EMU-3", "avi:jira:created:issue")
    page.wait_for_text("#event", "pushed")
    page.page.evaluate("document.querySelector('#event .link').click()")
    page.wait_for_text("#event dl", "pushed for")
    page.wait_for_text("#event dl", "store-later")


def test_what_is_in_an_event_is_shown(page: LivePage) -> None:
    """What was pushed, what the handler was given, what it threw, and its requests."""
    _send(page, 3)
    page.wait_for_text("#found", "6 of 6 events")
    page.choose_state("pending")
    page.choose_event("EMU-1", "store-later")
    page.wait_for_text("#event .story", "threw an error")
    page.page.evaluate("document.querySelector('#event .payload summary').click()")
    page.wait_for_text("#event .payload", '"key": "EMU-1"')
    page.wait_for_text("#event .payload", "no EMU-1")
    page.choose_state("succeeded")
    page.fill(".filters label:nth-of-type(3) select", "queued events")
    page.choose_event("EMU-3", "store-later")
    page.wait_for_text("#event dl", "store-later")
    page.page.evaluate("document.querySelector('#event .payload summary').click()")
    page.wait_for_text("#event .payload", "POST")


def test_an_attempt_that_is_looked_at_stays_open(page: LivePage) -> None:
    """The first one is open by itself; those that follow are not, and do not close it."""
    _send(page, 1)
    page.page.evaluate("window.attempts = '#event .contents > details'")
    page.choose_event("EMU-1", "store-later")
    page.wait_for_text("#event .story", "threw an error")
    page.page.evaluate("document.querySelector('#event .payload summary').click()")
    page.wait_for("document.querySelector(attempts).open")
    page.press("#event", "retry now")
    page.wait_for("document.querySelectorAll(attempts).length >= 2")

    states = "[...document.querySelectorAll(attempts)].map(each => each.open)"
    assert page.page.evaluate(states)[:2] == [True, False]


@pytest.mark.parametrize("size", [PHONE, SMALL_PHONE])
def test_a_phone_shows_all_of_it(page: LivePage, size: tuple[int, int]) -> None:
    """Without scrolling sideways, with the store and a payload open; values have a line each."""
    page.page.set_size(*size)
    _send(page, 3)
    page.press("#store", "show what is stored")
    page.press("#trigger", "edit the payload")
    page.wait_for_text("#stored", "EMU-3")
    page.wait_for_text("#found", "6 of 6 events")

    assert page.page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert page.page.evaluate("document.querySelector('#stored tbody tr').clientHeight") < 60


def test_the_wave_grows(page: LivePage) -> None:
    """The chart is drawn anew as attempts are made."""
    picture = "document.querySelector('#over-time canvas')?.toDataURL()"
    before = page.page.evaluate(picture)
    _send(page, 20)
    page.wait_for_text("#over-time", "first attempts 40")

    # The chart is drawn after its legend.
    page.wait_for(f"{picture} && {picture} !== {json.dumps(before)}")


def test_time_and_queues_are_held_and_released(page: LivePage) -> None:
    """The same as the commands do; a wrong entry is refused in words."""
    page.press(".bar", "stop time")
    page.wait_for_text(".bar", "stands still")
    page.fill(".bar .entry input", "soon")
    page.press(".bar", "advance")
    page.wait_for_text("#notice", '"soon" is no span of time')
    page.fill(".bar .entry input", "2h")
    page.press(".bar", "advance")
    page.wait_for_text("#clock", "+2:00:")
    page.press(".bar", "let time go on")
    page.press("#queues", "pause")
    page.wait_for_text("#queues", "paused")
    page.press(".bar", "until idle")
    page.wait_for_text("#notice", "delivery is held")
    page.press("#queues", "resume")
    page.press(".bar", "pause delivery")
    page.press(".bar", "resume delivery")
    page.wait_for_text("#notice", "deliver again")


def test_a_payload_is_edited_and_sent(page: LivePage, emulator: EmulatorProcess) -> None:
    """What is no JSON is not sent."""
    page.press("#trigger", "edit the payload")
    page.wait_for("document.querySelector('#payload-text').value.includes('issue')")
    page.fill("#payload-text", "{")
    page.press("#trigger", "send")
    page.wait_for_text("#notice", "The payload is no JSON")
    page.fill("#payload-text", '{"issue": {"id": "1", "key": "MINE-7"}}')
    page.press("#trigger", "send")

    sent = emulator.wait_for_type("product_event.sent")
    assert sent["subject"] == "MINE-7"
    page.wait_for_text("#found", "2 of 2 events")


def test_the_store_is_searched_changed_and_emptied(page: LivePage, app: Path) -> None:
    """Values are JSON, and the store's own rules refuse."""
    _send(page, 3)
    page.press("#store", "show what is stored")
    page.wait_for_text("#stored", "EMU-3")
    page.fill("#store-prefix", "none")
    page.wait_for_text("#store", "No key begins with")
    page.fill("#store-prefix", "EMU")
    page.press("#stored", "EMU-3")
    page.fill("#value-text", '{"mine": true}')
    page.press("#store", "save")
    page.wait_for_text("#stored", '{"mine":true}')
    assert run_command("kvs", "get", "EMU-3", "--app", app).stdout.split() == [
        "{",
        '"mine":',
        "true",
        "}",
    ]
    page.press("#store", "new key")
    page.fill("#store .editor input", "")
    page.press("#store .editor", "save")
    page.wait_for("document.querySelector('#notice').classList.contains('is-bad')")
    page.press("#store .editor", "close")
    page.press("#stored", "EMU-3")
    page.press("#store .editor", "delete")
    page.wait_for("!document.querySelector('#stored').innerText.includes('EMU-3')")


def test_a_page_that_is_opened_late_shows_all(
    chromium: browser.Browser, emulator: EmulatorProcess
) -> None:
    """What was sent and how it ended before; another page later the same."""
    run_command("trigger", "issue-created", "--count", "50", "--app", emulator.app)
    for dark in (False, True):
        with open_page(chromium, new_link(emulator.app), dark=dark) as late:
            late.wait_for_text("#found", f"{102 if dark else 100} of")
            if not dark:
                run_command("trigger", "issue-created", "--app", emulator.app)
            late.wait_for_text("#found", "102 of 102 events")
            assert late.errors == []


def test_a_page_out_of_sight_lets_its_connection_go(
    page: LivePage, emulator: EmulatorProcess
) -> None:
    """After a while; seen again, it shows what happened meanwhile."""
    # The while is over at once.
    page.page.evaluate(
        "window.later = setTimeout;"
        "window.setTimeout = (f, ms, ...rest) => later(f, ms === 15_000 ? 0 : ms, ...rest);"
        "window.show = (state) => {"
        " Object.defineProperty(document, 'visibilityState', {value: state, configurable: true});"
        " document.dispatchEvent(new Event('visibilitychange')); }; show('hidden')"
    )
    page.wait_for_text("#connection", "reconnecting")
    run_command("trigger", "issue-created", "--app", emulator.app)
    emulator.wait_for_type("product_event.succeeded")
    assert page.text_of("#found") == "0 of 0 events"
    page.page.evaluate("show('visible')")
    page.wait_for_text("#connection", "live")
    page.wait_for_text("#found", "2 of 2 events")


def test_a_restart_of_the_emulator_is_survived(chromium: browser.Browser, app: Path) -> None:
    """The page says that it waits, and goes on with the new run at the same address."""
    with running_emulator(app) as first, open_page(chromium, new_link(app)) as page:
        _send(page, 1)
        page.wait_for_text("#found", "2 of 2 events")
        first.kill()
        page.wait_for_text("#connection", "reconnecting")
        with running_emulator(app):
            page.wait_for_text("#connection", "live")
            page.wait_for_text("#found", "2 of 2 events")
            _send(page, 1)
            page.wait_for_text("#found", "4 of 4 events")
