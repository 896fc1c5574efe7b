"""The JSON of a stored value, as the key-value service answers it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from forge_emu.model import Json, StoredValue, iso8601


def metadata_fields_of(options: Json, option: str = "metadataFields") -> list[str]:
    """The metadata fields that the app asked for in `option` of options that have been checked."""
    return (options or {}).get(option) or []


def value_json(
    value: StoredValue, fields: Sequence[str], epoch_ms: int, *, with_entity_name: bool = False
) -> bytes:
    """`{key, value}` and the metadata that was asked for; the value's text stays as it is."""
    parts = [b'"key":', msgspec.json.encode(value.key), b',"value":', value.value_text]
    if value.entity and with_entity_name:
        parts.append(b',"entityName":' + msgspec.json.encode(value.entity))
    if "CREATED_AT" in fields:
        parts.append(b',"createdAt":%d' % (epoch_ms + value.created_at))
    if "UPDATED_AT" in fields:
        parts.append(b',"updatedAt":%d' % (epoch_ms + value.updated_at))
    if "EXPIRE_TIME" in fields and value.expires_at is not None:
        parts.append(b',"expireTime":"%s"' % iso8601(epoch_ms + value.expires_at).encode())
    return b"{" + b"".join(parts) + b"}"
