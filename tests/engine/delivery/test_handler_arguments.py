"""The two arguments of a handler have the platform's shape."""

from __future__ import annotations

import json

import msgspec
import pytest
from msgspec import Raw

from forge_emu.engine.delivery.handler_arguments import (
    ExtendedPayload,
    app_event,
    async_event,
    life_cycle_payload,
    payload_head,
    product_event,
    resolver_call,
    retention_window,
    retry_context,
    subject_of,
)
from forge_emu.engine.installation import Installation
from forge_emu.model import Consumer, Json, PushItem
from tests.engine.world import BOOM, World, app, queued_event


def test_old_resolver_consumers_get_their_call_form() -> None:
    """The method, the payload and the retry context inside it."""
    old = Consumer("consumer", "work", "work", "on-event", 1)
    world = World(msgspec.structs.replace(app(), consumers=(old,)))
    world.push(PushItem.of({"a": 1}))
    call = world.advance_to(0).end_invocation(BOOM).event["call"]
    assert call == {"functionKey": "on-event", "payload": {"a": 1}, "jobId": "job1"}
    payload = world.advance_to(10_000).next_invocation().event["call"]["payload"]
    assert payload["a"] == 1
    assert payload["retryContext"]["retryCount"] == 1


@pytest.mark.parametrize(
    ("payload", "subject"),
    [
        ({"issue": {"key": "EMU-1"}}, "EMU-1"),
        ({"issue": {"key": 7}, "content": {"title": "Page", "id": "1"}}, "Page"),
        ({"content": {"title": None, "id": "1"}}, "1"),
        ({"issue": "EMU-1"}, None),
        ({"sprint": {"id": "4", "name": "Sprint 4"}}, "Sprint 4"),
        ({"pullrequest": {"id": 12}, "repository": {"name": "code"}}, "12"),
        ({"mergedVersion": None, "version": {"name": "", "id": "7"}}, "7"),
        ({"id": "customfield_10051", "key": "customfield_10051"}, "customfield_10051"),
        ({}, None),
    ],
)
def test_what_an_event_is_about(payload: dict[str, Json], subject: str | None) -> None:
    """The first text that names it: an issue's key, a page's title, its id."""
    assert subject_of(payload) == subject


@pytest.mark.parametrize(("account", "found"), [("me", "me"), (None, None), (7, None)])
def test_the_account_of_an_event_is_a_text(account: Json, found: str | None) -> None:
    """Nothing else is an account id."""
    assert payload_head(Raw(msgspec.json.encode({"atlassianId": account}))).account == found
    assert payload_head(Raw(b"{}")).account is None


@pytest.mark.parametrize("text", ["{}", " { } ", '{"a":[1]}', '{"a":"}"}\n'])
def test_fields_are_added_at_the_end_of_a_text(text: str) -> None:
    """The rest of it stays as it is."""
    added = ExtendedPayload(Raw(text.encode()), {"context": {"b": 2}}).joined

    assert list(json.loads(bytes(added)).items()) == [
        *json.loads(text).items(),
        ("context", {"b": 2}),
    ]


@pytest.mark.parametrize("name", ["context", "contextToken", "retryContext"])
def test_a_payload_that_has_a_name_of_the_platform_is_known_by_its_head(name: str) -> None:
    """Deeper within it such a name means nothing."""
    assert payload_head(Raw(f'{{"{name}":null}}'.encode())).has_added_names
    assert not payload_head(Raw(f'{{"a":{{"{name}":1}}}}'.encode())).has_added_names


@pytest.mark.parametrize(("now", "remaining"), [(99, 1), (100, 0), (101, 0)])
def test_what_remains_of_a_window_is_never_less_than_nothing(now: int, remaining: int) -> None:
    """It began when the event was pushed, in real time."""
    assert retention_window(40, 100, now, 1_000) == {
        "startTime": "1970-01-01T00:00:01.040Z",
        "remainingTimeMs": remaining,
    }


def test_a_first_delivery_has_no_retry_context() -> None:
    """A later one has, with a window only where it is given."""
    event = queued_event()
    assert retry_context(event, {"remainingTimeMs": 1}) is None
    event.retry_reason, event.retry_data, event.retry_count = "BUSY", None, 2
    plain = {"retryCount": 2, "retryReason": "BUSY", "retryData": None}
    assert retry_context(event, None) == plain
    assert retry_context(event, {"remainingTimeMs": 1}) == {
        **plain,
        "retentionWindow": {"remainingTimeMs": 1},
    }


def test_a_trigger_sees_where_it_runs() -> None:
    """Site and module; a `context` of the product's own stays."""
    event = queued_event()
    assert product_event({"issue": 1}, "c", "t", event) == {
        "issue": 1,
        "context": {"cloudId": "c", "moduleKey": "t"},
    }
    assert product_event({"context": "own"}, "c", "t", event) == {"context": "own"}


def test_the_context_of_a_life_cycle_event_is_an_address_for_remotes_alone() -> None:
    """Which know the event by its type; what a user gives as an object stays."""
    payload: dict[str, Json] = {"id": "i", "context": "ari:cloud:jira::site/c"}
    assert life_cycle_payload(payload, "e", for_remote=True) == {**payload, "eventType": "e"}
    assert life_cycle_payload(payload, "e", for_remote=False) == {"id": "i"}
    own = {"context": {"cloudId": "c"}}
    assert life_cycle_payload(own, "e", for_remote=False) == own


def test_an_app_event_says_where_it_arrives() -> None:
    """With a token that means nothing to an app; a context of the user's own stays."""
    argument: Json = {"name": "n", "context": {"cloudId": "c", "moduleKey": "t"}}
    assert app_event(argument, "id") == {
        "name": "n",
        "context": {"cloudId": "c", "moduleKey": "t", "userAccess": {"enabled": False}},
        "contextToken": "forge-emu-id",
    }
    assert app_event({"context": "own"}, "id")["context"] == "own"


@pytest.mark.parametrize(("data", "seen"), [(None, {}), ({"a": 1}, {"retryData": {"a": 1}})])
def test_the_retry_of_a_trigger_has_data_only_if_there_is_any(
    data: Json, seen: dict[str, Json]
) -> None:
    """A retention window is not for product events."""
    event = queued_event()
    event.retry_reason, event.retry_data, event.retry_count = "BUSY", data, 2
    found = product_event({}, "c", "t", event)["retryContext"]
    assert found == {"retryCount": 2, "retryReason": "BUSY", **seen}


@pytest.mark.parametrize(
    ("item", "more"),
    [
        (PushItem.of(1), {}),
        (PushItem.of(1, 0), {}),
        (PushItem.of(1, None), {}),
        (PushItem.of(1, 0.5), {"delayInSeconds": 0.5}),
        (PushItem.of(1, 0, {}), {"concurrency": {}}),
    ],
)
def test_an_async_event_has_only_what_the_push_gave(item: PushItem, more: dict[str, Json]) -> None:
    """No delay and no concurrency leave no field."""
    plain = {"queueName": "work", "jobId": "j", "eventId": "e", "body": 1}
    for retry in ({}, {"retryCount": 1}):
        argument = async_event(item, "work", "j", "e", retry or None)
        seen = {"retryContext": retry} if retry else {}
        assert msgspec.json.decode(msgspec.json.encode(argument)) == {**plain, **more, **seen}


@pytest.mark.parametrize("body", ["text", 7, None, [1]])
def test_a_payload_that_is_no_object_takes_no_retry_context(body: Json) -> None:
    """The old call form has no other place for it."""
    consumer = Consumer("c", "work", "work", "on-event", 1)
    call = resolver_call(
        PushItem.of(body), "j", consumer, Installation("i", "c"), {"retryCount": 1}
    )
    assert call == {
        "call": {"functionKey": "on-event", "payload": body, "jobId": "j"},
        "context": {"cloudId": "c", "moduleKey": "c", "jobId": "j"},
    }
