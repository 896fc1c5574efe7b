"""Batches of the SDK: what they send, and what they make of answers."""

from __future__ import annotations

from typing import Any

from forge_emu.sdk import (
    BatchGetResult,
    BatchItemError,
    BatchItemSuccess,
    BatchResult,
    KvsEntry,
    MetadataField,
    kvs,
)
from tests.sdk.fake_platform import fake_platform


def test_batches_have_the_form_of_the_package() -> None:
    """A bare list of items; options have the names of the wire."""
    ttl: Any = {"value": 1, "unit": "DAYS"}
    with fake_platform(200, {"successfulKeys": [], "failedKeys": []}) as hand:
        kvs.batch_set(
            [{"key": "a", "value": None}, {"key": "b", "value": 1, "options": {"ttl": ttl}}]
        )
        kvs.batch_get([{"key": "a", "options": {"metadata_fields": [MetadataField.UPDATED_AT]}}])
        kvs.batch_delete([{"key": "a"}])
        kvs.batch_get(["a"])  # type: ignore[list-item]
        sent = [(r.path, r.body) for r in hand.requests]

    assert sent == [
        (
            "/api/v1/batch/set",
            '[{"key":"a","value":null},{"key":"b","value":1,"options":'
            '{"ttl":{"value":1,"unit":"DAYS"}}}]',
        ),
        ("/api/v1/batch/get", '[{"key":"a","options":{"metadataFields":["UPDATED_AT"]}}]'),
        ("/api/v1/batch/delete", '[{"key":"a"}]'),
        ("/api/v1/batch/get", '["a"]'),
    ]


def test_a_batch_tells_what_became_of_each_key() -> None:
    """Nothing is raised for keys that failed."""
    failed = [{"key": "b", "error": {"code": "MAX_SIZE", "message": "too large"}}]
    with fake_platform(200, {"successfulKeys": [{"key": "a", "value": 2}], "failedKeys": failed}):
        stored = kvs.batch_set([{"key": "a", "value": 2}, {"key": "b", "value": "..."}])
        found = kvs.batch_get([{"key": "a"}, {"key": "b"}])

    errors = [BatchItemError("b", "MAX_SIZE", "too large")]
    assert stored == BatchResult([BatchItemSuccess("a")], errors)
    assert found == BatchGetResult([KvsEntry("a", 2)], errors)
