"""What is shown of events: bodies, attempts, logs, requests, and what is missing."""

from __future__ import annotations

import json

import pytest
from msgspec import structs

from forge_emu.control.contract import TriggerOrder
from forge_emu.engine.journal.secrets import Secrets
from forge_emu.errors import UserError
from forge_emu.model import ErrorReport, Failed, RetryRequested, Success
from forge_emu.payloads.requests import NOT_KEPT
from forge_emu.ports import AppRequest, LogLine, SentRequestAnswered, SentRequestEnded
from tests.emulator.emulator_harness import EmulatorHarness
from tests.emulator.harness import in_event_loop
from tests.engine.world import app


def harness_with_payloads(**options: object) -> EmulatorHarness:
    """An emulator that keeps payloads."""
    return EmulatorHarness(keeps_payloads=True, **options)  # type: ignore[arg-type]


def request(harness: EmulatorHarness, path: str, body: str, kind: str = "kvs") -> None:
    """The handler that was started first asks for something."""
    invocation = harness.runtime.invoked[0].invocation_id
    number = len(harness.runtime.answers) + 10
    harness.receive([AppRequest(number, invocation, {"type": kind}, path, "POST", {}, body)])


@in_event_loop
async def test_an_event_of_a_queue_with_its_attempts() -> None:
    """Body, arguments, value, log, requests with answers, errors."""
    harness = harness_with_payloads(settings={"async_events.max_retries": 1})
    harness.push()
    first = harness.runtime.invoked[0]
    harness.receive([LogLine(first.invocation_id, "info", "hello")])
    request(harness, "/api/v1/set", '{"key":"k","value":{"n":1}}')
    harness.end_invocation(RetryRequested(retry_after=1, result='{"_retry":true}'))
    harness.turn(2_000)
    harness.end_invocation(Failed(ErrorReport("TypeError", "boom")))

    found = harness.emulator.payloads.payload(str(first.event_id))
    assert (found["id"], found["kind"], found["body"]) == (first.event_id, "event", {})
    assert found["note"] is None
    one, two = found["invocations"]
    assert (one["attempt"], one["function"], one["outcome"]) == (1, "work", "retry_requested")
    assert one["given"]["event"]["eventId"] == first.event_id
    assert one["given"]["context"]["installContext"].startswith("ari:cloud:jira::site/")
    assert one["returned"] == {"_retry": True}
    assert one["logs"] == [{"at": 0, "level": "info", "message": "hello"}]
    assert one["requests"] == [
        {
            "method": "POST",
            "url": "/api/v1/set",
            "status": 204,
            "sent": '{"key":"k","value":{"n":1}}',
            "answer": None,
        }
    ]
    assert "error" not in one
    assert two["error"] == {"name": "TypeError", "message": "boom", "stack": None}
    assert two["given"]["event"]["retryContext"]["retryCount"] == 1


@in_event_loop
async def test_a_product_event_nobody_listens_to() -> None:
    """By the key of its issue; the last one of several, which is said."""
    harness = harness_with_payloads()
    for _ in range(2):
        harness.emulator.trigger(TriggerOrder("issue-deleted", key="EMU-7"))
        harness.turn()

    found = harness.emulator.payloads.payload("EMU-7")
    assert (found["kind"], found["body"]["issue"]["key"]) == ("product_event", "EMU-7")
    assert found["invocations"] == []
    assert "EMU-7 names 2 of them, and this is the last" in found["note"]


@in_event_loop
async def test_a_payload_is_kept_once_and_shown_with_each_attempt() -> None:
    """What a handler got is the payload with the platform's fields at its end, on a retry too."""
    harness = harness_with_payloads()
    harness.emulator.trigger(TriggerOrder("issue-created", data={"mark": "once"}))
    harness.turn()
    first = harness.runtime.invoked[0]
    harness.end_invocation(RetryRequested(1))
    harness.turn(900_000)
    second = harness.runtime.invoked[0]
    running = harness.emulator.payloads.payload(str(first.product_event_id))
    harness.end_invocation()

    found = harness.emulator.payloads.payload(str(first.product_event_id))
    given = [each["given"]["event"] for each in found["invocations"]]
    assert [json.dumps(each) for each in given] == [json.dumps(x.event) for x in (first, second)]
    assert running["invocations"][1]["given"]["event"] == second.event
    assert found["body"]["mark"] == "once"
    collector = harness.emulator.payload_collector
    assert collector is not None
    kept = collector.kept.get(str(first.product_event_id))
    assert kept is not None
    assert [b"once" in row.entry for row in kept.attempts] == [False, False]


@in_event_loop
async def test_a_body_is_kept_once_and_shown_with_each_attempt() -> None:
    """What a consumer got has it in its place, also while the attempt runs."""
    harness = harness_with_payloads()
    harness.push(body={"mark": "once"})
    first = harness.runtime.invoked[0]
    harness.end_invocation(RetryRequested(1))
    harness.turn(900_000)
    second = harness.runtime.invoked[0]
    running = harness.emulator.payloads.payload(str(first.event_id))
    harness.end_invocation()

    found = harness.emulator.payloads.payload(str(first.event_id))
    given = [each["given"]["event"] for each in found["invocations"]]
    assert [json.dumps(each) for each in given] == [json.dumps(x.event) for x in (first, second)]
    assert running["invocations"][1]["given"]["event"] == second.event
    assert found["body"] == {"mark": "once"}
    collector = harness.emulator.payload_collector
    assert collector is not None
    kept = collector.kept.get(str(first.event_id))
    assert kept is not None
    assert [b"once" in row.entry for row in kept.attempts] == [False, False]


@in_event_loop
async def test_an_attempt_that_runs() -> None:
    """As far as it has come."""
    harness = harness_with_payloads()
    harness.push()
    request(harness, "/api/v1/get", '{"key":"k"}')

    (running,) = harness.emulator.payloads.payload("j")["invocations"]
    assert (running["outcome"], running["returned"]) == (None, None)
    assert running["requests"][0]["status"] == 404


@in_event_loop
async def test_secrets_never_appear() -> None:
    """Those of variables, those of the store, and what becomes secret later."""
    secrets = Secrets()
    secrets.add_variable("API_KEY", "variable-canary")
    harness = harness_with_payloads(secrets=secrets)
    harness.push()
    id = harness.runtime.invoked[0].event_id
    harness.receive([LogLine(harness.runtime.invoked[0].invocation_id, "info", "later-canary")])
    request(harness, "/api/v1/set", '{"key":"variable-canary","value":"later-canary"}')
    request(harness, "/api/v1/secret/set", '{"key":"s","value":"later-canary"}')
    request(harness, "/api/v1/secret/get", '{"key":"s"}')
    harness.end_invocation(Success(result='"variable-canary"'))

    text = json.dumps(harness.emulator.payloads.payload(str(id)))
    assert "canary" not in text
    assert "[API_KEY]" in text
    assert "[secret s]" in text
    assert "[a secret of the store]" in text


@in_event_loop
@pytest.mark.parametrize(
    ("body", "cut", "kept"),
    [
        (None, False, NOT_KEPT),
        ("I am a teapot of canary", False, "I am a teapot of [KEY]"),
        ("", False, None),
        ("x" * 70_000, True, f"{'x' * 64_000}… (cut: it is longer)"),
        ("x" * 70_000, False, f"{'x' * 64_000}… (70,000 characters in all)"),
        ("\x00\x01", True, "(2 characters of binary data)"),
    ],
)
async def test_a_request_that_went_out_has_the_answer_that_the_host_tells(
    body: str | None, cut: bool, kept: str | None
) -> None:
    """Bounded, without secrets; where the host tells none, that it is not kept."""
    secrets = Secrets()
    secrets.add_variable("KEY", "canary")
    harness = harness_with_payloads(
        the_app=structs.replace(app(), egress=("https://example.com",)), secrets=secrets
    )
    harness.push()
    id = harness.runtime.invoked[0].event_id
    url = "https://example.com/x?n=1"
    request(harness, url, "{}", "egress")
    who = harness.runtime.invoked[0].invocation_id
    harness.receive([SentRequestEnded(who, "POST", url, 418, 5)])
    if body is not None:
        harness.receive([SentRequestAnswered(who, "POST", url, body, cut)])
        harness.receive([SentRequestAnswered(who, "POST", url, "of none", False)])
    harness.end_invocation()

    found = harness.emulator.payloads.payload(str(id))
    (sent,) = found["invocations"][0]["requests"]
    assert (sent["url"], sent["status"], sent["answer"]) == (url, 418, kept)
    assert found["note"] is None


@in_event_loop
async def test_what_is_too_much_is_counted() -> None:
    """Lines of a log, and requests."""
    harness = harness_with_payloads()
    harness.push()
    invocation = harness.runtime.invoked[0]
    harness.receive([LogLine(invocation.invocation_id, "info", "x") for _ in range(1_005)])
    harness.end_invocation()

    found = harness.emulator.payloads.payload(str(invocation.event_id))
    assert len(found["invocations"][0]["logs"]) == 1_000
    assert found["note"] == "of attempt 1, 5 log lines left out"


@pytest.mark.parametrize(
    ("name", "words"), [("nobody-at-all", "nothing is kept of"), ("abc", "too short")]
)
@in_event_loop
async def test_a_name_of_nothing_is_refused(name: str, words: str) -> None:
    """In words that say why."""
    harness = harness_with_payloads()
    with pytest.raises(UserError, match=words):
        harness.emulator.payloads.payload(name)


@in_event_loop
async def test_a_run_without_payloads_names_the_setting() -> None:
    """That keeps them."""
    with pytest.raises(UserError, match="keeps no payloads") as error:
        EmulatorHarness().emulator.payloads.payload("EMU-1")
    assert "state.payloads_mb" in str(error.value.hint)


@in_event_loop
async def test_an_event_that_is_open_has_its_body_from_the_engine() -> None:
    """However long ago its payload went."""
    harness = harness_with_payloads(settings={"state.payloads_mb": 1})
    harness.push(900)
    (delivery,) = harness.engine.queue_admin.open_deliveries()
    for _ in range(3_000):
        harness.push(900)
    assert harness.emulator.payload_collector is not None
    assert harness.emulator.payload_collector.kept.get(delivery.id) is None

    found = harness.emulator.payloads.payload(delivery.id)
    assert (found["body"], found["invocations"]) == ({}, [])
