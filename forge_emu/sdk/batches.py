"""Up to 25 keys of the store in one request, each of which goes well or fails for itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NotRequired, TypedDict, cast

from forge_emu.sdk import calls
from forge_emu.sdk.calls import AwaitableResult
from forge_emu.sdk.kvs_wire import KvsEntry, Ttl, kvs_entry, kvs_request, response_object
from forge_emu.sdk.platform import Json, ServiceResponse

_GET: Final = "/api/v1/batch/get"
_WIRE_NAMES: Final = {"metadata_fields": "metadataFields", "entity_name": "entityName"}


class BatchSetOptions(TypedDict):
    """How a value of a batch is stored."""

    ttl: NotRequired[Ttl]


class BatchGetOptions(TypedDict):
    """What to answer beside a value of a batch."""

    metadata_fields: NotRequired[Sequence[str]]


class BatchSetItem(TypedDict):
    """A value to store, of an entity where one is named."""

    key: str
    value: Json
    entity_name: NotRequired[str]
    options: NotRequired[BatchSetOptions]


class BatchGetItem(TypedDict):
    """A key to read, of an entity where one is named."""

    key: str
    entity_name: NotRequired[str]
    options: NotRequired[BatchGetOptions]


class BatchDeleteItem(TypedDict):
    """A key to remove, of an entity where one is named."""

    key: str
    entity_name: NotRequired[str]


@dataclass(frozen=True)
class BatchItemSuccess:
    """A key that went well."""

    key: str
    entity_name: str | None = None


@dataclass(frozen=True)
class BatchItemError:
    """A key that failed: `code` says why, such as `MAX_SIZE`."""

    key: str
    code: str
    message: str
    entity_name: str | None = None


@dataclass(frozen=True)
class BatchResult(AwaitableResult):
    """What became of each key. A key that failed raises nothing: look at `failed_keys`."""

    successful_keys: list[BatchItemSuccess]
    failed_keys: list[BatchItemError]


@dataclass(frozen=True)
class BatchGetResult(AwaitableResult):
    """The values that were found, and the keys that were not or failed."""

    successful_keys: list[KvsEntry]
    failed_keys: list[BatchItemError]


def batch_get(items: Sequence[BatchGetItem]) -> BatchGetResult:
    """Read the keys of `items`."""

    def read(response: ServiceResponse) -> BatchGetResult:
        body = response_object(_GET, response)
        found = [kvs_entry(each) for each in body.get("successfulKeys") or []]
        return BatchGetResult(found, _failed_items(body))

    return calls.start_call(lambda: kvs_request(_GET, _wire_items(items)), read)


def batch_change(
    path: str, items: Sequence[BatchSetItem] | Sequence[BatchDeleteItem]
) -> BatchResult:
    """Store or remove the keys of `items`."""

    def read(response: ServiceResponse) -> BatchResult:
        body = response_object(path, response)
        fine = body.get("successfulKeys") or []
        done = [BatchItemSuccess(each.get("key", ""), each.get("entityName")) for each in fine]
        return BatchResult(done, _failed_items(body))

    return calls.start_call(lambda: kvs_request(path, _wire_items(items)), read)


def _wire_items(items: Sequence[Any]) -> Json:
    """The items with the names of the wire; what is no item goes as it is, for the store to see."""
    return [_wire_item(item) for item in items] if isinstance(items, list | tuple) else items


def _wire_item(item: Any) -> Json:
    if not isinstance(item, Mapping):
        return item
    named = {_WIRE_NAMES.get(name, name): value for name, value in item.items()}
    if isinstance(options := named.get("options"), Mapping):
        named["options"] = {_WIRE_NAMES.get(name, name): x for name, x in options.items()}
    return named


def _failed_items(body: Mapping[str, Json]) -> list[BatchItemError]:
    found = []
    for each in body.get("failedKeys") or []:
        error = cast("dict[str, Any]", each.get("error") or {})
        found.append(
            BatchItemError(
                each.get("key", ""),
                error.get("code", ""),
                error.get("message", ""),
                each.get("entityName"),
            )
        )
    return found
