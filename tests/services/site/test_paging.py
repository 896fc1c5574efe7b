"""Pages of a list."""

from __future__ import annotations

import pytest

from forge_emu.services.site.paging import page_bean, page_bounds
from tests.services.site.jira_driver import JiraDriver


@pytest.mark.parametrize(
    ("query", "bounds"),
    [("", (0, 50)), ("startAt=3&maxResults=7", (3, 7)), ("maxResults=1000", (0, 100)),
     ("startAt=x&maxResults=0", (0, 1))],
)  # fmt: skip
def test_bounds_are_read_and_held(query: str, bounds: tuple[int, int]) -> None:
    """A size is from 1 to the most that the resource gives."""
    assert page_bounds(JiraDriver().call("GET", f"/x?{query}"), 50, 100) == bounds


def test_a_page_says_whether_it_is_the_last() -> None:
    """With the number of all."""
    page = page_bean(["a", "b", "c"], 1, 1)

    assert (page["values"], page["total"], page["isLast"]) == (["b"], 3, False)
    assert page_bean(["a"], 0, 5)["isLast"] is True
