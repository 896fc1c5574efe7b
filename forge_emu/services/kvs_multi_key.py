"""Queries, batches and transactions of the key-value store, as `@forge/kvs` 1 sends them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Literal, TypeAlias, TypeVar

import msgspec

from forge_emu.engine.kvs.requests import (
    KeyRefused,
    KvsAnswer,
    KvsBatch,
    KvsEntityQuery,
    KvsItem,
    KvsQuery,
    KvsTransaction,
)
from forge_emu.errors import Fault
from forge_emu.model import Instant, Json
from forge_emu.ports import AppRequest, AppResponse
from forge_emu.services.platform import (
    Platform,
    fault_response,
    json_text_response,
    record_kvs_refused,
)
from forge_emu.services.request_body import body_bytes, decode_json
from forge_emu.services.value_json import value_json

T = TypeVar("T")


class _Query(msgspec.Struct):
    where: Json = None
    limit: Json = None
    after: Json = None
    options: Json = None


class _EntityQuery(msgspec.Struct):
    entityName: Json = None
    indexName: Json = None
    partition: Json = None
    range: Json = None
    filters: Json = None
    sort: Json = None
    limit: Json = None
    cursor: Json = None
    options: Json = None


class _Item(msgspec.Struct):
    key: Json = None
    value: msgspec.Raw = msgspec.Raw()
    options: Json = None
    entityName: Json = None
    conditions: Json = None


class _TransactionBody(msgspec.Struct):
    set: list[_Item] = []
    delete: list[_Item] = []
    check: list[_Item] = []


_query = msgspec.json.Decoder(_Query)
_entity_query = msgspec.json.Decoder(_EntityQuery)
_items = msgspec.json.Decoder(list[_Item])
_transaction = msgspec.json.Decoder(_TransactionBody)

_BATCHES: Final[dict[str, Literal["batch_get", "batch_set", "batch_delete"]]] = {
    "batch/get": "batch_get",
    "batch/set": "batch_set",
    "batch/delete": "batch_delete",
}

Reply: TypeAlias = Callable[[Platform, AppRequest, str, Instant], AppResponse]


def reply_to_query(platform: Platform, request: AppRequest, name: str, now: Instant) -> AppResponse:
    """A page of values by the beginning of their keys."""
    try:
        asked = _decode_body(platform, request, "query", _query, now)
        call = KvsQuery(asked.where, asked.limit, asked.after, asked.options, request.invocation_id)
        page = platform.call_kvs_many(call, now)
    except Fault as fault:
        return fault_response(fault)
    return _page_response(platform, page, asked.options)


def reply_to_entity_query(
    platform: Platform, request: AppRequest, name: str, now: Instant
) -> AppResponse:
    """A page of a custom entity's values, by one of its indexes."""
    try:
        asked = _decode_body(platform, request, "query_entity", _entity_query, now)
        call = KvsEntityQuery(
            asked.entityName,
            asked.indexName,
            asked.partition,
            asked.range,
            asked.filters,
            asked.sort,
            asked.limit,
            asked.cursor,
            asked.options,
            request.invocation_id,
        )
        page = platform.call_kvs_many(call, now)
    except Fault as fault:
        return fault_response(fault)
    return _page_response(platform, page, asked.options)


def _page_response(platform: Platform, page: KvsAnswer, options: Json) -> AppResponse:
    fields = metadata_fields_of(options)
    values = b",".join(value_json(value, fields, platform.epoch_ms) for value in page.found)
    cursor = b',"cursor":' + msgspec.json.encode(page.cursors[-1]) if page.more else b""
    return json_text_response(200, b'{"data":[%s]%s}' % (values, cursor))


def reply_to_batch(platform: Platform, request: AppRequest, name: str, now: Instant) -> AppResponse:
    """What became of each key."""
    operation = _BATCHES[name]
    try:
        items = _decode_body(platform, request, operation, _items, now)
        size = len(body_bytes(request.body))
        call = KvsBatch(operation, _kvs_items(items), size, request.invocation_id)
        done = platform.call_kvs_many(call, now)
    except Fault as fault:
        return fault_response(fault)
    fine = _values_json(items, done, platform) if operation == "batch_get" else _keys_json(done)
    failed = b",".join(_failure_json(one) for one in done.failed)
    return json_text_response(200, b'{"successfulKeys":[%s],"failedKeys":[%s]}' % (fine, failed))


def reply_to_transaction(
    platform: Platform, request: AppRequest, name: str, now: Instant
) -> AppResponse:
    """A transaction: all of its changes or none."""
    try:
        asked = _decode_body(platform, request, "transact", _transaction, now)
        call = KvsTransaction(
            _kvs_items(asked.set),
            _kvs_items(asked.delete),
            _kvs_items(asked.check),
            len(body_bytes(request.body)),
            request.invocation_id,
        )
        platform.call_kvs_many(call, now)
    except Fault as fault:
        return fault_response(fault)
    return json_text_response(204)


REPLIES: Final[dict[str, Reply]] = {
    "query": reply_to_query,
    "entity/query": reply_to_entity_query,
    "transaction": reply_to_transaction,
    **dict.fromkeys(_BATCHES, reply_to_batch),
}
"""By the path behind the service's prefix."""


def metadata_fields_of(options: Json) -> list[str]:
    """The metadata fields that a reader asked for; what it asked has been checked."""
    return (options or {}).get("metadataFields") or []


def _kvs_items(items: Sequence[_Item]) -> tuple[KvsItem, ...]:
    return tuple(
        KvsItem(item.key, bytes(item.value) or None, item.options, item.entityName, item.conditions)
        for item in items
    )


def _values_json(items: Sequence[_Item], done: KvsAnswer, platform: Platform) -> bytes:
    fields = {
        KvsItem(item.key, entity=item.entityName).qualified_key: metadata_fields_of(item.options)
        for item in items
        if isinstance(item.key, str)
    }
    return b",".join(
        value_json(value, fields[value.key], platform.epoch_ms, with_entity_name=True)
        for value in done.found
    )


def _keys_json(done: KvsAnswer) -> bytes:
    return b",".join(msgspec.json.encode(_key_fields(item)) for item in done.done)


def _failure_json(failed: KeyRefused) -> bytes:
    error = {"code": failed.fault.body["code"], "message": failed.fault.body["message"]}
    return msgspec.json.encode({**_key_fields(failed.item), "error": error})


def _key_fields(item: KvsItem) -> dict[str, Json]:
    return {"key": item.key} | ({} if item.entity is None else {"entityName": item.entity})


def _decode_body(
    platform: Platform,
    request: AppRequest,
    operation: str,
    decoder: msgspec.json.Decoder[T],
    now: Instant,
) -> T:
    """The decoded request; one that cannot be read is recorded as refused, and raises Fault."""
    try:
        return decode_json(decoder, body_bytes(request.body))
    except Fault as fault:
        record_kvs_refused(platform, operation, "", fault, request.invocation_id, now)
        raise
