"""Jobs, retries and old consumers through the app's own `@forge/events` 0 to 3."""

from __future__ import annotations

import pytest

from forge_emu import records
from tests.runtime.node.packages.probe_app import ProbeApp

pytestmark = pytest.mark.node


# --- jobs


def test_figures_of_a_job(queue_app: ProbeApp) -> None:
    """Delivered, waiting and dropped events are counted, by all call forms."""
    queue_app.reset_platform({"async_events.max_retries": 0})
    job = queue_app.call(
        "return (await queue.push([{ body: { code: '' } }, { body: { code: 'process.exit()' } },"
        " { body: {}, delayInSeconds: 60 }])).jobId"
    )
    code = (
        "const ways = [queue.getJob(event.job).getStats()];"
        "if (queue.getStats) ways.push(queue.getStats(event.job));"
        "return Promise.all(ways)"
    )
    figures = queue_app.call(code, job=job)

    assert all(f == {"success": 1, "inProgress": 1, "failed": 1} for f in figures), figures
    assert len(figures) == 2


def test_figures_of_a_job_in_the_first_version(first: ProbeApp) -> None:
    """There the answer is a response whose body holds them."""
    job = first.call("return await queue.push([{ code: '' }, {}], { delayInSeconds: 5 })")

    code = "return await (await queue.getJob(event.job).getStats()).json()"
    assert first.call(code, job=job) == {"success": 0, "inProgress": 2, "failed": 0}


def test_cancelling_a_job(queue_app: ProbeApp) -> None:
    """What has not started is never delivered, waiting retries included."""
    job = queue_app.call(
        "return (await queue.push([{ body: {}, delayInSeconds: 5 },"
        " { body: { code: 'return new InvocationError({ retryAfter: 9 })' } }])).jobId"
    )
    assert len(queue_app.bodies_of(records.RetryScheduled)) == 1

    queue_app.call("await queue.getJob(event.job).cancel()", job=job)

    assert len(queue_app.bodies_of(records.EventCancelled)) == 2
    assert queue_app.engine.pending == 0
    queue_app.call("await queue.cancel(event.job)", job=job)


def test_cancelling_a_job_in_the_first_version(first: ProbeApp) -> None:
    """The id that push answered holds the queue's name."""
    job = first.call("return await queue.push({}, { delayInSeconds: 5 })")

    assert job.startswith("work#")
    first.call("await queue.getJob(event.job).cancel()", job=job)
    assert len(first.bodies_of(records.EventCancelled)) == 1


@pytest.mark.parametrize("call", ["getStats", "cancel"])
def test_a_job_that_does_not_exist(any_version: ProbeApp, call: str) -> None:
    """404 reaches the app as JobDoesNotExistError."""
    is_old = any_version.pushes_bare_payloads

    error = any_version.error(f"await queue.getJob('{'work#' if is_old else ''}j').{call}()")

    assert error["known"] == ["JobDoesNotExistError"]
    assert error["message"] == "The job j was not found for the queue work."


# --- retries


def test_a_returned_invocation_error_asks_for_a_retry(queue_app: ProbeApp) -> None:
    """Wait, reason and data are the app's; the next attempt gets a complete retry context."""
    code = (
        "print(event.retryContext); return new InvocationError({ retryAfter: 20.5,"
        " retryReason: events.InvocationErrorCode.FUNCTION_UPSTREAM_RATE_LIMITED,"
        " retryData: { seen: [1, null] } })"
    )
    queue_app.call("await queue.push({ body: { code: event.work } })", work=code)
    (retry,) = queue_app.bodies_of(records.RetryScheduled)
    assert (retry.retry_after_ms, retry.asked_by) == (20_500, "app")
    queue_app.advance(20.4)
    before = len(queue_app.printed_values())
    queue_app.advance(0.1)

    context = queue_app.printed_values()[before]
    assert context == {
        "retryCount": 1,
        "retryReason": "FUNCTION_UPSTREAM_RATE_LIMITED",
        "retryData": {"seen": [1, None]},
        "retentionWindow": {
            "startTime": "2026-01-01T00:00:00.000Z",
            "remainingTimeMs": 24 * 3_600_000 - 20_500,
        },
    }


@pytest.mark.parametrize(
    ("returned", "wait_ms", "reason"),
    [
        ("new InvocationError()", 1_000, "FUNCTION_RETRY_REQUEST"),
        ("new InvocationError({ retryAfter: 0 })", 1_000, "FUNCTION_RETRY_REQUEST"),
        ("new InvocationError({ retryAfter: 5000 })", 900_000, "FUNCTION_RETRY_REQUEST"),
        ("{ _retry: true, retryOptions: { retryAfter: 7, retryReason: 'MINE' } }", 7_000, "MINE"),
    ],
)
def test_forms_of_asking_for_a_retry(
    any_version: ProbeApp, returned: str, wait_ms: int, reason: str
) -> None:
    """The platform looks at the shape of the returned object, and keeps waits within bounds."""
    any_version.send(f"return {returned}")
    any_version.run_until_idle()

    (retry,) = any_version.bodies_of(records.RetryScheduled)
    assert (retry.retry_after_ms, retry.retry_reason) == (wait_ms, reason)


def test_queue_response_asks_for_a_retry_without_options(any_version: ProbeApp) -> None:
    """The old way: `QueueResponse` after `retry()`; without it, the event has succeeded."""
    any_version.send("const answer = new QueueResponse(); answer.retry(); return answer")
    any_version.send("return new QueueResponse()")
    any_version.run_until_idle()

    assert len(any_version.bodies_of(records.RetryScheduled)) == 1
    assert len(any_version.bodies_of(records.ProductEventSucceeded)) == 1


def test_a_thrown_invocation_error_is_an_error(any_version: ProbeApp) -> None:
    """It must be returned: thrown, the platform waits as it likes and drops the data."""
    any_version.send("throw new InvocationError({ retryAfter: 7 })", uncaught=True)
    any_version.run_until_idle()

    (finished,) = any_version.bodies_of(records.InvocationFinished)
    assert finished.outcome == "error"
    assert [r.asked_by for r in any_version.bodies_of(records.RetryScheduled)] == ["platform"]


# --- consumers of the first version


def test_an_old_consumer_gets_payload_and_job(any_version: ProbeApp) -> None:
    """`resolver: {function, method}` calls the definition, with the payload that was pushed."""
    is_old = any_version.pushes_bare_payloads
    payload = "{ n: 1 }" if is_old else "{ body: { n: 1 } }"
    job = any_version.call(f"return await new Queue({{ key: 'old-form' }}).push({payload})")

    (printed,) = [p for p in any_version.printed_values() if "payload" in p]
    assert printed["payload"] == {"n": 1}
    assert printed["jobId"] == (job.partition("#")[2] if is_old else job["jobId"])
    assert printed["context"]["installContext"].startswith("ari:cloud:jira::site/")
    assert len(any_version.bodies_of(records.EventSucceeded)) == 1


def test_an_old_consumer_asks_for_a_retry(any_version: ProbeApp) -> None:
    """The retry context comes inside the payload, as version 1 had it."""
    is_old = any_version.pushes_bare_payloads
    payload = "{ retry: { retryAfter: 3, retryData: { a: 1 } } }"
    payload = payload if is_old else f"{{ body: {payload} }}"
    any_version.call(f"await new Queue({{ key: 'old-form' }}).push({payload})")
    any_version.advance(3)

    last = [p for p in any_version.printed_values() if "payload" in p][-1]["payload"]
    assert last["retryContext"]["retryCount"] == 1
    assert last["retryContext"]["retryData"] == {"a": 1}


def test_an_old_consumer_answers_with_queue_response(any_version: ProbeApp) -> None:
    """The resolver turns the answer into a plain object, which still asks for a retry."""
    is_old = any_version.pushes_bare_payloads
    payload = "{ again: true }" if is_old else "{ body: { again: true } }"
    any_version.call(f"await new Queue({{ key: 'old-form' }}).push({payload})")

    (retry,) = any_version.bodies_of(records.RetryScheduled)
    assert retry.asked_by == "app"
