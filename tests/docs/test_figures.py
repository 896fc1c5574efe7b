"""docs/simulate.md lists what can be asked for."""

from __future__ import annotations

import re

import pytest

from forge_emu.simulate.plan.conditions import parse_conditions
from forge_emu.simulate.plan.figures import all_figures
from tests.docs.pages import PAGES, Page, page

TEXT = page("docs/simulate.md").text


@pytest.mark.parametrize(
    "name", [name for name in all_figures() if not name.startswith("refused.")]
)
def test_every_figure_is_listed(name: str) -> None:
    """By its name."""
    assert f"`{name}`" in TEXT


def test_no_other_figure_is_listed() -> None:
    """In the table, but for the placeholder of a limit's name."""
    listed = {
        name
        for cells in page("docs/simulate.md").rows("figure", "counts")
        for name in re.findall(r"`([^`]+)`", cells[0])
    }

    assert listed - set(all_figures()) == {"refused.<limit>"}


@pytest.mark.parametrize("each", PAGES, ids=lambda each: each.name)
def test_every_condition_can_be_asked_for(each: Page) -> None:
    """Wherever one is written, in text and in commands."""
    written = [code.strip("'") for code in each.code if re.fullmatch(r"'[\w.]+[<>=!]+\S+'", code)]
    written += re.findall(r"--fail-on '([^']+)'", each.text)
    for text in written:
        if "CONDITION" not in text:
            parse_conditions([text])
