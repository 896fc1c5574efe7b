"""What apps see of the queue through their own `@forge/events` 1, 2 and 3."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from forge_emu import records
from tests.runtime.forge import Forge, forge

pytestmark = pytest.mark.node

VERSIONS = {1: "api5", 2: "api6", 3: "api8"}
"""Of `@forge/events`, and the packages it is installed with."""

OLD_CONSUMER = """
import Resolver from '@forge/resolver';
const resolver = new Resolver();
resolver.define('collect', async ({ payload, context }) => {
  console.log('@' + JSON.stringify({ payload, jobId: context.jobId, context }));
  if (payload.retry) return new InvocationError(payload.retry);
  if (payload.again) { const answer = new QueueResponse(); answer.retry(); return answer; }
});
export const old = resolver.getDefinitions();
"""


@pytest.fixture(scope="module")
def apps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[int], Forge]]:
    """The app on a version of the package, loaded once for the whole module."""
    open_apps: dict[int, tuple[Any, Forge]] = {}

    def app(version: int) -> Forge:
        if version not in open_apps:
            root = tmp_path_factory.mktemp(f"events-{version}")
            manager = forge(root, VERSIONS[version], OLD_CONSUMER, old="old-form collect")
            open_apps[version] = (manager, manager.__enter__())
        return open_apps[version][1]

    yield app
    for manager, _ in open_apps.values():
        manager.__exit__(None, None, None)


@pytest.fixture(params=VERSIONS, ids=lambda v: f"events{v}")
def any_version(request: pytest.FixtureRequest, apps: Callable[[int], Forge]) -> Forge:
    """The app on each version of the package, above a fresh platform."""
    app = apps(request.param)
    app.begin()
    return app


@pytest.fixture(params=[2, 3], ids=lambda v: f"events{v}")
def app(request: pytest.FixtureRequest, apps: Callable[[int], Forge]) -> Forge:
    """The app on `@forge/events` 2 and 3, whose events have a body, above a fresh platform."""
    app = apps(request.param)
    app.begin()
    return app


@pytest.fixture
def first(apps: Callable[[int], Forge]) -> Forge:
    """The app on `@forge/events` 1, above a fresh platform."""
    app = apps(1)
    app.begin()
    return app


# --- pushing


def test_a_push_answers_its_job_and_is_delivered(app: Forge) -> None:
    """The consumer gets every documented field, and nothing of a retry on its first attempt."""
    job = app.call(
        "return await queue.push([{ body: { n: 1 } },"
        " { body: { n: 2 }, delayInSeconds: 0.5, concurrency: { key: 'k', limit: 2 } }])"
    )
    app.after(0.5)

    assert list(job) == ["jobId"]
    ids = [r.event_id for r in app.of(records.EventPushed)]
    one = {"queueName": "work", "jobId": job["jobId"], "body": {"n": 1}, "eventId": ids[0]}
    two = {**one, "body": {"n": 2}, "eventId": ids[1]}
    two |= {"delayInSeconds": 0.5, "concurrency": {"key": "k", "limit": 2}}
    assert [p["value"] for p in app.prints()] == [one, two]
    assert len(app.of(records.EventSucceeded)) == 2


@pytest.mark.parametrize(
    ("delay", "due"),
    [("0.5", 500), ("0.0004", 0), ("900", 900_000), ("'1.5'", 1_500), ("NaN", 0), ("-0", 0)],
)
def test_delays_the_package_lets_through(app: Forge, delay: str, due: int) -> None:
    """Fractions count to the millisecond; what is no number waits not at all."""
    app.call(f"await queue.push({{ body: {{}}, delayInSeconds: {delay} }})")

    assert [r.due_at for r in app.of(records.EventPushed)] == [due]


def test_one_event_without_a_list(any_version: Forge) -> None:
    """All versions take a single event as it is."""
    any_version.call("await queue.push({ body: { n: 1 } })")

    assert len(any_version.of(records.EventPushed)) == 1


# --- refusals, each with the package's own class


@pytest.mark.parametrize(
    ("code", "name", "message"),
    [
        ("new Queue({ key: 'a b' })", "InvalidQueueNameError", "can only contain alphanumeric"),
        ("await queue.push([])", "NoEventsToPushError", "No events pushed."),
        (
            "await queue.push(Array.from({ length: 51 }, () => ({ body: {} })))",
            "TooManyEventsError",
            "This push contains more than the 50 events allowed.",
        ),
        (
            "await queue.push({ body: { text: 'x'.repeat(204800) } })",
            "PayloadTooBigError",
            "The maximum payload size is 200KB.",
        ),
        ("await queue.getJob('work#').getStats()", "JobDoesNotExistError", "jobId cannot be"),
    ],
)
def test_what_the_package_itself_refuses(
    any_version: Forge, code: str, name: str, message: str
) -> None:
    """These never leave the app: no record says more than that its handler ran."""
    if "getJob" in code and any_version.call("return typeof queue.getStats") == "function":
        code = code.replace("'work#'", "''")

    error = any_version.error(code)

    assert name in error["known"]
    assert message in error["message"]
    assert not any_version.of(records.PushRefused)


@pytest.mark.parametrize("delay", ["-1", "901"])
def test_delays_out_of_range(any_version: Forge, delay: str) -> None:
    """The package refuses them, in version 1 as settings of the push."""
    old = f"await queue.push({{}}, {{ delayInSeconds: {delay} }})"
    new = f"await queue.push({{ body: {{}}, delayInSeconds: {delay} }})"
    is_old = any_version.root.name.startswith("events-1")

    error = any_version.error(old if is_old else new)

    assert error["known"] == ["InvalidPushSettingsError"]


def test_over_500_events_a_minute(any_version: Forge) -> None:
    """The 501st is refused with RateLimitError, and a minute later it is taken."""
    events = "Array.from({ length: 50 }, () => ({ body: {} }))"
    any_version.call(f"for (let i = 0; i < 10; i++) await queue.push({events})")

    error = any_version.error("await queue.push({ body: {} })")

    assert error["known"] == ["RateLimitError"]
    assert error["message"] == "Too many requests."
    (refused,) = any_version.of(records.PushRefused)
    assert refused.limit == "limits.push.events_per_minute"
    assert refused.error == "RateLimitError"
    any_version.after(60)
    any_version.call("await queue.push({ body: {} })")


def test_the_service_refuses_by_size_as_well(any_version: Forge) -> None:
    """413 reaches the app as PayloadTooBigError with the service's own words."""
    any_version.begin({"limits.push.payload_kb": 1})

    error = any_version.error("await queue.push({ body: { text: 'x'.repeat(2000) } })")

    assert error["known"] == ["PayloadTooBigError"]
    assert error["message"] == "The maximum payload size is 1KB."
    assert [r.status for r in any_version.of(records.PushRefused)] == [413]


def test_the_1001st_push_of_a_chain(any_version: Forge) -> None:
    """405 reaches the app as InvocationLimitReachedError; a new product event starts anew."""
    any_version.begin({"limits.push.events_per_minute": None})

    error = any_version.error(
        "for (let i = 0; i < 1000; i++) await queue.push({ body: { code: '' } });"
        "await queue.push({ body: {} })"
    )

    assert error["known"] == ["InvocationLimitReachedError"]
    assert error["message"] == "The limit on cyclic invocation has been reached."
    assert len(any_version.of(records.EventPushed)) == 1000
    any_version.call("await queue.push({ body: { code: '' } })")


def test_a_push_that_fits_in_part(app: Forge) -> None:
    """202 reaches the app as PartialSuccessError with the events that were left out."""
    app.begin({"limits.push.partial": "on", "limits.push.events_per_minute": 2})

    error = app.error("await queue.push([1, 2, 3].map((n) => ({ body: { n } })))")

    assert error["known"] == ["PartialSuccessError"]
    assert error["message"] == "Failed to process 1 event(s)."
    (failed,) = error["failedEvents"]
    assert failed["payload"] == {"body": {"n": 3}}
    assert "within a minute" in failed["errorMessage"]
    assert error["result"]["jobId"] == app.of(records.EventPushed)[0].job_id
    assert len(app.of(records.EventPushed)) == 2
    assert [r.events for r in app.of(records.PushRefused)] == [1]


def test_a_push_that_fits_in_part_from_the_first_version(first: Forge) -> None:
    """The failed events are the bare payloads."""
    first.begin({"limits.push.partial": "on", "limits.push.events_per_minute": 2})

    error = first.error("await queue.push([{ n: 1 }, { n: 2 }, { n: 3 }])")

    assert error["known"] == ["PartialSuccessError"]
    assert [f["payload"] for f in error["failedEvents"]] == [{"n": 3}]


def test_any_other_refusal_is_an_internal_server_error(any_version: Forge) -> None:
    """Its message carries status and reason, so that the developer can act on it."""
    any_version.begin({"limits.push.max_delay_seconds": 10})
    is_old = any_version.root.name.startswith("events-1")
    push = "({ }, { delayInSeconds: 20 })" if is_old else "({ body: {}, delayInSeconds: 20 })"

    error = any_version.error(f"await queue.push{push}")

    assert error["known"] == ["InternalServerError"]
    assert error["message"] == "400 Bad Request: delayInSeconds is 20, not from 0 to 10"
    assert error["errorCode"] == "INVALID_DELAY"


# --- jobs


def test_figures_of_a_job(app: Forge) -> None:
    """Delivered, waiting and dropped events are counted, by all call forms."""
    app.begin({"async_events.max_retries": 0})
    job = app.call(
        "return (await queue.push([{ body: { code: '' } }, { body: { code: 'process.exit()' } },"
        " { body: {}, delayInSeconds: 60 }])).jobId"
    )
    code = (
        "const ways = [queue.getJob(event.job).getStats()];"
        "if (queue.getStats) ways.push(queue.getStats(event.job));"
        "return Promise.all(ways)"
    )
    figures = app.call(code, job=job)

    assert all(f == {"success": 1, "inProgress": 1, "failed": 1} for f in figures), figures
    assert len(figures) == 2


def test_figures_of_a_job_in_the_first_version(first: Forge) -> None:
    """There the answer is a response whose body holds them."""
    job = first.call("return await queue.push([{ code: '' }, {}], { delayInSeconds: 5 })")

    code = "return await (await queue.getJob(event.job).getStats()).json()"
    assert first.call(code, job=job) == {"success": 0, "inProgress": 2, "failed": 0}


def test_cancelling_a_job(app: Forge) -> None:
    """What has not started is never delivered, waiting retries included."""
    job = app.call(
        "return (await queue.push([{ body: {}, delayInSeconds: 5 },"
        " { body: { code: 'return new InvocationError({ retryAfter: 9 })' } }])).jobId"
    )
    assert len(app.of(records.RetryScheduled)) == 1

    app.call("await queue.getJob(event.job).cancel()", job=job)

    assert len(app.of(records.EventCancelled)) == 2
    assert app.engine.pending == 0
    app.call("await queue.cancel(event.job)", job=job)


def test_cancelling_a_job_in_the_first_version(first: Forge) -> None:
    """The id that push answered holds the queue's name."""
    job = first.call("return await queue.push({}, { delayInSeconds: 5 })")

    assert job.startswith("work#")
    first.call("await queue.getJob(event.job).cancel()", job=job)
    assert len(first.of(records.EventCancelled)) == 1


@pytest.mark.parametrize("call", ["getStats", "cancel"])
def test_a_job_that_does_not_exist(any_version: Forge, call: str) -> None:
    """404 reaches the app as JobDoesNotExistError."""
    is_old = any_version.root.name.startswith("events-1")

    error = any_version.error(f"await queue.getJob('{'work#' if is_old else ''}j').{call}()")

    assert error["known"] == ["JobDoesNotExistError"]
    assert error["message"] == "The job j was not found for the queue work."


# --- retries


def test_a_returned_invocation_error_asks_for_a_retry(app: Forge) -> None:
    """Wait, reason and data are the app's; the next attempt gets a complete retry context."""
    code = (
        "print(event.retryContext); return new InvocationError({ retryAfter: 20.5,"
        " retryReason: events.InvocationErrorCode.FUNCTION_UPSTREAM_RATE_LIMITED,"
        " retryData: { seen: [1, null] } })"
    )
    app.call("await queue.push({ body: { code: event.work } })", work=code)
    (retry,) = app.of(records.RetryScheduled)
    assert (retry.retry_after_ms, retry.asked_by) == (20_500, "app")
    app.after(20.4)
    before = len(app.prints())
    app.after(0.1)

    context = app.prints()[before]
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
    any_version: Forge, returned: str, wait_ms: int, reason: str
) -> None:
    """The platform looks at the shape of the returned object, and keeps waits within bounds."""
    any_version.send(f"return {returned}")
    any_version.settle()

    (retry,) = any_version.of(records.RetryScheduled)
    assert (retry.retry_after_ms, retry.retry_reason) == (wait_ms, reason)


def test_queue_response_asks_for_a_retry_without_options(any_version: Forge) -> None:
    """The old way: `QueueResponse` after `retry()`; without it, the event has succeeded."""
    any_version.send("const answer = new QueueResponse(); answer.retry(); return answer")
    any_version.send("return new QueueResponse()")
    any_version.settle()

    assert len(any_version.of(records.RetryScheduled)) == 1
    assert len(any_version.of(records.ProductEventSucceeded)) == 1


def test_a_thrown_invocation_error_is_an_error(any_version: Forge) -> None:
    """It must be returned: thrown, the platform waits as it likes and drops the data."""
    any_version.send("throw new InvocationError({ retryAfter: 7 })", uncaught=True)
    any_version.settle()

    (finished,) = any_version.of(records.InvocationFinished)
    assert finished.outcome == "error"
    assert [r.asked_by for r in any_version.of(records.RetryScheduled)] == ["platform"]


# --- consumers of the first version


def test_an_old_consumer_gets_payload_and_job(any_version: Forge) -> None:
    """`resolver: {function, method}` calls the definition, with the payload that was pushed."""
    is_old = any_version.root.name.startswith("events-1")
    payload = "{ n: 1 }" if is_old else "{ body: { n: 1 } }"
    job = any_version.call(f"return await new Queue({{ key: 'old-form' }}).push({payload})")

    (printed,) = [p for p in any_version.prints() if "payload" in p]
    assert printed["payload"] == {"n": 1}
    assert printed["jobId"] == (job.partition("#")[2] if is_old else job["jobId"])
    assert printed["context"]["installContext"].startswith("ari:cloud:jira::site/")
    assert len(any_version.of(records.EventSucceeded)) == 1


def test_an_old_consumer_asks_for_a_retry(any_version: Forge) -> None:
    """The retry context comes inside the payload, as version 1 had it."""
    is_old = any_version.root.name.startswith("events-1")
    payload = "{ retry: { retryAfter: 3, retryData: { a: 1 } } }"
    payload = payload if is_old else f"{{ body: {payload} }}"
    any_version.call(f"await new Queue({{ key: 'old-form' }}).push({payload})")
    any_version.after(3)

    last = [p for p in any_version.prints() if "payload" in p][-1]["payload"]
    assert last["retryContext"]["retryCount"] == 1
    assert last["retryContext"]["retryData"] == {"a": 1}


def test_an_old_consumer_answers_with_queue_response(any_version: Forge) -> None:
    """The resolver turns the answer into a plain object, which still asks for a retry."""
    is_old = any_version.root.name.startswith("events-1")
    payload = "{ again: true }" if is_old else "{ body: { again: true } }"
    any_version.call(f"await new Queue({{ key: 'old-form' }}).push({payload})")

    (retry,) = any_version.of(records.RetryScheduled)
    assert retry.asked_by == "app"


def test_app_events_are_missing_and_say_so(apps: Callable[[int], Forge]) -> None:
    """`appEvents.publish` answers an error that names it, and a record tells the developer."""
    app = apps(3)
    app.begin()

    answer = app.call("return await events.appEvents.publish({ key: 'mine' })")

    assert answer["type"] == "error"
    assert answer["errorType"] == "OTHER"
    assert "forge-emu does not emulate appEvents.publish() yet" in answer["errorMessage"]
    (record,) = app.of(records.RequestUnsupported)
    assert record.path == "/forge/events/v1/app-events"
