"""What the names in a path stand for."""

from __future__ import annotations

import pytest

from tests.services.site.jira_driver import with_issues


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("issue/EMU-1/comment/9", "Can not find a comment for the id: 9."),
        ("issue/EMU-1/worklog/9", "Cannot find worklog with id: '9'."),
        ("project/NO", "No project could be found with key 'NO'."),
    ],
)
def test_what_is_not_there_is_named(path: str, text: str) -> None:
    """With status 404."""
    assert with_issues(1).send("GET", path) == (404, {"errorMessages": [text], "errors": {}})


def test_keys_are_found_in_small_letters_too() -> None:
    """As in Jira."""
    assert with_issues(1).send("GET", "issue/emu-1")[1]["key"] == "EMU-1"
