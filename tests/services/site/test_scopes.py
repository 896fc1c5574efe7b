"""Scopes of calls."""

from __future__ import annotations

import pytest

from forge_emu.services.site.scopes import missing_scope


@pytest.mark.parametrize(
    ("alternatives", "given", "missing"),
    [
        (("read:jira-work", "read:issue:jira"), ("read:issue:jira",), False),
        (("read:jira-work", "read:issue:jira"), ("read:jira-work", "storage:app"), False),
        (("read:jira-work", "read:issue:jira"), ("read:jira-user",), True),
        (("read:jira-work",), (), True),
        ((), (), False),
    ],
)
def test_one_of_the_scopes_is_enough(
    alternatives: tuple[str, ...], given: tuple[str, ...], missing: bool
) -> None:
    """A route that needs none is open to all."""
    assert missing_scope(alternatives, given) is missing
