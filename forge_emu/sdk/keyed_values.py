"""Values by key: what the plain store and each custom entity have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, cast, overload

from forge_emu.sdk.calls import NoResult
from forge_emu.sdk.kvs_wire import KvsEntry, Ttl, delete_value, field_names, get_value, set_value
from forge_emu.sdk.platform import Json


class KeyedValues:
    """`path` is where its calls go, `common_fields` are in the body of each beside the key."""

    def __init__(self, path: str, common_fields: dict[str, Json]) -> None:
        self._path = path
        self._common_fields = common_fields

    def get(self, key: str, *, metadata_fields: Sequence[str] | None = None) -> Any:
        """The value under `key`, None where there is none; a KvsEntry with `metadata_fields`."""
        return get_value(f"{self._path}/get", {**self._common_fields, "key": key}, metadata_fields)

    @overload
    def set(
        self, key: str, value: Json, *, ttl: Ttl | None = None, key_policy: str | None = None
    ) -> NoResult: ...

    @overload
    def set(
        self,
        key: str,
        value: Json,
        *,
        ttl: Ttl | None = None,
        key_policy: str | None = None,
        return_value: Literal["PREVIOUS", "LATEST"],
        return_metadata_fields: Sequence[str] | None = None,
    ) -> KvsEntry: ...

    def set(
        self,
        key: str,
        value: Json,
        *,
        ttl: Ttl | None = None,
        key_policy: str | None = None,
        return_value: str | None = None,
        return_metadata_fields: Sequence[str] | None = None,
    ) -> NoResult | KvsEntry:
        """Store `value`. With `return_value`, answers a KvsEntry (None where there is none)."""
        options = {
            "ttl": ttl,
            "keyPolicy": key_policy,
            "returnValue": return_value,
            "returnMetadataFields": field_names(return_metadata_fields),
        }
        body = {**self._common_fields, "key": key, "value": value}
        return cast("NoResult | KvsEntry", set_value(f"{self._path}/set", body, options))

    def delete(self, key: str) -> NoResult:
        """Remove the value under `key`, if there is one."""
        return cast(
            "NoResult", delete_value(f"{self._path}/delete", {**self._common_fields, "key": key})
        )
