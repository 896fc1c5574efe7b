"""What a reader does on the page of a report."""

from __future__ import annotations

from typing import Any

from tests import browser

LAPTOP = (1280, 800)
PHONE = (390, 844)
SMALL_PHONE = (320, 700)


def row_count(page: browser.Page) -> int:
    """How many rows of the list are in the document."""
    return int(page.evaluate("document.querySelectorAll('.sheet .row').length"))


def found_text(page: browser.Page) -> str:
    """What the list says it found."""
    return str(page.evaluate("document.getElementById('found').textContent"))


def search(page: browser.Page, text: str) -> None:
    """Type `text` into the search."""
    page.evaluate("document.getElementById('search').focus()")
    page.evaluate("document.getElementById('search').select()")
    page.type(text)


def choose(page: browser.Page, label: str, option: str) -> None:
    """Choose an option of the filter `label`."""
    page.evaluate(
        f"(s => {{ s.value = '{option}'; s.dispatchEvent(new Event('input')) }})"
        f"([...document.querySelectorAll('label')].find(l => l.textContent.startsWith('{label}'))"
        ".querySelector('select'))"
    )
    page.wait_for_frames()


def box_of(page: browser.Page, selector: str) -> dict[str, Any]:
    """Scroll an element into sight; answers where it is."""
    page.evaluate(
        "document.documentElement.style.scrollBehavior = 'auto';"
        f"document.querySelector('{selector}').scrollIntoView({{block: 'center'}})"
    )
    page.wait_for_frames()
    found: dict[str, Any] = page.evaluate(
        f"document.querySelector('{selector}').getBoundingClientRect().toJSON()"
    )
    return found
