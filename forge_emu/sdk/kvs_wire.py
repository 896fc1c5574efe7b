"""What the key-value store sends and answers, as Python values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Literal, TypedDict

from forge_emu.sdk import calls
from forge_emu.sdk.calls import AwaitableResult
from forge_emu.sdk.errors import ForgeKvsAPIError
from forge_emu.sdk.json_text import json_text
from forge_emu.sdk.platform import Json, ServiceRequest, ServiceResponse
from forge_emu.sdk.responses import json_body, object_body, raise_proxy_error

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
class KvsEntry(AwaitableResult):
    """A value with what was asked for beside it.

    `created_at` and `updated_at` are milliseconds since 1970, `expire_time` an ISO text;
    `entity_name` is there in batches.
    """

    key: str
    value: Json
    created_at: int | None = None
    updated_at: int | None = None
    expire_time: str | None = None
    entity_name: str | None = None


def kvs_request(path: str, body: Json) -> ServiceRequest:
    """A call of the store. Raises TypeError for what has no JSON form."""
    return ServiceRequest(_SERVICE, path, json_text(body))


def field_names(fields: Sequence[str] | None) -> list[str] | None:
    """Names of metadata fields as the wire has them."""
    return None if fields is None else [str(field) for field in fields]


def kvs_entry(found: dict[str, Json]) -> KvsEntry:
    """A value and what stands beside it."""
    return KvsEntry(
        found.get("key", ""),
        found.get("value"),
        found.get("createdAt"),
        found.get("updatedAt"),
        found.get("expireTime"),
        found.get("entityName"),
    )


def response_object(path: str, response: ServiceResponse) -> dict[str, Json]:
    """What the store answered. Raises what it refused."""
    raise_proxy_error(response)
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
    context = {**body.pop("context", {}), **body}
    raise ForgeKvsAPIError(message, code, context, details)


def get_value(path: str, body: dict[str, Json], metadata_fields: Sequence[str] | None) -> Any:
    """The value that `body` names; an entry where metadata is asked for."""
    if metadata_fields is not None:
        body["options"] = {"metadataFields": field_names(metadata_fields)}

    def read(response: ServiceResponse) -> Any:
        found = _object_or_none(path, response)
        if found is None:
            return None
        return found.get("value") if metadata_fields is None else kvs_entry(found)

    return calls.start_call(lambda: kvs_request(path, body), read)


def set_value(path: str, body: dict[str, Json], options: dict[str, Json]) -> Any:
    """Store what `body` holds, with those options that are given."""
    if given := {name: option for name, option in options.items() if option is not None}:
        body["options"] = given

    def read(response: ServiceResponse) -> Any:
        found = None if response.status == 204 else _object_or_none(path, response)
        return None if found is None else kvs_entry(found)

    return calls.start_call(lambda: kvs_request(path, body), read)


def delete_value(path: str, body: dict[str, Json]) -> Any:
    """Remove what `body` names."""

    def read(response: ServiceResponse) -> None:
        if response.status != 204:
            _object_or_none(path, response)

    return calls.start_call(lambda: kvs_request(path, body), read)


def _object_or_none(path: str, response: ServiceResponse) -> dict[str, Json] | None:
    """What the store found, None for an unknown key. Raises what it refused."""
    try:
        return response_object(path, response)
    except ForgeKvsAPIError as error:
        if error.code == "KEY_NOT_FOUND":
            return None
        raise
