"""Request by request: what each package sends, and the exact answer that it can read.

The requests are those that @forge/events 1.0.3, 2.1.4 and 3.0.8, @forge/kvs 1.6.5 and
@forge/storage 1.8.1 and 2.0.3 make; the answers are what their code looks at, and nothing else.
"""

from __future__ import annotations

from typing import Any

import pytest

from forge_emu.services.services import Services
from tests.services.platforms import KVS, STARGATE, engine, json_of, request

PLACES = "{contextAri}/{environmentId}/{appId}/{appVersion}"
NOW = "2026-01-01T00:00:00.000Z"


def push(schema: str, payload: list[Any], **more: Any) -> dict[str, Any]:
    """The body of a push, in the package's own order."""
    return {
        "queueName": "snapshots",
        "jobId": "job-1",
        "type": "avi:forge:app:event",
        "schema": f"ari:cloud:ecosystem::forge/{schema}",
        "payload": payload,
        "time": NOW,
        **more,
    }


JOB = {"queueName": "snapshots", "jobId": "job-1", "time": NOW}
FIRST_PUSH = push("app-event", [{"a": 1}], delayInSeconds=5)
PUSH = push("app-event-2", [{"body": {"a": 1}, "delayInSeconds": 0.5}, {"body": {"b": 1}}])
NAN_PUSH = push("app-event-2", [{"body": {}, "delayInSeconds": None}])
EXPIRY = "EXPIRE_TIME"
EPOCH = 1_767_225_600_000

Call = tuple[dict[str, Any], str, Any, int, Any]
"""Options, path, request body; status and body of the answer (None: no body)."""


def queue(call: str, body: Any, status: int, answer: Any) -> Call:
    return STARGATE, f"/webhook/queue/{call}/{PLACES}", body, status, answer


def kvs(call: str, body: Any, status: int, answer: Any) -> Call:
    return KVS, f"/api/v1/{call}", body, status, answer


def storage(query: str, variables: Any, answer: Any) -> Call:
    return (
        STARGATE,
        "/forge/entities/graphql",
        {"query": query, "variables": variables},
        200,
        answer,
    )


GET_QUERY = """
      query forge_app_getApplicationStorageEntity($key: ID!, $encrypted: Boolean!) {
        appStoredEntity(key: $key, encrypted: $encrypted) {
          key
          value
        }
      }
"""
SET_QUERY = """
      mutation forge_app_setApplicationStorageEntity($input: SetAppStoredEntityMutationInput!) {
        appStorage{
          setAppStoredEntity(input: $input) { success errors { message } }
        }
      }
"""
DELETE_QUERY = """
      mutation forge_app_deleteApplicationStorageEntity(
        $input: DeleteAppStoredEntityMutationInput!) {
        appStorage {
          deleteAppStoredEntity(input: $input) { success errors { message } }
        }
      }
"""
DONE = {"success": True, "errors": None}

CONVERSATIONS: dict[str, list[Call]] = {
    "events 1: push, stats, cancel": [
        queue("publish", FIRST_PUSH, 201, {}),
        queue("stats", JOB, 200, {"success": 0, "inProgress": 1, "failed": 0}),
        queue("cancel", JOB, 204, None),
        queue("stats", JOB, 200, {"success": 0, "inProgress": 0, "failed": 0}),
    ],
    "events 2 and 3: push, stats, cancel": [
        queue("publish", PUSH, 201, {}),
        queue("stats", JOB, 200, {"success": 0, "inProgress": 2, "failed": 0}),
        queue("cancel", JOB, 204, None),
    ],
    "events 3: a delay of NaN travels as null": [queue("publish", NAN_PUSH, 201, {})],
    "kvs: a value": [
        kvs("set", {"key": "k", "value": {"a": 1}}, 204, None),
        kvs("get", {"key": "k"}, 200, {"key": "k", "value": {"a": 1}}),
        kvs("get", {"key": "k", "options": {}}, 200, {"key": "k", "value": {"a": 1}}),
        kvs("delete", {"key": "k"}, 204, None),
        kvs("delete", {"key": "k"}, 204, None),
    ],
    "kvs: metadata": [
        kvs(
            "set",
            {"key": "k", "value": 1, "options": {"ttl": {"value": 1, "unit": "DAYS"}}},
            204,
            None,
        ),
        kvs(
            "get",
            {"key": "k", "options": {"metadataFields": ["CREATED_AT", "UPDATED_AT", EXPIRY]}},
            200,
            {
                "key": "k",
                "value": 1,
                "createdAt": EPOCH,
                "updatedAt": EPOCH,
                "expireTime": "2026-01-02T00:00:00.000Z",
            },
        ),
    ],
    "kvs: returned values": [
        kvs(
            "set",
            {
                "key": "k",
                "value": 1,
                "options": {"keyPolicy": "OVERRIDE", "returnValue": "PREVIOUS"},
            },
            204,
            None,
        ),
        kvs(
            "set",
            {
                "key": "k",
                "value": 2,
                "options": {"keyPolicy": "OVERRIDE", "returnValue": "PREVIOUS"},
            },
            200,
            {"key": "k", "value": 1},
        ),
        kvs(
            "set",
            {"key": "k", "value": 3, "options": {"keyPolicy": "OVERRIDE", "returnValue": "LATEST"}},
            200,
            {"key": "k", "value": 3},
        ),
    ],
    "kvs: secrets": [
        kvs("secret/set", {"key": "k", "value": "s"}, 204, None),
        kvs("secret/get", {"key": "k"}, 200, {"key": "k", "value": "s"}),
        kvs("secret/delete", {"key": "k"}, 204, None),
    ],
    "storage 1 and 2": [
        storage(
            SET_QUERY,
            {"input": {"key": "k", "value": [1, None], "encrypted": False}},
            {"data": {"appStorage": {"setAppStoredEntity": DONE}}},
        ),
        storage(
            GET_QUERY,
            {"key": "k", "encrypted": False},
            {"data": {"appStoredEntity": {"key": "k", "value": [1, None]}}},
        ),
        storage(
            GET_QUERY,
            {"key": "k", "encrypted": True},
            {"data": {"appStoredEntity": {"key": "k", "value": None}}},
        ),
        storage(
            DELETE_QUERY,
            {"input": {"key": "k", "encrypted": False}},
            {"data": {"appStorage": {"deleteAppStoredEntity": DONE}}},
        ),
    ],
}


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_answers_have_exactly_the_shape_the_package_reads(name: str) -> None:
    """Each request of a conversation is answered with the status and body, field by field."""
    services = Services(engine())
    for options, path, body, status, expected in CONVERSATIONS[name]:
        response = services.answer_request(request(path, body, options), 0)
        answer = json_of(response) if response.body else None

        assert (response.status, answer) == (status, expected), path


@pytest.mark.parametrize(
    ("call", "status", "code"),
    [
        (kvs("get", {"key": "k"}, 0, None), 404, "KEY_NOT_FOUND"),
        (kvs("get", {}, 0, None), 400, "INVALID_KEY"),
        (kvs("get", {"key": ""}, 0, None), 400, "KEY_TOO_SHORT"),
        (kvs("set", {"key": "k"}, 0, None), 400, "INVALID_VALUE"),
        (kvs("set", {"key": "k" * 501, "value": 1}, 0, None), 400, "KEY_TOO_LONG"),
        (kvs("set", {"key": "k", "value": "x" * 245_759}, 0, None), 400, "MAX_SIZE"),
        (kvs("query", {"limit": 101}, 0, None), 400, "LIST_QUERY_LIMIT_EXCEEDED"),
        (kvs("batch/set", [], 0, None), 400, "INVALID_BATCH_REQUEST"),
        (kvs("transaction", {}, 0, None), 400, "INVALID_TRANSACTION_REQUEST"),
        (kvs("entity/query", {}, 0, None), 400, "INVALID_ENTITY_TYPE"),
        (queue("stats", JOB, 0, None), 404, "JOB_NOT_FOUND"),
    ],
)
def test_refusals_have_code_and_message(call: Call, status: int, code: str) -> None:
    """@forge/kvs takes a body for an error of Forge only if it has both code and message."""
    options, path, body, _, _ = call
    response = Services(engine()).answer_request(request(path, body, options), 0)
    answer = json_of(response)

    assert (response.status, answer["code"]) == (status, code)
    assert isinstance(answer["message"], str)
    assert answer["message"]


def test_refusals_carry_the_status_text() -> None:
    """The packages build their messages from `statusText`, so there is one."""
    pushed = Services(engine()).answer_request(request(f"/webhook/queue/publish/{PLACES}", {}), 0)

    assert (pushed.status, pushed.status_text) == (400, "Bad Request")
