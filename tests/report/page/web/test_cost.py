"""What a run is billed: on the page as in the terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from forge_emu.report.format import usd_text
from tests import browser
from tests.report.page.pages import ReportedStream
from tests.report.page.web.page_actions import LAPTOP
from tests.report.page.web.page_modules import evaluate

AMOUNTS = sorted(
    {0.0, 1.0, 0.999, 1_234.5}
    | {n / 10**digits for digits in range(9) for n in (1, 2, 7, 12, 99, 104, 251, 996, 1_234)}
)


@pytest.mark.node
def test_dollars_are_spelt_alike() -> None:
    """From a part of a cent to thousands."""
    written = evaluate("format.js", "usdText", f"{json.dumps(AMOUNTS)}.map(usdText)")
    assert written == [usd_text(amount) for amount in AMOUNTS]


@pytest.mark.browser
def test_the_parts_have_a_row_each(chromium: browser.Browser, tmp_path: Path) -> None:
    """With amount and price; where nothing is billed there is no such table."""
    played = ReportedStream()
    page = browser.Page(chromium, *LAPTOP)
    played.stream.loaded(speed=None)
    page.open(played.write(tmp_path / "free.html", 2))
    assert page.evaluate("document.getElementById('cost')") is None
    played.stream.sent(0, "p1")
    played.stream.returned(0, played.stream.triggered(0, "p1"), "p1", took=9_900)
    page.open(played.write(tmp_path / "billed.html", 2))
    words = page.evaluate("document.getElementById('cost').innerText").replace("\t", " ")
    assert words.split("\n")[0] == "Cost $0.000125"
    assert "Functions 5 GB-s $0.000125" in words
    assert "100 ms of computing" in words
    assert page.errors == []
    page.close()
