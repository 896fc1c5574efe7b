"""Queues of the SDK: checks, what goes over the wire, and what refusals mean."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from forge_emu import sdk
from forge_emu.sdk import Queue
from tests.sdk.fake_platform import JOB, fake_platform

BAD_NAME = "Queue names can only contain alphanumeric characters, dashes and underscores."
BAD_DELAY = "The delayInSeconds setting must be between 0 and 900."
ONE: sdk.PushEvent = {"body": {}}


def refusal(events: Any) -> Exception:
    """What a push raises."""
    with fake_platform(201, {}) as hand, pytest.raises(sdk.EventsError) as raised:
        Queue("q").push(events)
    assert hand.requests == []
    return raised.value


@pytest.mark.parametrize("key", ["", "a b", "é", "a/b", None, 5])
def test_a_queue_name_has_letters_digits_dashes_and_underscores(key: Any) -> None:
    """Anything else is refused before there is a queue."""
    with pytest.raises(sdk.InvalidQueueNameError, match=f"^{BAD_NAME}$"):
        Queue(key=key)


@pytest.mark.parametrize("key", ["a", "_a-1", "x" * 100])
def test_a_queue_name_of_any_length_is_taken(key: str) -> None:
    """Only the manifest bounds it."""
    assert Queue(key=key).key == key


@pytest.mark.parametrize(
    ("events", "error", "message"),
    [
        ([], sdk.NoEventsToPushError, "No events pushed."),
        (
            [None] * 51,
            sdk.TooManyEventsError,
            "This push contains more than the 50 events allowed.",
        ),
        (None, sdk.InvalidPayloadError, "Event must be an object."),
        ("x", sdk.InvalidPayloadError, "Event must be an object."),
        ([1], sdk.InvalidPayloadError, "Event must be an object."),
        ({}, sdk.InvalidPayloadError, "Event body must be an object."),
        ({"body": []}, sdk.InvalidPayloadError, "Event body must be an object."),
        (
            {"body": None, "delay_in_seconds": 901},
            sdk.InvalidPayloadError,
            "Event body must be an object.",
        ),
        ({"body": {}, "delay_in_seconds": 900.1}, sdk.InvalidPushSettingsError, BAD_DELAY),
        ({"body": {}, "delay_in_seconds": -1}, sdk.InvalidPushSettingsError, BAD_DELAY),
        ({"body": {}, "delayInSeconds": "901"}, sdk.InvalidPushSettingsError, BAD_DELAY),
        (
            [ONE, {"body": {"x": "y" * 204_800}}],
            sdk.PayloadTooBigError,
            "The maximum payload size is 200KB.",
        ),
    ],
)
def test_a_bad_push_is_refused_by_the_client(
    events: Any, error: type[Exception], message: str
) -> None:
    """Class and message are those of the packages, and nothing is sent."""
    raised = refusal(events)

    assert type(raised) is error
    assert str(raised) == message


@pytest.mark.parametrize("delay", [0, 900, 0.5, float("nan"), "x", None, True])
def test_a_delay_that_is_no_number_out_of_bounds_goes_out(delay: Any) -> None:
    """As JavaScript compares."""
    with fake_platform(201):
        assert Queue("q").push({"body": {}, "delay_in_seconds": delay}).job_id == JOB


@pytest.mark.parametrize(("size", "fits"), [(204_800, True), (204_801, False)])
def test_the_envelope_counts_to_the_size(size: int, fits: bool) -> None:
    """200 KB of JSON text in UTF-8, brackets included."""
    event = {"body": {"x": "é" + "y" * (size - len('[{"body":{"x":""}}]') - 2)}}
    if fits:
        with fake_platform(201):
            Queue("q").push(event)
    else:
        assert isinstance(refusal(event), sdk.PayloadTooBigError)


def test_a_push_has_the_form_of_the_packages() -> None:
    """Service, path and body."""
    with fake_platform(201, "ignored") as hand:
        pushed = Queue("q").push([{"body": {"a": 1}, "delay_in_seconds": 2}, ONE])

    assert pushed == sdk.Pushed(JOB)
    (request,) = hand.requests
    assert request.service == {"type": "fpp", "provider": "app", "remote": "stargate"}
    assert request.path == (
        "/webhook/queue/publish/{contextAri}/{environmentId}/{appId}/{appVersion}"
    )
    assert hand.body == {
        "queueName": "q",
        "jobId": JOB,
        "type": "avi:forge:app:event",
        "schema": "ari:cloud:ecosystem::forge/app-event-2",
        "payload": [{"body": {"a": 1}, "delayInSeconds": 2}, {"body": {}}],
        "time": "2026-11-24T10:00:00.000Z",
    }


@pytest.mark.parametrize(
    ("status", "body", "error", "message"),
    [
        (413, {"errorMessage": "too big"}, sdk.PayloadTooBigError, "too big"),
        (413, {}, sdk.PayloadTooBigError, ""),
        (429, {}, sdk.RateLimitError, "Too many requests."),
        (
            405,
            {},
            sdk.InvocationLimitReachedError,
            "The limit on cyclic invocation has been reached.",
        ),
        (200, {}, sdk.InternalServerError, "200 Text"),
        (500, {"message": "m", "errors": ["a", "b"]}, sdk.InternalServerError, "500 Text: m: a, b"),
        (500, "no json", sdk.InternalServerError, "500 Text"),
        (404, {}, sdk.InternalServerError, "404 Text"),
    ],
)
def test_an_answer_becomes_the_error_of_the_packages(
    status: int, body: Any, error: type[Exception], message: str
) -> None:
    """For every status of the queue service."""
    with fake_platform(status, body, text="Text"), pytest.raises(sdk.EventsError) as raised:
        Queue("q").push(ONE)

    assert type(raised.value) is error
    assert str(raised.value) == message


def test_an_internal_error_has_code_and_details() -> None:
    """Of the body, or the status where there is none."""
    body = {"code": "C", "details": {"a": 1}}
    with fake_platform(500, body), pytest.raises(sdk.InternalServerError) as raised:
        Queue("q").push(ONE)
    assert (raised.value.error_code, raised.value.details) == ("C", {"a": 1})

    with fake_platform(500, "?"), pytest.raises(sdk.InternalServerError) as raised:
        Queue("q").push(ONE)
    assert raised.value.error_code == 500


@pytest.mark.parametrize(
    ("body", "message", "failed"),
    [
        ({}, "Failed to process some events.", []),
        ({"errorMessage": "E"}, "E", []),
        (
            {"failedEvents": [{"index": "1", "errorMessage": "no"}]},
            "Failed to process 1 event(s).",
            [{"error_message": "no", "payload": {"body": {"i": 1}}}],
        ),
        (
            {"errorMessage": "E", "failedEvents": [{"index": 0, "errorMessage": "no"}]},
            "Failed to process 1 event(s). E",
            [{"error_message": "no", "payload": {"body": {"i": 0}}}],
        ),
    ],
)
def test_a_partial_success_says_what_failed(body: Any, message: str, failed: Any) -> None:
    """With the events themselves, and the job of the others."""
    with fake_platform(202, body), pytest.raises(sdk.PartialSuccessError) as raised:
        Queue("q").push([{"body": {"i": 0}}, {"body": {"i": 1}}])

    assert str(raised.value) == message
    assert raised.value.failed_events == failed
    assert raised.value.job_id == JOB


def test_the_platform_itself_may_refuse() -> None:
    """By a header, whatever the status."""
    with (
        fake_platform(500, {}, {"forge-proxy-error": "X"}),
        pytest.raises(
            sdk.ProxyRequestError,
            match=r"^Forge platform failed to process runtime HTTP request - 500 - X$",
        ),
    ):
        Queue("q").push(ONE)
    header = {"forge-proxy-error": "NEEDS_AUTHENTICATION_ERR"}
    with fake_platform(401, {}, header), pytest.raises(sdk.NeedsAuthenticationError):
        Queue("q").push(ONE)


def test_statistics_and_cancelling_of_a_job() -> None:
    """By way of the job or of the queue."""
    with fake_platform(200, {"success": 1, "inProgress": 2, "failed": 3}) as hand:
        stats = Queue("q").get_job("j").get_stats()
        assert stats == Queue("q").get_stats("j") == sdk.JobStats(1, 2, 3)
        assert hand.requests[0].path.startswith("/webhook/queue/stats/")
    with fake_platform(204) as hand:
        Queue("q").cancel("j")
        assert hand.requests[0].path.startswith("/webhook/queue/cancel/")
        assert {k: hand.body[k] for k in ("queueName", "jobId")} == {"queueName": "q", "jobId": "j"}


def test_a_job_that_does_not_exist() -> None:
    """An empty id is refused by the client, an unknown one by the service."""
    job = Queue("q").get_job("")
    with (
        fake_platform(204),
        pytest.raises(sdk.JobDoesNotExistError, match=r"^jobId cannot be empty\.$"),
    ):
        job.cancel()
    unknown = r"^The job j was not found for the queue q\.$"
    with fake_platform(404, {}), pytest.raises(sdk.JobDoesNotExistError, match=unknown):
        Queue("q").get_stats("j")


def test_on_a_loop_a_call_is_awaited() -> None:
    """What it gives is typed as its result, and the request goes out at once."""

    async def handler() -> None:
        with fake_platform(201) as hand:
            reply = Queue("q").push(ONE)
            assert len(hand.requests) == 1
            with pytest.raises(AttributeError, match="await the call first"):
                _ = reply.job_id
            assert (await reply).job_id == JOB
            tasks = [asyncio.create_task(Queue("q").push(ONE)) for _ in range(2)]  # type: ignore
            assert [p.job_id for p in await asyncio.gather(*tasks)] == [JOB, JOB]

    asyncio.run(handler())


def test_on_a_loop_a_refusal_comes_where_it_is_awaited() -> None:
    """Both the client's and the service's."""

    async def handler() -> None:
        with fake_platform(429, {}):
            bad, late = Queue("q").push([]), Queue("q").push(ONE)
            with pytest.raises(sdk.NoEventsToPushError):
                await bad
            with pytest.raises(sdk.RateLimitError):
                await late

    asyncio.run(handler())


def test_a_call_that_is_never_awaited_is_told_of() -> None:
    """As of every coroutine."""

    async def handler() -> None:
        with fake_platform(201):
            Queue("q").push(ONE)

    with pytest.warns(RuntimeWarning, match="never awaited"):
        asyncio.run(handler())


def test_json_text_is_that_of_javascript() -> None:
    """Compact, not escaped, null for what is no number, and well-formed Unicode."""
    from forge_emu.sdk.json_text import json_text

    value = {"a": [1, float("nan"), "é", (True, None)], "b": "\ud800"}
    assert json_text(value) == '{"a":[1,null,"é",[true,null]],"b":"\ufffd"}'
    assert json.loads(json_text(value))["a"][1] is None
    circle: list[Any] = [float("inf")]
    circle.append(circle)
    with pytest.raises(ValueError, match="contains itself"):
        json_text(circle)
    with pytest.raises(TypeError, match="set"):
        json_text({"a": {1}})
