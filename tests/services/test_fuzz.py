"""Whatever an app's code sends: an answer, and no defect of ours."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from forge_emu.records import Log
from forge_emu.services.services import Services
from tests.services.platforms import KVS, STARGATE, engine, request

# fmt: off
WORDS = st.sampled_from([
    "queueName", "jobId", "payload", "schema", "delayInSeconds", "body", "concurrency", "key",
    "limit", "value", "options", "ttl", "unit", "SECONDS", "keyPolicy", "returnValue", "query",
    "variables", "input", "encrypted", "store-later", "metadataFields", "appStoredEntity",
    "where", "after", "cursor", "property", "condition", "BEGINS_WITH", "values", "set", "delete",
    "check", "entityName", "field", "thing", "indexName", "by-key", "range", "filters", "and", "or",
    "conditions", "partition", "sort", "EXISTS", "EQUAL_TO",
])
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | WORDS
    | st.text(max_size=6)
)
# fmt: on
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=5),
    max_leaves=15,
)
TEXTS = st.none() | VALUES.map(json.dumps) | st.text(max_size=80)
DEEP = st.sampled_from(
    ["[" * 60_000, '{"a":' * 60_000, "[" * 500 + "]" * 500, '"\\ud800"', "1e999"]
)
# fmt: off
PATHS = st.sampled_from([
    "/webhook/queue/publish/{contextAri}/x", "/webhook/queue/stats/x", "/webhook/queue/cancel/x",
    "/webhook/queue/", "/forge/entities/graphql", "/api/v1/get", "/api/v1/set", "/api/v1/delete",
    "/api/v1/secret/set", "/api/v1/query", "/api/v1/batch/get", "/api/v1/batch/set",
    "/api/v1/batch/delete", "/api/v1/transaction", "/api/v1/entity/get", "/api/v1/entity/set",
    "/api/v1/entity/delete", "/api/v1/entity/query", "/app/event/publish", "/rest/api/3/issue",
]) | st.text(max_size=20)
# fmt: on
OPTIONS = st.sampled_from([KVS, STARGATE]) | st.dictionaries(
    st.text(max_size=8), VALUES, max_size=3
)
GRAPHQL = st.builds(
    lambda field, values: json.dumps({"query": f"mutation {{ {field} }}", "variables": values}),
    st.sampled_from(
        [
            "appStoredEntity(key: $key)",
            "setAppStoredEntity",
            "deleteAppStoredEntity",
            "appStoredEntities(where: $where)",
            "",
            "{" * 3_000,
            "a" * 50_000,
        ]
    ),
    VALUES,
)


@settings(max_examples=400, deadline=None)
@given(PATHS, TEXTS | DEEP, OPTIONS, st.sampled_from(["POST", "GET", "DELETE"]))
def test_any_call(path: str, body: str | None, options: dict[str, Any], method: str) -> None:
    """The queue, the store, the product APIs and what does not exist."""
    check(path, body, options, method)


@settings(max_examples=300, deadline=None)
@given(GRAPHQL | TEXTS | DEEP)
def test_any_query_of_the_old_storage(body: str | None) -> None:
    """GraphQL that is none, and GraphQL of another kind."""
    check("/forge/entities/graphql", body, STARGATE, "POST")


def check(path: str, body: str | None, options: dict[str, Any], method: str) -> None:
    """The answer is text, and no record speaks of a defect."""
    platform = engine()
    services = Services(platform)
    answer = services.answer_request(request(path, body, options, method=method), 0)
    assert 200 <= answer.status < 600
    assert answer.status != 500, answer.body
    assert len(answer.body) < 1_000_000
    if answer.body and answer.headers.get("content-type") == "application/json":
        json.loads(answer.body)
    for record in platform.take_records():
        assert not (isinstance(record.body, Log) and "defect" in record.body.message), record.body
