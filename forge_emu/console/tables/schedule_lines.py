"""Scheduled triggers as lines of text: the interval, the next run, and how the last one ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from forge_emu.durations import countdown_text, duration_text
from forge_emu.model import Instant


class ScheduleFacts(Protocol):
    """What is known of a scheduled trigger, as the control API has it."""

    @property
    def key(self) -> str:
        """The key of the module."""

    @property
    def interval(self) -> str:
        """As in the manifest."""

    @property
    def next_due(self) -> Instant | None:
        """None where it runs no more."""

    @property
    def paused(self) -> bool:
        """Whether runs are skipped."""

    @property
    def last_ended(self) -> Instant | None:
        """None where no run has ended."""

    @property
    def last_outcome(self) -> str | None:
        """`succeeded`, or the reason of the failure."""


def schedule_lines(found: Sequence[ScheduleFacts], now: Instant) -> list[str]:
    """A line for each schedule."""
    if not found:
        return ["the app has no scheduled triggers"]
    width = max(len(each.key) for each in found)
    return [
        f"{each.key:<{width}}  {each.interval:<10}  {_next_run(each, now)}{_last_run(each, now)}"
        for each in found
    ]


def next_run_text(found: Sequence[ScheduleFacts], now: Instant) -> str | None:
    """The first run to come in a few words; None where there is none."""
    due = [(each.next_due, each.key) for each in found if each.next_due and not each.paused]
    if due:
        at, key = min(due)
        return f"next {key} in {countdown_text(max(at - now, 0))}"
    return "schedules paused" if any(each.paused for each in found) else None


def _next_run(each: ScheduleFacts, now: Instant) -> str:
    if each.paused:
        return "paused"
    if each.next_due is None:
        return "no further run"
    return f"next run in {countdown_text(max(each.next_due - now, 0))}"


def _last_run(each: ScheduleFacts, now: Instant) -> str:
    if each.last_ended is None:
        return ""
    ago = duration_text(max(now - each.last_ended, 0))
    if each.last_outcome == "succeeded":
        return f"; the last one succeeded {ago} ago"
    return f"; the last one failed {ago} ago ({each.last_outcome})"
