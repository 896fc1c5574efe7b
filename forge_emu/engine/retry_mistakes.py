"""Mistakes in requests for a retry, which the platform passes over: each kind is said once.

https://developer.atlassian.com/platform/forge/runtime-reference/async-events-api/ (2026-09-01),
events-reference/product_events/ (2026-08-06).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from json import dumps
from math import isfinite
from typing import Final

from msgspec import structs

from forge_emu.engine.journal.journal import Journal
from forge_emu.model import Instant, Json, Outcome, RetryMistake, RetryRequested, Success
from forge_emu.records import Log

REASONS: Final = frozenset(
    {
        "FUNCTION_OUT_OF_MEMORY",
        "FUNCTION_TIME_OUT",
        "FUNCTION_PLATFORM_UNKNOWN_ERROR",
        "FUNCTION_PLATFORM_RATE_LIMITED",
        "FUNCTION_UPSTREAM_RATE_LIMITED",
        "FUNCTION_RETRY_REQUEST",
    }
)
"""The codes of `InvocationErrorCode`."""

FindPlace = Callable[[RetryMistake, str], "str | None"]
"""From a mistake and a function to a file and line of the app; None if not known."""

_NOTHING_ASKED = "the event counts as delivered"


class RetryMistakes:
    """Finds mistakes in outcomes, and says each kind once for each function."""

    def __init__(self, journal: Journal, find_place: FindPlace | None = None) -> None:
        self._journal = journal
        self._find_place = find_place
        self._places: dict[tuple[str, str], str | None] = {}

    def examine(
        self, outcome: Outcome, function: str, *, data_is_object: bool
    ) -> list[RetryMistake]:
        """What is wrong with `outcome`. `data_is_object`: other `retryData` is not sent."""
        if not isinstance(outcome, (Success, RetryRequested)):
            return []
        found = list(outcome.mistakes)
        if isinstance(outcome, RetryRequested):
            found += _mistakes_of_request(outcome, data_is_object=data_is_object)
        return [self._with_place(mistake, function) for mistake in found]

    def report_new(self, mistakes: list[RetryMistake], function: str, now: Instant) -> None:
        """Warn of those whose kind has not been said of `function`."""
        for mistake in mistakes:
            if (mistake.kind, function) not in self._places:
                self._places[mistake.kind, function] = mistake.place
                place = f"{mistake.place}: " if mistake.place else ""
                text = place + mistake_text(function, mistake)
                self._journal.record(Log(level="warn", message=text), now)

    def forget_reported(self) -> None:
        """The app's code has changed: what is wrong with it is said again."""
        self._places.clear()

    def _with_place(self, mistake: RetryMistake, function: str) -> RetryMistake:
        if mistake.place is not None or self._find_place is None:
            return mistake
        key = mistake.kind, function
        known = key in self._places
        place = self._places[key] if known else self._find_place(mistake, function)
        return structs.replace(mistake, place=place)


def mistake_text(function: str, mistake: RetryMistake) -> str:
    """One mistake in words: what it is, what comes of it, and what to do."""
    given = mistake.given
    return {
        "retry_after": f"`{function}` asked for a retry with {given} as `retryAfter`, which is "
        f"{_wait_text(given)}",
        "retry_reason": f"`{function}` asked for a retry for the reason {given}, which is no "
        "`InvocationErrorCode`. Take one of these, and put your own words into `retryData`.",
        "retry_data": f"`{function}` asked for a retry with `retryData` that is not sent whole: "
        f"{given}. Send a plain object of numbers, texts and lists.",
        "returned_error": f"`{function}` returned an error instead of throwing it ({given}): "
        f"{_NOTHING_ASKED}. Throw it, or return an `InvocationError`.",
        "nested_request": f"`{function}` returned an `InvocationError` within something, at "
        f"`{given}`: {_NOTHING_ASKED}. Return the `InvocationError` itself.",
        "plain_request": f"`{function}` returned an object with `{given}`, that asks for no retry: "
        f"{_NOTHING_ASKED}. Return `new InvocationError(...)` of @forge/events.",
    }.get(mistake.kind, f"`{function}`: {given}")


def unusable_retry_after(outcome: RetryRequested) -> str | None:
    """What the app gave as `retryAfter`, where that is no number of seconds; otherwise None."""
    given = outcome.retry_after
    return None if given is None or _is_seconds(given) else _clipped(given)


def _mistakes_of_request(
    outcome: RetryRequested, *, data_is_object: bool
) -> Iterator[RetryMistake]:
    reason, data = outcome.retry_reason, outcome.retry_data
    if (after := unusable_retry_after(outcome)) is not None:
        yield RetryMistake("retry_after", f"`{after}`")
    if reason is not None and reason not in REASONS:
        yield RetryMistake("retry_reason", _words(reason))
    if data_is_object and data is not None and not isinstance(data, dict):
        yield RetryMistake(
            "retry_data", f"{_words(data)} is no object, which a product event needs"
        )


def _wait_text(given: str) -> str:
    """What comes of a wait that is no number; a text of digits is read as the one it spells."""
    try:
        is_read = isfinite(float(given.strip("`")))
    except ValueError:
        is_read = False
    if is_read:
        return "a text: here it counts as so many seconds. Give a number."
    return "no number of seconds: the platform chooses the wait. Look at what it is computed from."


def _is_seconds(value: Json) -> bool:
    """Whether it is a number; one out of bounds is moved, which `clamped_from_ms` says."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_number and isfinite(value)


def _clipped(value: Json) -> str:
    text = value if isinstance(value, str) else dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else text[:79] + "…"


def _words(value: Json) -> str:
    return f"`{_clipped(value)}`"
