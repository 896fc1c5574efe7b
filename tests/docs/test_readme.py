"""README is short, and leads to everything else."""

from __future__ import annotations

import pytest

from tests.docs.pages import DOCS, OTHERS, PAGES, README, Page, anchor_of, page

LONG = 100
"""Lines from which on a page has a list of its sections."""


def test_the_readme_is_short() -> None:
    """Whoever is new reads it to its end."""
    assert len(README.text.splitlines()) <= 220


def test_every_page_is_in_the_contents() -> None:
    """Of the documentation, to which README leads."""
    contents = page("docs/README.md")

    assert "docs/README.md" in README.links
    assert {d.path.name for d in DOCS if d is not contents} - set(contents.links) == set()
    assert {f"../{each.name}" for each in OTHERS} - set(contents.links) == set()


@pytest.mark.parametrize("each", PAGES, ids=lambda each: each.name)
def test_a_long_page_lists_its_sections(each: Page) -> None:
    """With links."""
    if len(each.text.splitlines()) < LONG or each.name == "CHANGELOG.md":
        return
    listed = {link for link in each.links if link.startswith("#")}
    sections = [text for level, text in each.headings if level == 2 and text != "Contents"]
    missing = [text for text in sections if f"#{anchor_of(text)}" not in listed]

    # The routes of the control API are listed one by one.
    assert [text for text in missing if text != "Routes"] == []
