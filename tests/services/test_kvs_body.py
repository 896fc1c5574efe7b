"""What a body says: read, or refused under the name of its call."""

from __future__ import annotations

import msgspec
import pytest

from forge_emu import records
from forge_emu.engine.kvs.requests import KvsItem
from forge_emu.errors import Fault
from forge_emu.services.kvs_body import KeyBody, decode_kvs_body
from tests.services.platforms import ScriptedPlatform, Wire, request


@pytest.mark.parametrize(
    ("path", "operation"),
    [("entity/get", "get_entity"), ("entity/set", "set_entity"), ("entity/query", "query_entity")],
)
def test_what_is_no_thing_is_refused(path: str, operation: str) -> None:
    """Unreadable, or without a name that the manifest knows; on record under its operation."""
    wire = Wire()
    assert wire.call(path, "[")[0] == 400
    assert wire.call(path, {"key": "k", "value": {}})[1]["code"].endswith(("_TYPE", "_SHORT"))
    assert [r.operation for r in wire.bodies(records.KvsRefused)] == [operation] * 2


def test_a_body_of_one_key_and_an_item_have_one_shape() -> None:
    """The value stays the text that the app sent; one that is not there is none."""
    text = b'{"key":["k"],"value": [1.0 ],"options":5,"entityName":"thing","conditions":{}}'
    full = msgspec.json.decode(text, type=KeyBody)
    empty = msgspec.json.decode(b"{}", type=KeyBody)

    assert full.item() == KvsItem(["k"], b"[1.0 ]", 5, "thing", {})
    assert empty.item() == KvsItem(None)
    assert empty.value_text is None


def test_what_cannot_be_read_is_refused_and_recorded_under_its_operation() -> None:
    """Before the store is asked."""
    platform = ScriptedPlatform()
    with pytest.raises(Fault) as caught:
        decode_kvs_body(
            platform, request("/x", '{"key":'), "set_secret", msgspec.json.Decoder(KeyBody), 0
        )
    [record] = platform.records

    assert caught.value.status == 400
    assert isinstance(record, records.KvsRefused)
    assert (record.operation, record.key, record.code) == ("set_secret", "", "BAD_REQUEST")
    assert platform.calls == []
