"""What is embedded in the page, and that nothing of it can break out."""

from __future__ import annotations

import re

import msgspec
import pytest

from forge_emu.report.page import RunInfo, render_page
from forge_emu.report.summary_builder import SummaryBuilder
from tests.report.page.pages import NASTY, import_of_issues

TEMPLATE = '<meta content="connect-src {{connect}}"><script>{{run}}</script>'


def test_hostile_text_cannot_end_the_script() -> None:
    """No markup of an app's is left in the page, and the JSON is the same all the same."""
    played = import_of_issues(20)
    summary = played.summary.summary(now=90_000)
    html = render_page(
        TEMPLATE, summary, played.builder.columns(90_000), RunInfo("1", NASTY, "a")
    ).decode()
    (text,) = re.findall(r"<script>(.*?)</script>", html, re.S)

    assert html.count("<") == TEMPLATE.count("<")
    assert msgspec.json.decode(text)["about"]["app_name"] == NASTY
    assert NASTY in msgspec.json.decode(text)["words"]


@pytest.mark.parametrize("template", ["", "<html>", "{{run}} {{connect}} {{run}}", "{{run}}"])
def test_a_template_without_one_slot_is_refused(template: str) -> None:
    """Half a page is no page."""
    with pytest.raises(ValueError, match="make setup"):
        render_page(template, SummaryBuilder().summary(now=0), {}, RunInfo("1", "n", "i"))


def test_the_same_records_make_the_same_page() -> None:
    """Byte for byte."""
    pages = {
        render_page(
            TEMPLATE,
            played.summary.summary(now=90_000),
            played.builder.columns(90_000),
            RunInfo("1", "n", "i"),
        )
        for played in (import_of_issues(50), import_of_issues(50))
    }

    assert len(pages) == 1
