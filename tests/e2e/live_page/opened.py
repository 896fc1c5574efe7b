"""A live page that is open in a browser, and what a reader does on it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import browser
from tests.e2e.emulator_process import run_command

LAPTOP = (1440, 900)
WAIT_MS = 60_000
"""Real milliseconds after which a test gives up; no test depends on a shorter time."""


class LivePage:
    """An open live page."""

    def __init__(self, page: browser.Page) -> None:
        self.page = page

    @property
    def errors(self) -> list[str]:
        """What went wrong in the page; that the emulator refused something is in the browser's log,
        too."""
        return [text for text in self.page.errors if "status of 400" not in text]

    def wait_for(self, expression: str) -> None:
        """Wait until an expression of JavaScript is true, looking at every frame."""
        said = json.dumps(f"in vain: {expression}")
        self.page.evaluate(
            f"new Promise((found, fail) => {{ setTimeout(() => fail({said}), {WAIT_MS});"
            "(function look() {"
            f" let is = false; try {{ is = Boolean({expression}); }} catch {{ is = false; }}"
            " if (is) found(true); else requestAnimationFrame(look); })() })"
        )

    def wait_for_text(self, selector: str, text: str) -> None:
        """Wait until an element has a text in it."""
        found = f"document.querySelector({json.dumps(selector)}).innerText"
        self.wait_for(f"{found}.includes({json.dumps(text)})")

    def text_of(self, selector: str) -> str:
        """The text of an element."""
        return str(self.page.evaluate(f"document.querySelector({json.dumps(selector)}).innerText"))

    def press(self, within: str, name: str) -> None:
        """Press the button of a name, once it is there and can be pressed."""
        button = (
            f"[...document.querySelectorAll({json.dumps(within + ' button')})]"
            f".find(b => b.innerText === {json.dumps(name)} && !b.disabled)"
        )
        # Found and pressed in one step: what is drawn changes as events come.
        self.wait_for(f"(b => {{ b?.click(); return b; }})({button})")

    def fill(self, selector: str, text: str) -> None:
        """Put a text into a field."""
        self.page.evaluate(
            f"(field => {{ field.value = {json.dumps(text)};"
            " field.dispatchEvent(new Event('input', {bubbles: true})); })"
            f"(document.querySelector({json.dumps(selector)}))"
        )
        self.page.wait_for_frames()

    def choose_event(self, text: str, place: str) -> None:
        """Search for an event, and select the one of a queue or of an Atlassian event.

        The place decides between a product event and what was pushed for it: both have the
        issue's key, and both may be pending.
        """
        self.fill("#search", text)
        found = (
            "[...document.querySelectorAll('.sheet .row')]"
            f".find(row => row.querySelector('.place').innerText === {json.dumps(place)}"
            f" && row.querySelector('.event').innerText.includes({json.dumps(text)}))"
        )
        # Found and selected in one step: rows move as events come.
        self.wait_for(f"(row => {{ row?.click(); return row; }})({found})")

    def choose_state(self, state: str) -> None:
        """Show events of a state alone."""
        self.fill(".filters select", state)


def new_link(app: Path) -> str:
    """What `forge-emu open --print` prints."""
    done = run_command("open", "--print", "--app", app)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@contextmanager
def open_page(chromium: browser.Browser, link: str, *, dark: bool = False) -> Iterator[LivePage]:
    """The page of a link, once it shows something."""
    page = browser.Page(chromium, *LAPTOP, dark=dark)
    page.open_address(link)
    # The link's own document goes on to the page.
    page.wait_for_load()
    opened = LivePage(page)
    opened.wait_for("document.documentElement.dataset.ready && document.getElementById('clock')")
    try:
        yield opened
    finally:
        page.close()
