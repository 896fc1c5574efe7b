"""Makes up issues and pages: the same from the same seed, in any number."""

from __future__ import annotations

from typing import Final

from forge_emu.site.content import GivenIssue, GivenPage, SiteContent
from forge_emu.site.dates import DAY, jira_time

_SUBJECTS: Final = (
    "The export of reports", "The search", "A reminder by mail", "The import of contacts",
    "The page of settings", "The list of invoices", "The sign-in", "The backup at night",
)  # fmt: skip
_TROUBLES: Final = (
    "stops halfway", "takes too long", "shows old values", "lacks a filter", "needs a description",
    "fails with large files", "is not translated", "cannot be undone",
)  # fmt: skip
_TYPES: Final = ("Bug", "Bug", "Task", "Task", "Story", "Epic")
_STATUSES: Final = ("To Do", "To Do", "In Progress", "Done")
_PRIORITIES: Final = ("Highest", "High", "Medium", "Medium", "Low", "Lowest")
_LABELS: Final = ("backend", "frontend", "customer", "regression")
_TOPICS: Final = (
    "Meeting notes", "Decision record", "How to release", "Runbook", "Design", "Retrospective",
)  # fmt: skip
_SPREAD_DAYS: Final = 90


class _Draws:
    """Numbers that follow from a seed: the generator of Numerical Recipes, its high bits."""

    def __init__(self, seed: int) -> None:
        self._state = (seed * 2_654_435_761 + 1) % 2**64

    def below(self, n: int) -> int:
        """A number from 0 to `n` - 1."""
        self._state = (self._state * 6_364_136_223_846_793_005 + 1_442_695_040_888_963_407) % 2**64
        return (self._state >> 33) % n

    def one_of(self, words: tuple[str, ...]) -> str:
        """One of the words."""
        return words[self.below(len(words))]


def generate_content(
    issues: int, pages: int, seed: int, accounts: tuple[str, ...], now_ms: int, first_page: int = 1
) -> SiteContent:
    """Issues of the project EMU and pages of the space EMU, made within the last 90 days.

    `accounts` are who may have reported them. Pages are numbered from `first_page`.
    """
    draws = _Draws(seed)
    return SiteContent(
        issues=[_issue(draws, accounts, now_ms) for _ in range(issues)],
        pages=[_page(draws, first_page + n, accounts, now_ms) for n in range(pages)],
    )


def _issue(draws: _Draws, accounts: tuple[str, ...], now_ms: int) -> GivenIssue:
    summary = f"{draws.one_of(_SUBJECTS)} {draws.one_of(_TROUBLES)}"
    created = now_ms - 1 - draws.below(_SPREAD_DAYS * DAY)
    return GivenIssue(
        summary,
        type=draws.one_of(_TYPES),
        status=draws.one_of(_STATUSES),
        priority=draws.one_of(_PRIORITIES),
        assignee=draws.one_of(accounts) if draws.below(3) else None,
        reporter=draws.one_of(accounts),
        labels=[draws.one_of(_LABELS)] if draws.below(2) else [],
        description=f"{summary}.\nSeen by {draws.below(40) + 1} users.",
        created=jira_time(created),
        comments=["It happens here as well."] * draws.below(3),
    )


def _page(draws: _Draws, number: int, accounts: tuple[str, ...], now_ms: int) -> GivenPage:
    title = f"{draws.one_of(_TOPICS)} {number}"
    created = now_ms - 1 - draws.below(_SPREAD_DAYS * DAY)
    return GivenPage(
        title,
        body=f"<h1>{title}</h1><p>{draws.one_of(_SUBJECTS)} {draws.one_of(_TROUBLES)}.</p>",
        labels=[draws.one_of(_LABELS)] if draws.below(2) else [],
        author=draws.one_of(accounts),
        created=jira_time(created),
    )
