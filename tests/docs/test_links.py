"""No link of the documentation leads nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.pages import PAGES, Page


def broken(each: Page) -> list[str]:
    """The links to files and sections that do not exist."""
    found = []
    for link in each.links:
        if "://" in link:
            continue
        name, _, anchor = link.partition("#")
        target = (each.path.parent / name).resolve() if name else each.path
        if not target.exists() or (anchor and anchor not in Page(target).anchors):
            found.append(link)
    return found


@pytest.mark.parametrize("each", PAGES, ids=lambda each: each.name)
def test_links_lead_somewhere(each: Page) -> None:
    """To a file of the repository, and to a heading in it."""
    assert broken(each) == []


@pytest.mark.parametrize("each", PAGES, ids=lambda each: each.name)
def test_links_to_the_web_are_safe(each: Page) -> None:
    """All of them are https."""
    assert [link for link in each.links if "://" in link and not link.startswith("https://")] == []


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    """A missing file, and a missing heading; not what only looks like a link."""
    each = Page(tmp_path / "page.md")
    each.path.write_text("# Here\n[a](nowhere.md) [b](#there) [c](#here) `[d](e.md)`\n", "utf-8")

    assert broken(each) == ["nowhere.md", "#there"]
