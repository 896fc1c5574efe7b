"""Pushes, stats and cancellations of every version of the package reach the engine unaltered."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from forge_emu.errors import Fault
from forge_emu.model import PushItem, PushRequest
from forge_emu.records import PushRefused
from forge_emu.services.services import Services
from tests.services.platforms import ScriptedPlatform, engine, fault, json_of, request, send_request

PLACES = "{contextAri}/{environmentId}/{appId}/{appVersion}"
PUBLISH = f"/webhook/queue/publish/{PLACES}"
STATS = f"/webhook/queue/stats/{PLACES}"
CANCEL = f"/webhook/queue/cancel/{PLACES}"


def push_body(payload: Any, schema: str = "app-event-2", **more: Any) -> dict[str, Any]:
    return {
        "queueName": "snapshots",
        "jobId": "job-1",
        "type": "avi:forge:app:event",
        "schema": f"ari:cloud:ecosystem::forge/{schema}",
        "payload": payload,
        "time": "2026-01-01T00:00:00.000Z",
        **more,
    }


def test_push_of_versions_2_and_3() -> None:
    """Every item keeps its body, delay and concurrency; sizes are those of the text sent."""
    platform = ScriptedPlatform()
    text = (
        '{"queueName":"snapshots","jobId":"job-1","schema":"ari:cloud:ecosystem::forge/app-event-2",'
        '"payload":[{"body":{"n":"é"},"delayInSeconds":0.5},'
        '{"body":{"n":2.0},"concurrency":{"key":"k","limit":2}}]}'
    )
    response = send_request(platform, PUBLISH, text)

    assert response.status == 201
    assert platform.calls == [
        PushRequest(
            queue="snapshots",
            job_id="job-1",
            items=(
                PushItem.of({"n": "é"}, 0.5),
                PushItem.of({"n": 2.0}, 0, {"key": "k", "limit": 2}),
            ),
            item_bytes=(40, 54),
            size_bytes=97,
            invocation_id="inv-1",
        )
    ]


@pytest.mark.parametrize("number", ["1e400", "-1E+999", "7" * 5000])
@pytest.mark.parametrize("schema", ["app-event-2", "app-event"])
def test_a_push_with_a_number_that_nobody_can_read_is_refused(schema: str, number: str) -> None:
    """400; the engine hears nothing of it, wherever the number stands."""
    platform = ScriptedPlatform()
    text = (
        f'{{"queueName":"snapshots","jobId":"j","schema":"ari:cloud:ecosystem::forge/{schema}",'
        f'"payload":[{{"body":{{"n":[{number}]}}}}]}}'
    )
    response = send_request(platform, PUBLISH, text)

    assert (response.status, platform.calls) == (400, [])


def test_push_of_version_1() -> None:
    """Items are bare payloads of any kind, and the one delay holds for all of them."""
    platform = ScriptedPlatform()
    send_request(platform, PUBLISH, push_body([{"a": 1}, "text"], "app-event", delayInSeconds=30))
    send_request(platform, PUBLISH, push_body([{"body": 1}], "app-event"))

    assert [(c.items, c.item_bytes, c.size_bytes, c.legacy) for c in platform.calls] == [
        ((PushItem.of({"a": 1}, 30), PushItem.of("text", 30)), (7, 6), 16, True),
        ((PushItem.of({"body": 1}, 0),), (10,), 12, True),
    ]


@pytest.mark.parametrize("size", [204_799, 204_800, 204_801])
def test_size_is_that_of_the_payload_list(size: int) -> None:
    """What the package measures, brackets and envelopes included, is what the engine is told."""
    platform = ScriptedPlatform()
    frame = len('[{"body":{"x":""}}]')
    send_request(platform, PUBLISH, push_body([{"body": {"x": "y" * (size - frame)}}]))

    assert platform.calls[0].size_bytes == size


def test_accepted_push_is_201() -> None:
    """The one status that `push` takes for success, with a JSON body."""
    response = send_request(ScriptedPlatform(), PUBLISH, push_body([{"body": {}}]))

    assert (response.status, response.body, response.status_text) == (201, "{}", "Created")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (202, {"failedEvents": [{"index": 1, "errorMessage": "no"}], "errorMessage": "Some"}),
        (405, {"message": "The limit on cyclic invocation has been reached."}),
        (413, {"errorMessage": "The maximum payload size is 200KB."}),
        (429, {"code": "TOO_MANY_REQUESTS", "message": "Too many requests."}),
    ],
)
def test_refused_push_passes_status_and_body_on(status: int, body: dict[str, Any]) -> None:
    """Refusals of the engine go out as they are: the package makes its error classes of them."""
    platform = ScriptedPlatform(fault=Fault(status, body, headers={"retry-after": "1"}))
    response = send_request(platform, PUBLISH, push_body([{"body": {}}]))

    assert (response.status, json_of(response)) == (status, body)
    assert response.headers == {"content-type": "application/json", "retry-after": "1"}


@pytest.mark.parametrize(
    ("body", "code", "queue"),
    [
        (None, "BAD_REQUEST", ""),
        ("", "BAD_REQUEST", ""),
        ("{", "BAD_REQUEST", ""),
        ("[]", "BAD_REQUEST", ""),
        ('{"queueName":"q"}', "BAD_REQUEST", ""),
        (push_body("text"), "BAD_REQUEST", "snapshots"),
        (push_body([]), "NO_EVENTS", "snapshots"),
        (push_body([{}]), "BAD_REQUEST", "snapshots"),
        (push_body([7]), "BAD_REQUEST", "snapshots"),
        (push_body([{"body": {}}], queueName="no spaces"), "INVALID_QUEUE_NAME", "no spaces"),
        (push_body([{"body": {}}], queueName=""), "INVALID_QUEUE_NAME", ""),
    ],
)
def test_malformed_push_is_400_and_recorded(body: Any, code: str, queue: str) -> None:
    """What cannot be read is refused with code and message, and stands in the records."""
    platform = ScriptedPlatform()
    response = send_request(platform, PUBLISH, body)
    refused = platform.records[0]

    assert response.status == 400
    assert json_of(response)["code"] == code
    assert json_of(response)["message"]
    assert platform.calls == []
    assert isinstance(refused, PushRefused)
    assert (refused.queue, refused.error, refused.status) == (queue, "InternalServerError", 400)


def test_push_nested_beyond_all_measure_is_refused() -> None:
    """A body nested thousands of levels deep is a 400, not a crash."""
    deep = "[" * 50_000 + "]" * 50_000
    response = send_request(
        ScriptedPlatform(), PUBLISH, f'{{"queueName":"q","jobId":"j","payload":{deep}}}'
    )

    assert (response.status, json_of(response)["code"]) == (400, "MAX_DEPTH")


def test_a_body_is_kept_as_the_text_that_was_sent() -> None:
    """And nothing else of the request with it."""
    platform = ScriptedPlatform()
    text = msgspec.json.encode(push_body([{"body": "BODY"}, {"body": 1}])).decode()
    send_request(platform, PUBLISH, text.replace('"BODY"', '{"a" : 1.0}'))

    item, _ = platform.calls[0].items
    assert (bytes(item.text), item.body) == (b'{"a" : 1.0}', {"a": 1.0})


def test_half_an_emoji_becomes_the_replacement_character() -> None:
    """A string cut within a surrogate pair is stored as services on UTF-8 store it."""
    platform = ScriptedPlatform()
    text = msgspec.json.encode(push_body([{"body": {"s": "CUT"}}])).decode()
    send_request(platform, PUBLISH, text.replace("CUT", r"\ud83d\ude00 \\ud83d \ud83d"))

    assert platform.calls[0].items[0].body == {"s": "😀 \\ud83d \ufffd"}


def test_stats_are_three_numbers() -> None:
    """`getStats` gets exactly the fields the package reads."""
    platform = ScriptedPlatform()
    response = send_request(platform, STATS, {"queueName": "q", "jobId": "j", "time": "now"})

    assert platform.calls == [("stats", "j", "q")]
    assert response.status == 200
    assert response.body == '{"success":3,"inProgress":2,"failed":1}'


def test_cancel_is_204() -> None:
    """`cancel` gets an answer without a body."""
    platform = ScriptedPlatform()
    response = send_request(platform, CANCEL, {"queueName": "q", "jobId": "j", "time": "now"})

    assert platform.calls == [("cancel", "j", "q")]
    assert (response.status, response.body) == (204, "")


@pytest.mark.parametrize("path", [STATS, CANCEL])
def test_unknown_job_is_404(path: str) -> None:
    """Stats and cancellation of a job that does not exist are 404."""
    response = send_request(
        ScriptedPlatform(fault=fault(404)), path, {"queueName": "q", "jobId": "j"}
    )

    assert response.status == 404


@pytest.mark.parametrize("path", [STATS, CANCEL])
def test_malformed_job_call_is_400(path: str) -> None:
    """A call without a job's id is refused before the engine hears of it."""
    platform = ScriptedPlatform()

    assert send_request(platform, path, {"queueName": "q"}).status == 400
    assert platform.calls == []


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_other_methods_are_not_emulated(method: str) -> None:
    """A queue path with another method is refused as unknown, not taken for a push."""
    response = Services(ScriptedPlatform()).answer_request(request(PUBLISH, None, method=method), 0)

    assert response.status == 501


def test_unknown_queue_call_is_not_emulated() -> None:
    """A path under /webhook/queue/ that nobody knows is refused by name."""
    response = send_request(ScriptedPlatform(), "/webhook/queue/drain/x", {})

    assert response.status == 501
    assert "/webhook/queue/drain/x" in json_of(response)["message"]


def test_against_the_real_engine() -> None:
    """A job pushed can be looked up and cancelled; an unknown one cannot."""
    services = Services(engine())
    pushed = services.answer_request(request(PUBLISH, push_body([{"body": {}}] * 3)), 0)
    job = {"queueName": "snapshots", "jobId": "job-1"}
    stats = services.answer_request(request(STATS, job), 0)
    cancelled = services.answer_request(request(CANCEL, job), 0)
    other = services.answer_request(request(STATS, {**job, "jobId": "job-2"}), 0)

    assert [r.status for r in (pushed, stats, cancelled, other)] == [201, 200, 204, 404]
    assert json_of(stats) == {"success": 0, "inProgress": 3, "failed": 0}


def test_long_push_against_the_real_engine() -> None:
    """200 KiB pass and one byte more is 413, as the package's own check would have it."""
    services = Services(engine())
    frame = len('[{"body":{"x":""}}]')
    answers = [
        services.answer_request(
            request(PUBLISH, push_body([{"body": {"x": "y" * (size - frame)}}], jobId=f"j{size}")),
            0,
        ).status
        for size in (204_799, 204_800, 204_801)
    ]

    assert answers == [201, 201, 413]
