"""What apps see of pushing through their own `@forge/events` 0 to 3."""

from __future__ import annotations

import pytest

from forge_emu import records
from tests.runtime.node.packages.probe_app import ProbeApp

pytestmark = pytest.mark.node


# --- pushing


def test_a_push_answers_its_job_and_is_delivered(queue_app: ProbeApp) -> None:
    """The consumer gets every documented field, and nothing of a retry on its first attempt."""
    job = queue_app.call(
        "return await queue.push([{ body: { n: 1 } },"
        " { body: { n: 2 }, delayInSeconds: 0.5, concurrency: { key: 'k', limit: 2 } }])"
    )
    queue_app.advance(0.5)

    assert list(job) == ["jobId"]
    ids = [r.event_id for r in queue_app.bodies_of(records.EventPushed)]
    one = {"queueName": "work", "jobId": job["jobId"], "body": {"n": 1}, "eventId": ids[0]}
    two = {**one, "body": {"n": 2}, "eventId": ids[1]}
    two |= {"delayInSeconds": 0.5, "concurrency": {"key": "k", "limit": 2}}
    assert [p["value"] for p in queue_app.printed_values()] == [one, two]
    assert len(queue_app.bodies_of(records.EventSucceeded)) == 2


@pytest.mark.parametrize(
    ("delay", "due"),
    [("0.5", 500), ("0.0004", 0), ("900", 900_000), ("'1.5'", 1_500), ("NaN", 0), ("-0", 0)],
)
def test_delays_the_package_lets_through(queue_app: ProbeApp, delay: str, due: int) -> None:
    """Fractions count to the millisecond; what is no number waits not at all."""
    queue_app.call(f"await queue.push({{ body: {{}}, delayInSeconds: {delay} }})")

    assert [r.due_at for r in queue_app.bodies_of(records.EventPushed)] == [due]


def test_one_event_without_a_list(any_version: ProbeApp) -> None:
    """All versions take a single event as it is."""
    any_version.call("await queue.push({ body: { n: 1 } })")

    assert len(any_version.bodies_of(records.EventPushed)) == 1


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
    any_version: ProbeApp, code: str, name: str, message: str
) -> None:
    """These never leave the app: no record says more than that its handler ran."""
    if "getJob" in code and any_version.call("return typeof queue.getStats") == "function":
        code = code.replace("'work#'", "''")

    error = any_version.error(code)

    assert name in error["known"]
    assert message in error["message"]
    assert not any_version.bodies_of(records.PushRefused)


@pytest.mark.parametrize("delay", ["-1", "901"])
def test_delays_out_of_range(any_version: ProbeApp, delay: str) -> None:
    """The package refuses them, in version 1 as settings of the push."""
    old = f"await queue.push({{}}, {{ delayInSeconds: {delay} }})"
    new = f"await queue.push({{ body: {{}}, delayInSeconds: {delay} }})"
    is_old = any_version.pushes_bare_payloads

    error = any_version.error(old if is_old else new)

    assert error["known"] == ["InvalidPushSettingsError"]


def test_over_500_events_a_minute(any_version: ProbeApp) -> None:
    """The 501st is refused with RateLimitError, and a minute later it is taken."""
    events = "Array.from({ length: 50 }, () => ({ body: {} }))"
    any_version.call(f"for (let i = 0; i < 10; i++) await queue.push({events})")

    error = any_version.error("await queue.push({ body: {} })")

    assert error["known"] == ["RateLimitError"]
    assert error["message"] == "Too many requests."
    (refused,) = any_version.bodies_of(records.PushRefused)
    assert refused.limit == "limits.push.events_per_minute"
    assert refused.error == "RateLimitError"
    any_version.advance(60)
    any_version.call("await queue.push({ body: {} })")


def test_the_service_refuses_by_size_as_well(any_version: ProbeApp) -> None:
    """413 reaches the app as PayloadTooBigError with the service's own words."""
    any_version.reset_platform({"limits.push.payload_kb": 1})

    error = any_version.error("await queue.push({ body: { text: 'x'.repeat(2000) } })")

    assert error["known"] == ["PayloadTooBigError"]
    assert error["message"] == "The maximum payload size is 1KB."
    assert [r.status for r in any_version.bodies_of(records.PushRefused)] == [413]


def test_the_1001st_push_of_a_chain(any_version: ProbeApp) -> None:
    """405 reaches the app as InvocationLimitReachedError; a new product event starts anew."""
    any_version.reset_platform({"limits.push.events_per_minute": None})

    error = any_version.error(
        "for (let i = 0; i < 1000; i++) await queue.push({ body: { code: '' } });"
        "await queue.push({ body: {} })"
    )

    assert error["known"] == ["InvocationLimitReachedError"]
    assert error["message"] == "The limit on cyclic invocation has been reached."
    assert len(any_version.bodies_of(records.EventPushed)) == 1000
    any_version.call("await queue.push({ body: { code: '' } })")


def test_a_push_that_fits_in_part(queue_app: ProbeApp) -> None:
    """202 reaches the queue_app as PartialSuccessError with the events that were left out."""
    queue_app.reset_platform({"limits.push.partial": "on", "limits.push.events_per_minute": 2})

    error = queue_app.error("await queue.push([1, 2, 3].map((n) => ({ body: { n } })))")

    assert error["known"] == ["PartialSuccessError"]
    assert error["message"] == "Failed to process 1 event(s)."
    (failed,) = error["failedEvents"]
    assert failed["payload"] == {"body": {"n": 3}}
    assert "within a minute" in failed["errorMessage"]
    assert error["result"]["jobId"] == queue_app.bodies_of(records.EventPushed)[0].job_id
    assert len(queue_app.bodies_of(records.EventPushed)) == 2
    assert [r.events for r in queue_app.bodies_of(records.PushRefused)] == [1]


def test_a_push_that_fits_in_part_from_the_first_version(first: ProbeApp) -> None:
    """The failed events are the bare payloads."""
    first.reset_platform({"limits.push.partial": "on", "limits.push.events_per_minute": 2})

    error = first.error("await queue.push([{ n: 1 }, { n: 2 }, { n: 3 }])")

    assert error["known"] == ["PartialSuccessError"]
    assert [f["payload"] for f in error["failedEvents"]] == [{"n": 3}]


def test_any_other_refusal_is_an_internal_server_error(any_version: ProbeApp) -> None:
    """Its message carries status and reason, so that the developer can act on it."""
    any_version.reset_platform({"limits.push.max_delay_seconds": 10})
    is_old = any_version.pushes_bare_payloads
    push = "({ }, { delayInSeconds: 20 })" if is_old else "({ body: {}, delayInSeconds: 20 })"

    error = any_version.error(f"await queue.push{push}")

    assert error["known"] == ["InternalServerError"]
    assert error["message"] == "400 Bad Request: delayInSeconds is 20, not from 0 to 10"
    assert error["errorCode"] == "INVALID_DELAY"
