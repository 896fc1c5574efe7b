"""What an app has made up loses its secrets before it is a record; everything else stays."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest

from forge_emu import records as r
from forge_emu.engine.journal.masking import APP_TEXT_FIELDS, mask_body
from forge_emu.engine.journal.secrets import Secrets
from forge_emu.engine.kvs.requests import KvsAnswer
from forge_emu.errors import Fault, Problem
from forge_emu.model import (
    ErrorReport,
    Failed,
    KvsRequest,
    PushItem,
    RetryRequested,
    StoredValue,
)
from tests.engine.world import World, open_fields

CANARY = "canary-4711"

OURS = {
    "AppLoaded": {
        "app_id",
        "functions",
        "consumers",
        "triggers",
        "memory_mb",
        "limits",
        "latency",
        "latency_changes",
        "faults",
        "url",
    },
    "AppReloaded": {"app_id", "functions", "consumers", "triggers", "memory_mb"},
    "AppRejected": {"app_id"},
    "ProductEventSent": {"product_event_id", "name", "batch", "replay_of", "caused_by"},
    "ProductEventFiltered": {"product_event_id", "trigger", "reason"},
    "InvocationStarted": {
        "invocation_id",
        "function",
        "module",
        "module_key",
        "instance",
        "event_id",
        "product_event_id",
        "call_id",
    },
    "InvocationFinished": {
        "invocation_id",
        "function",
        "outcome",
        "event_id",
        "product_event_id",
        "call_id",
    },
    "EventPushed": {"event_id", "job_id", "invocation_id", "replay_of"},
    "PushRefused": {"error", "limit", "invocation_id"},
    "RetryScheduled": {
        "limit",
        "asked_by",
        "event_id",
        "product_event_id",
        "trigger",
        "call_id",
        "module_key",
    },
    "EventSucceeded": {"event_id"},
    "EventCancelled": {"event_id"},
    "EventDropped": {"event_id", "reason"},
    "EventExpired": {"event_id"},
    "EventDeferred": {"event_id", "product_event_id", "trigger"},
    "ProductEventSucceeded": {"product_event_id"},
    "ProductEventDropped": {"product_event_id", "reason"},
    "CallReceived": {"call_id", "module", "module_key", "function"},
    "CallSucceeded": {"call_id"},
    "CallFailed": {"call_id", "reason", "limit"},
    "ScheduleByHand": {"action", "module_key"},
    "ScheduleSkipped": {"module_key", "reason"},
    "KvsDone": {"operation", "invocation_id"},
    "KvsRefused": {"operation", "code", "limit", "invocation_id"},
    "FaultInjected": {"fault", "rule", "invocation_id", "event_id", "product_event_id", "call_id"},
    "ActedByHand": {"action"},
    "ControlRefused": {"method"},
    "RequestAnswered": {"account", "invocation_id", "events", "place", "limit"},
    "RequestMocked": {"mock", "invocation_id"},
    "RequestSent": {"invocation_id"},
    "RequestEnded": {"invocation_id"},
    "RequestRefused": {"limit", "invocation_id"},
    "AppEventPublished": {"key", "name", "recipients", "invocation_id"},
    "RequestUnsupported": {"invocation_id"},
    "RequestLost": {"place", "invocation_id"},
    "Log": {"level", "invocation_id"},
}
"""Texts that no app makes up."""


def knowing(world: World) -> World:
    """The same with a canary among its secrets."""
    world.engine.secrets.add_variable("API_KEY", CANARY)
    return world


@pytest.mark.parametrize("kind", r.Body.__subclasses__(), ids=lambda kind: kind.__name__)
def test_every_text_of_a_record_is_the_apps_or_ours(kind: type[r.Body]) -> None:
    """A new field has to be thought about."""
    texts = {
        name
        for name, annotation in kind.__annotations__.items()
        if any(
            word in str(annotation)
            for word in ("str", "ErrorReport", "Problem", "RetryMistake", "Unanswered")
        )
    }
    assert texts == set(APP_TEXT_FIELDS.get(kind, ())) | OURS.get(kind.__name__, set())


def test_a_record_without_secrets_is_the_record_itself() -> None:
    """Nothing is copied."""
    secrets = Secrets()
    secrets.add_variable("API_KEY", CANARY)
    body = r.Log(level="info", message="nothing")
    assert mask_body(body, secrets) is body
    numbers = r.EmulatorRestarted(
        previous_end=1, clean=True, away_ms=1, pending=1, overdue=1, interrupted=1
    )
    assert mask_body(numbers, secrets) is numbers


def test_problems_lose_their_secrets() -> None:
    """A module may throw them while it loads; file and place stay."""
    world = knowing(World())
    problem = Problem(f"src/{CANARY}.js", 1, 2, f"it said {CANARY}", f"not {CANARY}")
    world.engine.record(r.AppRejected(app_id="a", problems=[problem]), 0)
    world.collect()
    (told,) = world.bodies_of(r.AppRejected)[0].problems
    assert (told.message, told.hint) == ("it said [API_KEY]", "not [API_KEY]")
    assert told.file == problem.file


def test_what_a_handler_says_is_masked_on_every_way() -> None:
    """Printed, thrown, as a reason, as a key, as a queue, as a concurrency key; ids stay."""
    world = knowing(World())
    world.engine.record(r.Log(level="info", message=f"log {CANARY}"), 0)
    world.push(PushItem.of(1, concurrency={"key": CANARY, "limit": 1}))
    world.push(PushItem.of(2, concurrency={"key": CANARY, "limit": 1}))
    world.push(PushItem.of(3), queue=f"to-{CANARY}")
    world.advance_to(world.now)
    world.end_invocation(RetryRequested(30, f"reason {CANARY}"))
    error = ErrorReport(f"Name{CANARY}", f"message {CANARY}", f"stack {CANARY}")
    world.advance_to(20_000)
    world.end_invocation(Failed(error))
    for key in (CANARY, f"{CANARY}{'x' * 600}"):
        request = KvsRequest("set", key, value_text=b'"v"')
        with suppress(Fault):
            world.engine.kvs.call(request, world.now)
    world.collect()
    lines = [r.encode_record(record).decode() for record in world.records]
    assert [line for line in lines if CANARY in line] == []
    for wanted in (
        '"log [API_KEY]"',
        '"concurrency:[API_KEY]"',
        '"to-[API_KEY]"',
        '"reason [API_KEY]"',
        '"Name[API_KEY]"',
        '"message [API_KEY]"',
        '"stack [API_KEY]"',
        '"key":"[API_KEY]"',
    ):
        assert any(wanted in line for line in lines), wanted


def test_the_app_gets_back_what_it_said() -> None:
    """Payload, reason, data and values are true; people do not see them."""
    world = knowing(World())
    world.push(PushItem.of({"secret": CANARY}))
    world.advance_to(world.now)
    world.end_invocation(RetryRequested(1, f"because {CANARY}", {"data": CANARY}))
    shown = open_fields(world.engine)
    assert shown[0]["retry_reason"] == "because [API_KEY]"
    world.advance_to(2_000)
    (again,) = world.started
    assert again.event["body"] == {"secret": CANARY}
    context = json.dumps(again.event["retryContext"])
    assert f"because {CANARY}" in context
    assert f'"data": "{CANARY}"' in context
    value = f'"{CANARY}"'.encode()
    world.engine.kvs.call(KvsRequest("set", "k", value_text=value), world.now)
    found = world.engine.kvs.call(KvsRequest("get", "k"), world.now)
    assert found == KvsAnswer(found=(StoredValue("k", value, world.now, world.now),))


@pytest.mark.parametrize("by_hand", [False, True])
def test_a_secret_of_the_store_is_known_from_then_on(by_hand: bool) -> None:
    """Also where a developer stored it by hand, and after a restart."""
    world = World()
    request = KvsRequest("set", "k", value_text=f'{{"a": "{CANARY}"}}'.encode(), secret=True)
    if by_hand:
        world.engine.kvs.edit(request, 0)
    else:
        world.engine.kvs.call(request, 0)
    world.engine.record(r.Log(level="info", message=CANARY), 0)
    world.collect()
    assert world.bodies_of(r.Log)[0].message == "[secret k]"


def test_a_secret_that_is_refused_is_one_as_well() -> None:
    """The handler that is refused may print it."""
    world = World(limits__kvs__requests_per_second=0)
    request = KvsRequest("set", "k", value_text=f'"{CANARY}"'.encode(), secret=True)
    with pytest.raises(Fault):
        world.engine.kvs.call(request, 0)
    world.engine.record(r.Log(level="info", message=CANARY), 0)
    world.collect()
    assert world.bodies_of(r.Log)[0].message == "[secret k]"


def test_secrets_are_known_after_a_restart(tmp_path: Any) -> None:
    """Before anything is said."""
    world = World()
    world.persist_to(tmp_path)
    request = KvsRequest("set", "k", value_text=f'"{CANARY}"'.encode(), secret=True)
    world.engine.kvs.call(request, 0)
    world.collect()
    world.restart()
    world.engine.record(r.Log(level="info", message=CANARY), world.now)
    world.collect()
    assert world.bodies_of(r.Log)[-1].message == "[secret k]"
    assert world.database is not None
    world.database.close()


def test_words_of_what_was_dropped_are_masked_on_disk(tmp_path: Any) -> None:
    """No handler sees them again."""
    world = knowing(World(async_events__max_retries=0))
    world.persist_to(tmp_path)
    world.push(PushItem.of(1))
    world.advance_to(world.now)
    world.end_invocation(RetryRequested(1, f"because {CANARY}"))
    assert world.bodies_of(r.EventDropped)
    assert world.database is not None
    kept = world.database.read_state()
    world.database.close()
    assert kept is not None
    assert CANARY not in str(kept.saved.deliveries)


def test_names_of_the_manifest_stay() -> None:
    """A secret that is part of a queue's name hides no queue."""
    world = World()
    world.engine.secrets.add_variable("API_KEY", "work")
    world.push(PushItem.of(1))
    assert world.bodies_of(r.EventPushed)[0].queue == "work"
    assert open_fields(world.engine)[0]["queue"] == "work"


def test_masking_changes_no_other_part_of_a_run() -> None:
    """The same sequence, instants and ids with and without secrets."""

    def played(world: World) -> list[tuple[int, int, str]]:
        for n in range(20):
            world.push(PushItem.of({"n": n, "text": CANARY}))
        world.advance_to(world.now)
        while world.started:
            world.end_invocation(RetryRequested(None, f"because {CANARY}"))
            world.advance_to(world.now + 1_000)
        world.advance_to(3_600_000)
        return [(record.seq, record.at, record.type) for record in world.records]

    assert played(World()) == played(knowing(World()))
