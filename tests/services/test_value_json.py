"""A stored value is answered as the text it is, with the metadata that was asked for."""

from __future__ import annotations

from typing import Any

import pytest

from forge_emu.model import StoredValue
from forge_emu.services.value_json import metadata_fields_of, value_json

VALUE = StoredValue('k"1', b'{"a" : 1.0}', 1_000, 2_000, 3_000)
THING = StoredValue("k", b"{}", 0, 0, entity="thing")
EPOCH = 1_767_225_600_000  # 2026-01-01T00:00:00Z


@pytest.mark.parametrize(
    ("fields", "more"),
    [
        ([], b""),
        (["CREATED_AT"], b',"createdAt":1767225601000'),
        (["UPDATED_AT"], b',"updatedAt":1767225602000'),
        (["EXPIRE_TIME"], b',"expireTime":"2026-01-01T00:00:03.000Z"'),
        (
            ["EXPIRE_TIME", "UPDATED_AT"],
            b',"updatedAt":1767225602000,"expireTime":"2026-01-01T00:00:03.000Z"',
        ),
    ],
)
def test_the_text_of_a_value_stays_as_it_is(fields: list[str], more: bytes) -> None:
    """What was asked for stands behind it."""
    expected = b'{"key":"k\\"1","value":{"a" : 1.0}%s}' % more
    assert value_json(VALUE, fields, EPOCH) == expected


def test_what_lasts_has_no_expire_time() -> None:
    """Asked for or not."""
    assert value_json(THING, ["EXPIRE_TIME"], EPOCH) == b'{"key":"k","value":{}}'


def test_an_entity_is_named_only_in_batches() -> None:
    """A plain value has none there either."""
    named = value_json(THING, [], EPOCH, with_entity_name=True)

    assert named == b'{"key":"k","value":{},"entityName":"thing"}'
    assert b"entityName" not in value_json(VALUE, [], EPOCH, with_entity_name=True)


@pytest.mark.parametrize(
    ("options", "fields"),
    [
        (None, []),
        ({}, []),
        ({"metadataFields": None}, []),
        (
            {"metadataFields": ["CREATED_AT"], "returnMetadataFields": ["EXPIRE_TIME"]},
            ["CREATED_AT"],
        ),
    ],
)
def test_fields_are_those_of_the_options(options: Any, fields: list[str]) -> None:
    """A `set` has an option of its own for what it returns."""
    assert metadata_fields_of(options) == fields
    if fields:
        assert metadata_fields_of(options, "returnMetadataFields") == ["EXPIRE_TIME"]
