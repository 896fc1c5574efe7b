"""`appEvents.publish`: what is checked, what the app is told, and which triggers get the events."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from forge_emu.model import App, EventModule, Json, Subscription, Trigger
from forge_emu.records import AppEventPublished, RequestRefused
from forge_emu.services.app_events import PATH
from forge_emu.settings.refusals import APP_EVENTS_KEY, APP_EVENTS_NONE, REQUEST_BODY
from tests.services.platforms import ScriptedPlatform, json_of, send_request

PLACED = "avi:cloud:ecosystem::event/1/placed"
PAID = "avi:cloud:ecosystem::event/1/paid"


def platform(**settings: Any) -> ScriptedPlatform:
    """An app that publishes two events, and listens to one."""
    found = ScriptedPlatform(overrides={k.replace("__", "."): v for k, v in settings.items()})
    modules = (EventModule("placed", "Order placed", ("*",), 1), EventModule("paid", "Paid", (), 2))
    trigger = Trigger("listen", "run", (Subscription(PLACED),), 1)
    found.app = App(
        "ari:cloud:ecosystem::app/1", "Test", "manifest.yml", None, {}, (), (trigger,),
        event_modules=modules,
    )  # fmt: skip
    return found


def publish(on: ScriptedPlatform, *keys: Json) -> tuple[int, Any]:
    """Status and body of a call with these keys."""
    response = send_request(on, PATH, {"events": [{"key": key} for key in keys]})
    return response.status, json_of(response)


def test_a_declared_event_is_published() -> None:
    """The product sends it, and a record says who may get it, and whether the app listens."""
    on = platform()

    assert publish(on, "placed", "paid") == (200, {"failedEvents": []})
    assert [(call[0], call[1], call[2]["name"]) for call in on.calls] == [
        ("event", PLACED, "Order placed"),
        ("event", PAID, "Paid"),
    ]
    published = [(r.name, r.recipients, r.heard) for r in records_of(on, AppEventPublished)]
    assert published == [(PLACED, ["*"], True), (PAID, [], False)]


def test_the_payload_is_that_of_the_documentation() -> None:
    """Site and environment of the app that publishes."""
    on = platform()
    publish(on, "placed")
    [(_, _, payload)] = on.calls

    assert payload.pop("environmentId").count("-") == 4
    assert payload == {
        "workspaceId": "ari:cloud:jira::site/cloud-1",
        "eventType": PLACED,
        "name": "Order placed",
        "environmentType": "DEVELOPMENT",
        "environmentKey": "default",
    }


@pytest.mark.parametrize("key", ["place", None, 7, ["placed"]])
def test_an_event_that_is_not_declared_fails_alone(key: Json) -> None:
    """The others are published; the app is told which one, and the nearest."""
    on = platform()
    status, body = publish(on, "placed", key)
    [failed] = body["failedEvents"]
    [refused] = records_of(on, RequestRefused)

    assert (status, failed["event"]) == (200, {"key": key})
    assert failed["errorMessage"].endswith(
        "Did you mean placed?" if key != 7 and key is not None else "has no such key."
    )
    assert (refused.limit, refused.message) == (APP_EVENTS_KEY.name, failed["errorMessage"])
    assert len(on.calls) == 1


@pytest.mark.parametrize(("count", "status"), [(9, 200), (10, 200), (11, 400)])
def test_ten_events_a_call(count: int, status: int) -> None:
    """One more, and none is published."""
    on = platform()
    found, body = publish(on, *["placed"] * count)

    assert (found, len(on.calls)) == (status, count if status == 200 else 0)
    if status == 400:
        assert body["errorMessages"] == [
            "appEvents.publish() takes 10 events at most, 11 were given."
        ]


def test_the_number_is_a_setting() -> None:
    """Or there is no limit."""
    assert publish(platform(limits__app_events__per_publish=1), "placed", "paid")[0] == 400
    assert publish(platform(limits__app_events__per_publish=None), *["paid"] * 50)[0] == 200


@pytest.mark.parametrize(
    ("body", "limit"),
    [
        ({"events": []}, APP_EVENTS_NONE.name),
        ({}, REQUEST_BODY.name),
        ({"events": "placed"}, REQUEST_BODY.name),
        ("{", REQUEST_BODY.name),
        ("", REQUEST_BODY.name),
    ],
)
def test_what_cannot_be_read_is_refused(body: Json, limit: str) -> None:
    """With status 400, the message that the package looks for, and a record."""
    on = platform()
    response = send_request(on, PATH, body)
    [refused] = records_of(on, RequestRefused)

    assert response.status == refused.status == 400
    assert json_of(response)["errorMessages"] == [refused.message]
    assert (refused.limit, on.calls) == (limit, [])


def records_of(on: ScriptedPlatform, kind: type[msgspec.Struct]) -> list[Any]:
    """The records of one kind."""
    return [record for record in on.records if isinstance(record, kind)]
