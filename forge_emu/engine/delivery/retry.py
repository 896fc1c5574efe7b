"""What becomes of a delivery, given how its invocation ended: one pure function and its policies.

Rules: https://developer.atlassian.com/platform/forge/runtime-reference/async-events-api/
(2026-09-01), events-reference/product_events/ (2026-08-06), storage-api-limit-handling/
(2026-08-21).
"""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Final, TypeAlias

import msgspec
from msgspec.structs import replace

from forge_emu import settings as s
from forge_emu.engine.backoff import Backoff
from forge_emu.model import (
    HOUR,
    DropReason,
    Failed,
    Instant,
    Interrupted,
    Json,
    Millis,
    Outcome,
    OutOfMemory,
    PlatformError,
    RetryRequested,
    Success,
    TimedOut,
    seconds_to_ms,
)

DEFAULT_REASON = "FUNCTION_RETRY_REQUEST"


class Policy(msgspec.Struct, frozen=True):
    """How one kind of delivery is retried. `max_retries` None: until the window ends.

    `limits_all` says whether `max_retries` limits all retries, those that the platform makes by
    itself included; then the count that the app sees is only of those that it asked for. Otherwise
    platform-level errors use up none, and make the retention `window` longer by `extension`: while
    they last, or `extended_for_good` from the first one on. `retry_thrown` says whether a thrown
    error is retried at all, `data_is_object` whether `retryData` is sent only if it is an object.
    With `counts_all` the app sees the count of all retries. `reason_of` names what the platform
    retries for, where that is not as usual.
    """

    max_retries: int | None
    shortest: Millis
    longest: Millis
    backoff: Backoff
    error_reason: str
    keep_data: bool
    limits_all: bool
    retry_thrown: bool
    window: Millis | None
    extension: Millis
    extended_for_good: bool = False
    data_is_object: bool = False
    counts_all: bool = False
    reason_of: Callable[[Ending], str] | None = None

    def is_counted(self, outcome: Ending) -> bool:
        """Whether the retry after `outcome` raises the count that the app sees."""
        if self.counts_all:
            return True
        if self.limits_all:
            return isinstance(outcome, RetryRequested)
        return not isinstance(outcome, PlatformError)

    def retries_made(self, history: History, *, counted: bool) -> int:
        """How many retries of the kind of the next one there were."""
        if self.limits_all:
            return history.retry_count + history.platform_errors
        return history.retry_count if counted else history.platform_errors


class History(msgspec.Struct, frozen=True):
    """What happened to a delivery before: counted retries, uncounted ones, its data.

    Its retention window began at `created_at`.
    """

    retry_count: int
    platform_errors: int
    retry_data: Json
    created_at: Instant


class InvocationLimitReached(msgspec.Struct, frozen=True):
    """A limit of invocations kept a delivery from starting: `limit` is the setting.

    The platform counts it among the app-level errors (runtime-reference/async-events-api/).
    """

    limit: str


Ending: TypeAlias = Outcome | InvocationLimitReached
"""How an attempt ended, or why it could not begin."""


class Done(msgspec.Struct, frozen=True):
    """The delivery has succeeded: nothing follows."""


class Retry(msgspec.Struct, frozen=True):
    """Deliver again at `at`."""

    at: Instant
    reason: str
    asked_by: str
    counted: bool
    data: Json
    clamped_from: Millis | None
    data_left_out: bool = False


class Drop(msgspec.Struct, frozen=True):
    """Give up at `at`, which lies in the future when the retention window has yet to end."""

    at: Instant
    reason: str


class Expire(msgspec.Struct, frozen=True):
    """Retry no more at `at`, when the retention window ends while platform errors last.

    The platform does not call such an event dropped.
    """

    at: Instant


class DeliverAgain(msgspec.Struct, frozen=True):
    """Deliver again at once, as if this invocation had not been."""


Decision: TypeAlias = Done | Retry | Drop | Expire | DeliverAgain


def decide(
    outcome: Ending,
    history: History,
    policy: Policy,
    now: Instant,
    chance: Callable[[], float],
) -> Decision:
    """What becomes of a delivery whose invocation ended with `outcome` at `now`."""
    if isinstance(outcome, Success):
        return Done()
    if isinstance(outcome, Interrupted):
        return DeliverAgain()
    counted = policy.is_counted(outcome)
    if isinstance(outcome, Failed) and not policy.retry_thrown:
        return Drop(now, DropReason.HANDLER_ERROR)
    made = policy.retries_made(history, counted=counted)
    limited = counted or policy.limits_all
    if limited and policy.max_retries is not None and made >= policy.max_retries:
        return Drop(now, DropReason.MAX_RETRIES)
    retry = _retry(outcome, history, policy, now, counted, chance)
    end = window_end(history, policy, platform_error=not counted)
    if end is not None and retry.at > end:
        at = max(end, now)
        return Drop(at, DropReason.RETENTION_WINDOW) if counted else Expire(at)
    return retry


def window_end(history: History, policy: Policy, *, platform_error: bool) -> Instant | None:
    """When the retention window ends. `platform_error`: whether the last attempt ended in one."""
    if policy.window is None:
        return None
    extended = platform_error or (policy.extended_for_good and history.platform_errors > 0)
    return history.created_at + policy.window + (policy.extension if extended else 0)


def _retry(
    outcome: Ending,
    history: History,
    policy: Policy,
    now: Instant,
    counted: bool,
    chance: Callable[[], float],
) -> Retry:
    if isinstance(outcome, RetryRequested):
        reason = outcome.retry_reason
        reason = reason if isinstance(reason, str) and reason else DEFAULT_REASON
        asked = _milliseconds(outcome.retry_after)
        if asked is None:
            made = policy.retries_made(history, counted=counted)
            wait, clamped = policy.backoff.wait(made, chance()), None
        else:
            wait = min(max(asked, policy.shortest), policy.longest)
            clamped = asked if wait != asked else None
        data = outcome.retry_data
        left_out = policy.data_is_object and data is not None and not isinstance(data, dict)
        if left_out:
            data = None
        return Retry(now + wait, reason, "app", True, data, clamped, left_out)
    reason = (
        policy.reason_of(outcome)
        if policy.reason_of
        else {
            Failed: policy.error_reason,
            TimedOut: "FUNCTION_TIME_OUT",
            OutOfMemory: "FUNCTION_OUT_OF_MEMORY",
            InvocationLimitReached: "FUNCTION_PLATFORM_RATE_LIMITED",
        }.get(type(outcome), "FUNCTION_PLATFORM_UNKNOWN_ERROR")
    )
    kept = policy.keep_data or (not counted and not policy.limits_all)
    data = history.retry_data if kept else None
    wait = policy.backoff.wait(policy.retries_made(history, counted=counted), chance())
    return Retry(now + wait, reason, "platform", counted, data, None)


def _milliseconds(retry_after: Json) -> Millis | None:
    """`retryAfter` in milliseconds; None where the app gave no usable number."""
    if isinstance(retry_after, str):
        try:
            retry_after = float(retry_after)
        except ValueError:
            return None
    if isinstance(retry_after, bool) or not isinstance(retry_after, (int, float)):
        return None
    if not isfinite(retry_after):
        return None
    # Past any clamp the exact figure is of no use, and a float of it could overflow.
    return seconds_to_ms(min(max(retry_after, -1e9), 1e9))


def async_policy(settings: s.Settings) -> Policy:
    """How events of a queue are retried."""
    return Policy(
        max_retries=settings[s.ASYNC_MAX_RETRIES],
        shortest=seconds_to_ms(settings[s.ASYNC_MIN_RETRY_SECONDS]),
        longest=seconds_to_ms(settings[s.ASYNC_MAX_RETRY_SECONDS]),
        backoff=Backoff(
            seconds_to_ms(settings[s.ASYNC_BACKOFF_FIRST]),
            settings[s.ASYNC_BACKOFF_FACTOR],
            seconds_to_ms(settings[s.ASYNC_BACKOFF_MAX]),
            settings[s.ASYNC_BACKOFF_JITTER],
        ),
        error_reason=settings[s.ASYNC_ERROR_REASON],
        keep_data=settings[s.ASYNC_KEEP_RETRY_DATA],
        limits_all=False,
        retry_thrown=True,
        window=round(settings[s.ASYNC_RETENTION_HOURS] * HOUR),
        extension=round(settings[s.ASYNC_EXTENSION_HOURS] * HOUR),
        extended_for_good=settings[s.ASYNC_EXTENSION] == "since_first_error",
    )


def first_form_policy(settings: s.Settings) -> Policy:
    """How events that `@forge/events` 0 or 1 pushed are retried: without a retention window.

    That retries after platform errors are among the four is an emulator choice.
    https://developer.atlassian.com/platform/forge/runtime-reference/
    async-events-api-version-2-upgrade/ (2025-06-06)
    """
    retries = settings[s.ASYNC_FIRST_FORM_MAX_RETRIES]
    usual = async_policy(settings)
    return replace(usual, max_retries=retries, limits_all=True, counts_all=True, window=None)


ONE_ATTEMPT: Final = Policy(0, 0, 0, Backoff(0, 1, 0, 0), "", False, True, False, None, 0)
"""The policy of what is never retried."""


def product_policy(settings: s.Settings) -> Policy:
    """How product events are retried; they have no retention window."""
    return Policy(
        max_retries=settings[s.PRODUCT_MAX_RETRIES],
        shortest=seconds_to_ms(settings[s.ASYNC_MIN_RETRY_SECONDS]),
        longest=seconds_to_ms(settings[s.ASYNC_MAX_RETRY_SECONDS]),
        backoff=Backoff(
            seconds_to_ms(settings[s.PRODUCT_BACKOFF_FIRST]),
            settings[s.PRODUCT_BACKOFF_FACTOR],
            seconds_to_ms(settings[s.PRODUCT_BACKOFF_MAX]),
            settings[s.PRODUCT_BACKOFF_JITTER],
        ),
        error_reason="FUNCTION_PLATFORM_UNKNOWN_ERROR",
        keep_data=False,
        limits_all=True,
        retry_thrown=settings[s.PRODUCT_RETRY_THROWN],
        window=None,
        extension=0,
        data_is_object=True,
    )
