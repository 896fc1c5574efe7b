"""Mistakes about retries with the real packages: each is on record, and what comes of it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from forge_emu import records
from tests.runtime.node.packages.probe_app import ProbeApp

pytestmark = pytest.mark.node


def returned(app: ProbeApp, code: str) -> records.InvocationFinished:
    """The end of a consumer's invocation that runs `code`."""
    body = json.dumps({"code": code})
    app.call(f"await queue.push({{ body: {body} }})")
    app.run_until_idle()
    return app.last_delivery()


def mistakes(finished: records.InvocationFinished) -> list[tuple[str, str]]:
    """Kind and words of each."""
    found = finished.mistakes if isinstance(finished.mistakes, list) else []
    return [(mistake.kind, mistake.given) for mistake in found]


@pytest.mark.parametrize(
    ("options", "kind", "given"),
    [
        ("{ retryAfter: NaN }", "retry_after", "`NaN`"),
        ("{ retryAfter: parseInt(undefined) }", "retry_after", "`NaN`"),
        ("{ retryAfter: Infinity }", "retry_after", "`Infinity`"),
        ("{ retryAfter: 'soon' }", "retry_after", "`soon`"),
        ("{ retryAfter: {} }", "retry_after", "`[object Object]`"),
        ("{ retryAfter: 5, retryReason: 'MINE' }", "retry_reason", "`MINE`"),
        ("{ retryAfter: 5, retryData: () => 1 }", "retry_data", "a function"),
        ("{ retryAfter: 5, retryData: { a: [new Map()] } }", "retry_data", "a Map"),
        ("{ retryAfter: 5, retryData: { why: new Error('x') } }", "retry_data", "an Error"),
    ],
)
def test_a_request_with_a_mistake_is_a_request(
    queue_app: ProbeApp, options: str, kind: str, given: str
) -> None:
    """The retry happens, and the record of the invocation says what was wrong."""
    finished = returned(queue_app, f"return new InvocationError({options})")

    assert finished.outcome == "retry_requested"
    assert mistakes(finished) == [(kind, given)]
    (retry,) = queue_app.bodies_of(records.RetryScheduled)
    assert isinstance(retry.retry_after_given, str) is (kind == "retry_after")


@pytest.mark.parametrize(
    ("code", "kind", "given"),
    [
        ("return new TypeError('no room')", "returned_error", "TypeError: no room"),
        ("return [new InvocationError()]", "nested_request", "[0]"),
        ("return { error: { is: new InvocationError() } }", "nested_request", ".error.is"),
        ("return { retryAfter: 60 }", "plain_request", "retryAfter"),
        ("return { retry: true }", "plain_request", "retry"),
        ("return { statusCode: 500 }", None, None),
        ("return null", None, None),
        ("return [1, { a: null }]", None, None),
        ("return new InvocationError({ retryAfter: 0, retryData: { a: [1, 'x'] } })", None, None),
        ("return new InvocationError()", None, None),
    ],
)
def test_what_only_looks_like_a_request_ends_the_event(
    queue_app: ProbeApp, code: str, kind: str | None, given: str | None
) -> None:
    """It counts as delivered; what is nothing of the kind is left alone."""
    finished = returned(queue_app, code)

    assert mistakes(finished) == ([] if kind is None else [(kind, given)])
    assert kind is None or len(queue_app.bodies_of(records.EventSucceeded)) == 1


def test_each_mistake_is_said_once(queue_app: ProbeApp) -> None:
    """However many invocations make it."""
    for _ in range(3):
        returned(queue_app, "return new InvocationError({ retryAfter: NaN })")

    warnings = [log for log in queue_app.bodies_of(records.Log) if log.level == "warn"]
    assert ["`NaN` as `retryAfter`" in warning.message for warning in warnings] == [True]


def of_resolver(
    apps_by_events: Callable[[int], ProbeApp], body: str
) -> tuple[ProbeApp, records.InvocationFinished]:
    """The end of a consumer in the old form, which does what `body` says."""
    app = apps_by_events(2)
    app.reset_platform()
    app.call(f"return await new Queue({{ key: 'old-form' }}).push({{ body: {body} }})")
    app.run_until_idle()
    return app, app.last_delivery()


def test_a_resolver_that_answers_in_a_form_of_its_own_asks_for_nothing(
    apps_by_events: Callable[[int], ProbeApp],
) -> None:
    """What the package hands through is judged like any result."""
    app, finished = of_resolver(apps_by_events, "{ plain: true }")

    assert mistakes(finished) == [("plain_request", "retryAfter")]
    assert len(app.bodies_of(records.EventSucceeded)) == 1


@pytest.mark.parametrize(("data", "words"), [("circle", "circular"), ("big", "BigInt")])
def test_data_without_a_json_form_is_left_out(queue_app: ProbeApp, data: str, words: str) -> None:
    """With the words of the language itself; the retry happens without it."""
    queue_app.call(f"await new Queue({{ key: 'rough' }}).push({{ body: {{ data: '{data}' }} }})")
    queue_app.run_until_idle()

    ((kind, given),) = mistakes(queue_app.last_delivery())
    assert (kind, words in given) == ("retry_data", True)
    assert len(queue_app.bodies_of(records.RetryScheduled)) == 1


@pytest.mark.parametrize(("wait", "given"), [("null", []), ("NaN", [("retry_after", "`null`")])])
def test_a_resolver_hands_through_what_json_makes_of_it(
    apps_by_events: Callable[[int], ProbeApp], wait: str, given: list[tuple[str, str]]
) -> None:
    """The package sends its answer through JSON, which has no NaN; of null it makes 1 s before."""
    app = apps_by_events(2)
    app.reset_platform()
    body = "{ retry: { retryAfter: null } }" if wait == "null" else "{ nan: true }"
    app.call(f"return await new Queue({{ key: 'old-form' }}).push({{ body: {body} }})")
    app.run_until_idle()

    assert mistakes(app.last_delivery()) == given
