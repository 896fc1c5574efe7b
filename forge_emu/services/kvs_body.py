"""What the bodies of the key-value service say, as `@forge/kvs` 1 sends them.

Values travel as the JSON text the app sent: nothing is decoded that need not be.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

from forge_emu.engine.kvs.requests import KvsItem
from forge_emu.errors import Fault
from forge_emu.model import Instant, Json
from forge_emu.ports import AppRequest
from forge_emu.services.platform import Platform, record_kvs_refused
from forge_emu.services.request_body import body_bytes, decode_json

T = TypeVar("T")


class KeyBody(msgspec.Struct):
    """One key and what is asked of it: the body of a call about one, an item of one about many."""

    key: Json = None
    value: msgspec.Raw = msgspec.Raw()
    options: Json = None
    entity: Json = msgspec.field(default=None, name="entityName")
    conditions: Json = None

    @property
    def value_text(self) -> bytes | None:
        """The value's JSON text, None where the app sent none."""
        return bytes(self.value) or None

    def item(self) -> KvsItem:
        """The same for the engine."""
        return KvsItem(self.key, self.value_text, self.options, self.entity, self.conditions)


def decode_kvs_body(
    platform: Platform,
    request: AppRequest,
    operation: str,
    decoder: msgspec.json.Decoder[T],
    now: Instant,
) -> T:
    """The decoded body. Raises Fault (400) for one that cannot be read, and records the refusal
    under `operation`.
    """
    try:
        return decode_json(decoder, body_bytes(request.body))
    except Fault as fault:
        record_kvs_refused(platform, operation, fault, request.invocation_id, now)
        raise
