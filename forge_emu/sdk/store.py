"""The key-value store, as `@forge/kvs` offers it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Literal, TypedDict, cast, overload

from forge_emu.sdk import calls
from forge_emu.sdk.answers import check_platform, json_body, object_body
from forge_emu.sdk.calls import Awaited, Done
from forge_emu.sdk.door import Json, Request, Response
from forge_emu.sdk.errors import ForgeKvsAPIError
from forge_emu.sdk.json_text import json_text

_SERVICE: Final = {"type": "kvs", "provider": "app", "remote": "kvs"}
_UNEXPECTED: Final = "Unexpected error in Forge KVS API"


class MetadataField(StrEnum):
    """What the store knows of a value besides its key."""

    CREATED_AT = "CREATED_AT"
    UPDATED_AT = "UPDATED_AT"
    EXPIRE_TIME = "EXPIRE_TIME"


class Ttl(TypedDict):
    """How long a value lives."""

    value: int
    unit: Literal["SECONDS", "MINUTES", "HOURS", "DAYS"]


@dataclass(frozen=True)
class KvsEntry(Awaited):
    """A value with what was asked for beside it.

    `created_at` and `updated_at` are milliseconds since 1970, `expire_time` an ISO text.
    """

    key: str
    value: Json
    created_at: int | None = None
    updated_at: int | None = None
    expire_time: str | None = None


class KeyValueStore:
    """The store of the app's installation. Every call raises ForgeKvsAPIError when refused."""

    def get(self, key: str, *, metadata_fields: Sequence[str] | None = None) -> Any:
        """The value under `key`, None where there is none; a KvsEntry with `metadata_fields`."""
        return _get("/api/v1/get", key, metadata_fields)

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
            "returnMetadataFields": _listed(return_metadata_fields),
        }
        return cast("Done | KvsEntry", _set("/api/v1/set", key, value, options))

    def delete(self, key: str) -> Done:
        """Remove the value under `key`, if there is one."""
        return cast("Done", _delete("/api/v1/delete", key))

    def get_secret(self, key: str, *, metadata_fields: Sequence[str] | None = None) -> Any:
        """As `get`, of the secret values."""
        return _get("/api/v1/secret/get", key, metadata_fields)

    def set_secret(self, key: str, value: Json, *, ttl: Ttl | None = None) -> Done:
        """As `set`, of the secret values."""
        return cast("Done", _set("/api/v1/secret/set", key, value, {"ttl": ttl}))

    def delete_secret(self, key: str) -> Done:
        """As `delete`, of the secret values."""
        return cast("Done", _delete("/api/v1/secret/delete", key))


kvs = KeyValueStore()


def _get(path: str, key: str, metadata_fields: Sequence[str] | None) -> Any:
    body: dict[str, Json] = {"key": key}
    if metadata_fields is not None:
        body["options"] = {"metadataFields": _listed(metadata_fields)}

    def read(response: Response) -> Any:
        found = _object(path, response)
        if found is None:
            return None
        return found.get("value") if metadata_fields is None else _entry(found)

    return calls.start(lambda: _request(path, body), read)


def _set(path: str, key: str, value: Json, options: dict[str, Json]) -> Any:
    body = {"key": key, "value": value}
    if given := {name: option for name, option in options.items() if option is not None}:
        body["options"] = given

    def read(response: Response) -> Any:
        found = None if response.status == 204 else _object(path, response)
        return None if found is None else _entry(found)

    return calls.start(lambda: _request(path, body), read)


def _delete(path: str, key: str) -> Any:
    def read(response: Response) -> None:
        if response.status != 204:
            _object(path, response)

    return calls.start(lambda: _request(path, {"key": key}), read)


def _request(path: str, body: Json) -> Request:
    return Request(_SERVICE, path, json_text(body))


def _listed(fields: Sequence[str] | None) -> list[str] | None:
    return None if fields is None else [str(field) for field in fields]


def _entry(found: dict[str, Json]) -> KvsEntry:
    return KvsEntry(
        found.get("key", ""),
        found.get("value"),
        found.get("createdAt"),
        found.get("updatedAt"),
        found.get("expireTime"),
    )


def _object(path: str, response: Response) -> dict[str, Json] | None:
    """What the store found, None for an unknown key. Raises what it refused."""
    check_platform(response)
    details = {
        "status": response.status,
        "status_text": response.status_text,
        "trace_id": response.headers.get("x-b3-traceid") or response.headers.get("x-trace-id"),
        "http_method": "POST",
        "http_path": path,
    }
    if 200 <= response.status < 300:
        try:
            found = json_body(response)
        except ValueError:
            message = f"{_UNEXPECTED}. Response was not valid JSON"
            raise ForgeKvsAPIError(message, "UNKNOWN_ERROR", {}, details) from None
        return found if isinstance(found, dict) else {}
    body = object_body(response)
    if body is None or "code" not in body:
        context = {"response_text": response.body}
        raise ForgeKvsAPIError(_UNEXPECTED, "UNKNOWN_ERROR", context, details)
    code, message = str(body.pop("code")), str(body.pop("message", ""))
    if code == "KEY_NOT_FOUND":
        return None
    context = {**body.pop("context", {}), **body}
    raise ForgeKvsAPIError(message, code, context, details)
