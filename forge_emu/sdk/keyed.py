"""Values by key: what the plain store and each custom entity have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, cast, overload

from forge_emu.sdk.calls import Done
from forge_emu.sdk.door import Json
from forge_emu.sdk.kvs_wire import KvsEntry, Ttl, delete_value, get_value, listed, set_value


class Keyed:
    """`path` is where its calls go, `named` what every one of them says besides the key."""

    def __init__(self, path: str, named: dict[str, Json]) -> None:
        self._path = path
        self._named = named

    def get(self, key: str, *, metadata_fields: Sequence[str] | None = None) -> Any:
        """The value under `key`, None where there is none; a KvsEntry with `metadata_fields`."""
        return get_value(f"{self._path}/get", {**self._named, "key": key}, metadata_fields)

    @overload
    def set(
        self, key: str, value: Json, *, ttl: Ttl | None = None, key_policy: str | None = None
    ) -> Done: ...

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
    ) -> Done | KvsEntry:
        """Store `value`. With `return_value`, answers a KvsEntry (None where there is none)."""
        options = {
            "ttl": ttl,
            "keyPolicy": key_policy,
            "returnValue": return_value,
            "returnMetadataFields": listed(return_metadata_fields),
        }
        body = {**self._named, "key": key, "value": value}
        return cast("Done | KvsEntry", set_value(f"{self._path}/set", body, options))

    def delete(self, key: str) -> Done:
        """Remove the value under `key`, if there is one."""
        return cast("Done", delete_value(f"{self._path}/delete", {**self._named, "key": key}))
