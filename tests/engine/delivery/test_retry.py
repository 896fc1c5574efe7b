"""The table of retry decisions: outcome and history in, done, retry or drop out."""

from __future__ import annotations

import pytest

from forge_emu.engine.delivery.retry import (
    Decision,
    Done,
    Drop,
    Ending,
    Expire,
    History,
    InvocationLimitReached,
    Retry,
    async_policy,
    decide,
    first_form_policy,
    product_policy,
)
from forge_emu.model import (
    HOUR,
    ErrorReport,
    Failed,
    Json,
    Outcome,
    OutOfMemory,
    PlatformError,
    RetryRequested,
    Success,
    TimedOut,
)
from forge_emu.settings import Settings

REPORT = ErrorReport("Error", "boom")
UNTIL_THE_END = Settings(overrides={"async_events.max_retries": None})


def judge(
    outcome: Ending,
    *,
    retries: int = 0,
    platform_errors: int = 0,
    data: Json = None,
    now: int = 1000,
    created: int = 0,
    settings: Settings | None = None,
    product: bool = False,
) -> Decision:
    """Decide with the middle of every jitter, so that waits are plain."""
    policy = (product_policy if product else async_policy)(settings or Settings())
    history = History(retries, platform_errors, data, created)
    return decide(outcome, history, policy, now, lambda: 0.5)


def test_success_is_done() -> None:
    """Whatever happened before, a success ends it."""
    assert judge(Success(), retries=4, now=99 * HOUR) == Done()


@pytest.mark.parametrize(
    ("asked", "wait", "clamped"),
    [
        (1, 1000, None),
        (2.5, 2500, None),
        (900, 900_000, None),
        (900.001, 900_000, 900_001),
        (5000, 900_000, 5_000_000),
        (0.999, 1000, 999),
        (0, 1000, 0),
        (-7, 1000, -7000),
        ("30", 30_000, None),
        (1e300, 900_000, 1_000_000_000_000),
    ],
)
def test_an_app_gets_the_wait_it_asks_for_within_bounds(
    asked: Json, wait: int, clamped: int | None
) -> None:
    """`retryAfter` is moved into [1, 900] s, and the wish is kept for the record."""
    decision = judge(RetryRequested(asked, "BUSY", {"a": 1}))
    assert decision == Retry(1000 + wait, "BUSY", "app", True, {"a": 1}, clamped)


@pytest.mark.parametrize("asked", [None, True, "soon", [], float("nan"), float("inf")])
def test_without_a_usable_wait_the_platform_chooses(asked: Json) -> None:
    """A missing or meaningless `retryAfter` gives the platform's backoff."""
    assert judge(RetryRequested(asked)) == Retry(
        6000, "FUNCTION_RETRY_REQUEST", "app", True, None, None
    )


@pytest.mark.parametrize("reason", [None, "", 7, {}])
def test_a_retry_request_without_a_reason_gets_the_default(reason: Json) -> None:
    """`retryReason` defaults to FUNCTION_RETRY_REQUEST."""
    decision = judge(RetryRequested(1, reason))
    assert isinstance(decision, Retry)
    assert decision.reason == "FUNCTION_RETRY_REQUEST"


@pytest.mark.parametrize(
    ("outcome", "reason", "counted"),
    [
        (Failed(REPORT), "FUNCTION_PLATFORM_UNKNOWN_ERROR", True),
        (TimedOut(REPORT), "FUNCTION_TIME_OUT", True),
        (OutOfMemory(REPORT), "FUNCTION_OUT_OF_MEMORY", True),
        (PlatformError(REPORT), "FUNCTION_PLATFORM_UNKNOWN_ERROR", False),
    ],
)
def test_failures_are_retried_by_the_platform(outcome: Outcome, reason: str, counted: bool) -> None:
    """For an event of a queue all but a platform error count as a retry."""
    assert judge(outcome) == Retry(6000, reason, "platform", counted, None, None)


@pytest.mark.parametrize(("retries", "wait"), [(0, 5), (1, 10), (2, 20), (3, 40)])
def test_the_platforms_waits_double(retries: int, wait: int) -> None:
    """5 s, 10 s, 20 s, 40 s by default."""
    decision = judge(Failed(REPORT), retries=retries)
    assert isinstance(decision, Retry)
    assert decision.at == 1000 + wait * 1000


def test_the_fifth_failure_drops_an_event() -> None:
    """Four retries are made; the failure of the fourth drops it."""
    assert isinstance(judge(RetryRequested(1), retries=3), Retry)
    assert judge(RetryRequested(1), retries=4) == Drop(1000, "max_retries")
    assert judge(Failed(REPORT), retries=4) == Drop(1000, "max_retries")


def test_platform_errors_do_not_use_up_retries() -> None:
    """An event that has used up its retries survives a platform error."""
    assert isinstance(judge(PlatformError(REPORT), retries=4), Retry)


def test_without_a_maximum_retries_go_on_until_the_window_ends() -> None:
    """With `max_retries` none only the retention window ends them."""
    decision = judge(RetryRequested(1), retries=90, now=23 * HOUR, settings=UNTIL_THE_END)
    assert isinstance(decision, Retry)


@pytest.mark.parametrize(
    ("now", "after", "dropped"),
    [(24 * HOUR - 900_000, 900, False), (24 * HOUR - 899_999, 900, True), (24 * HOUR, 1, True)],
)
def test_a_retry_past_the_window_is_a_drop_at_its_end(now: int, after: int, dropped: bool) -> None:
    """A retry due exactly at the end is still made; one later is dropped at the end."""
    decision = judge(RetryRequested(after), now=now, settings=UNTIL_THE_END)
    expected = Drop(24 * HOUR, "retention_window")
    assert (decision == expected) is dropped


@pytest.mark.parametrize(
    ("extension", "errors", "end"),
    [
        ("while_errors_last", 0, 24),
        ("while_errors_last", 1, 24),
        ("since_first_error", 0, 24),
        ("since_first_error", 1, 96),
    ],
)
def test_an_apps_own_failure_is_given_up_after_a_day(extension: str, errors: int, end: int) -> None:
    """An earlier platform error is no reason to keep it longer, unless the setting says so."""
    settings = Settings(
        overrides={"async_events.max_retries": None, "async_events.extension": extension}
    )
    decision = judge(
        RetryRequested(900), platform_errors=errors, now=end * HOUR - 1, settings=settings
    )
    assert decision == Drop(end * HOUR, "retention_window")


@pytest.mark.parametrize("errors", [0, 7])
@pytest.mark.parametrize(("now", "expires"), [(95 * HOUR, False), (96 * HOUR - 1, True)])
def test_platform_errors_extend_the_window_to_96_hours(
    errors: int, now: int, expires: bool
) -> None:
    """While they last an event is retried for four days, and then expires."""
    decision = judge(PlatformError(REPORT), platform_errors=errors, now=now, settings=UNTIL_THE_END)
    assert (decision == Expire(96 * HOUR)) is expires


def test_a_full_limit_of_invocations_is_an_error_of_the_app() -> None:
    """It is retried after the platform's wait, and uses up a retry."""
    reached = InvocationLimitReached("limits.invocations.per_minute")
    retry = judge(reached, retries=3)
    assert isinstance(retry, Retry)
    assert (retry.counted, retry.asked_by) == (True, "platform")
    assert judge(reached, retries=4) == Drop(1000, "max_retries")


def test_retry_data_is_lost_with_an_error_that_brings_none() -> None:
    """By default; a setting keeps it, and a platform error never costs it."""
    lost, kept = judge(Failed(REPORT), data="x"), judge(PlatformError(REPORT), data="x")
    keeping = Settings(overrides={"async_events.keep_retry_data": True})
    set_ = judge(Failed(REPORT), data="x", settings=keeping)
    assert [d.data for d in (lost, kept, set_) if isinstance(d, Retry)] == [None, "x", "x"]


def test_product_events_count_platform_errors() -> None:
    """For a product event every failure uses up one of its four retries."""
    assert isinstance(judge(PlatformError(REPORT), retries=3, product=True), Retry)
    assert judge(PlatformError(REPORT), retries=4, product=True) == Drop(1000, "max_retries")


def test_a_setting_says_whether_a_thrown_error_of_a_trigger_is_retried() -> None:
    """The documents disagree; both readings can be had."""
    strict = Settings(overrides={"product_events.retry_thrown_errors": False})
    assert isinstance(judge(Failed(REPORT), product=True), Retry)
    assert judge(Failed(REPORT), product=True, settings=strict) == Drop(1000, "handler_error")
    assert isinstance(judge(TimedOut(REPORT), product=True, settings=strict), Retry)


def test_product_events_have_no_window() -> None:
    """Nothing but the number of retries ends them."""
    assert isinstance(judge(RetryRequested(900), product=True, now=500 * HOUR), Retry)


def test_events_of_the_first_form_have_four_retries_and_no_window() -> None:
    """Neither `async_events.max_retries` nor the retention window counts for `@forge/events` 1."""
    policy = first_form_policy(UNTIL_THE_END)
    late = 99 * HOUR

    fourth = decide(Failed(REPORT), History(3, 0, None, 0), policy, late, lambda: 0.5)
    fifth = decide(Failed(REPORT), History(4, 0, None, 0), policy, late, lambda: 0.5)

    assert isinstance(fourth, Retry)
    assert fifth == Drop(late, "max_retries")


def test_platform_errors_use_up_the_retries_of_the_first_form() -> None:
    """Such events have no window that would end them."""
    policy = first_form_policy(UNTIL_THE_END)
    lost = PlatformError(REPORT)

    fourth = decide(lost, History(3, 0, None, 0), policy, 7, lambda: 0.5)
    fifth = decide(lost, History(4, 0, None, 0), policy, 7, lambda: 0.5)

    assert isinstance(fourth, Retry)
    assert fourth.counted
    assert fifth == Drop(7, "max_retries")
