"""What requests are called that nobody waited for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from forge_emu.model import Unanswered, UnansweredCall, UnansweredRequest
from forge_emu.services.request_names import request_name, unanswered_calls

KVS = {"type": "kvs"}
JIRA = {"type": "fpp", "provider": "app", "remote": "jira"}
PUSH = "/webhook/queue/publish/a/b"


def unanswered(
    options: dict[str, Any], path: str, body: object = None, place: str | None = None
) -> UnansweredRequest:
    """A request with a JSON body."""
    text = body if isinstance(body, str) or body is None else json.dumps(body)
    return UnansweredRequest(options, path, "POST", text, place)


@pytest.mark.parametrize(
    ("request_", "name"),
    [
        (unanswered({}, PUSH, {"queueName": "work", "payload": []}), "queue.push work"),
        (unanswered({}, "/webhook/queue/stats/a", {"queueName": "w"}), "job.getStats w"),
        (unanswered({}, "/webhook/queue/cancel/a", {"queueName": "w"}), "job.cancel w"),
        (unanswered(KVS, "/api/v1/set", {"key": "k", "value": 1}), "kvs.set k"),
        (unanswered(KVS, "/api/v1/secret/get", {"key": "k"}), "kvs.getSecret k"),
        (
            unanswered(KVS, "/api/v1/entity/set", {"key": "k", "entityName": "thing"}),
            "kvs.entity().set thing/k",
        ),
        (
            unanswered(KVS, "/api/v1/batch/set", [{"key": "a"}, {"key": "b"}]),
            "kvs.batchSet a and 1 more",
        ),
        (unanswered(KVS, "/api/v1/transaction", {"set": []}), "kvs.transact"),
        (unanswered(KVS, "/api/v1/set", "{not json"), "kvs.set"),
        (unanswered(KVS, "/api/v1/set", '"\ud800"'), "kvs.set"),
        (unanswered(KVS, "/api/v1/set", [1, {"key": 2}]), "kvs.set  and 1 more"),
        (unanswered(KVS, "/api/v1/set"), "kvs.set"),
        (unanswered(KVS, "/api/v1/get", {"key": "x" * 999}), f"kvs.get {'x' * 200}…"),
        (unanswered(JIRA, "/rest/api/3/myself"), "requestJira() POST /rest/api/3/myself"),
        (
            unanswered({}, "/forge/entities/graphql", {"query": "{ setAppStoredEntity(x) }"}),
            "storage.set",
        ),
        (unanswered({}, "/forge/events/v1/app-events", {}), "appEvents.publish"),
    ],
)
def test_a_request_is_named_as_the_app_called_it(request_: UnansweredRequest, name: str) -> None:
    """The call, and its key, queue or path; what cannot be read has a name all the same."""
    assert str(request_name(request_)) == name


def test_equal_calls_of_one_line_are_counted() -> None:
    """At most ten kinds are named, and the number is that of all requests."""
    requests = [unanswered(KVS, "/api/v1/get", {"key": "a"}, "src/index.js:3")] * 3
    requests += [unanswered(KVS, "/api/v1/get", {"key": f"k{i}"}) for i in range(20)]
    found = unanswered_calls(requests, 120)
    assert isinstance(found, Unanswered)
    assert found.requests == 120
    assert len(found.calls) == 10
    assert found.calls[0] == UnansweredCall("kvs.get", "a", 3, "src/index.js:3")


def test_nothing_unanswered_is_nothing() -> None:
    """An invocation that waited for everything has no such field."""
    assert unanswered_calls([], 0) is None
