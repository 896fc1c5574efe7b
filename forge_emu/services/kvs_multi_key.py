"""Queries, batches and transactions of the key-value store, as `@forge/kvs` 1 sends them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, Literal, TypeAlias, TypeVar

import msgspec
from msgspec import structs

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
from forge_emu.services.kvs_body import KeyBody, decode_kvs_body
from forge_emu.services.platform import Platform, fault_response, json_text_response
from forge_emu.services.request_body import body_bytes
from forge_emu.services.value_json import metadata_fields_of, value_json

Query = TypeVar("Query", KvsQuery, KvsEntityQuery)


class _TransactionBody(msgspec.Struct):
    set: list[KeyBody] = []
    delete: list[KeyBody] = []
    check: list[KeyBody] = []


_query = msgspec.json.Decoder(KvsQuery)
_entity_query = msgspec.json.Decoder(KvsEntityQuery)
_items = msgspec.json.Decoder(list[KeyBody])
_transaction = msgspec.json.Decoder(_TransactionBody)

_BATCHES: Final[dict[str, Literal["batch_get", "batch_set", "batch_delete"]]] = {
    "batch/get": "batch_get",
    "batch/set": "batch_set",
    "batch/delete": "batch_delete",
}

Reply: TypeAlias = Callable[[Platform, AppRequest, str, Instant], AppResponse]


def reply_to_query(platform: Platform, request: AppRequest, name: str, now: Instant) -> AppResponse:
    """A page of values by the beginning of their keys."""
    return _page_response(platform, request, KvsQuery.operation, _query, now)


def reply_to_entity_query(
    platform: Platform, request: AppRequest, name: str, now: Instant
) -> AppResponse:
    """A page of a custom entity's values, by one of its indexes."""
    return _page_response(platform, request, KvsEntityQuery.operation, _entity_query, now)


def _page_response(
    platform: Platform,
    request: AppRequest,
    operation: str,
    decoder: msgspec.json.Decoder[Query],
    now: Instant,
) -> AppResponse:
    try:
        asked = decode_kvs_body(platform, request, operation, decoder, now)
        # Who asks is not for the body to say.
        query = structs.replace(asked, invocation_id=request.invocation_id)
        page = platform.call_kvs(query, now)
    except Fault as fault:
        return fault_response(fault)
    fields = metadata_fields_of(query.options)
    values = b",".join(value_json(value, fields, platform.epoch_ms) for value in page.found)
    cursor = b',"cursor":' + msgspec.json.encode(page.cursors[-1]) if page.more else b""
    return json_text_response(200, b'{"data":[%s]%s}' % (values, cursor))


def reply_to_batch(platform: Platform, request: AppRequest, name: str, now: Instant) -> AppResponse:
    """What became of each key."""
    operation = _BATCHES[name]
    try:
        items = _kvs_items(decode_kvs_body(platform, request, operation, _items, now))
        size = len(body_bytes(request.body))
        batch = KvsBatch(operation, items, size, request.invocation_id)
        done = platform.call_kvs(batch, now)
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
        asked = decode_kvs_body(platform, request, KvsTransaction.operation, _transaction, now)
        transaction = KvsTransaction(
            _kvs_items(asked.set),
            _kvs_items(asked.delete),
            _kvs_items(asked.check),
            len(body_bytes(request.body)),
            request.invocation_id,
        )
        platform.call_kvs(transaction, now)
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


def _kvs_items(bodies: list[KeyBody]) -> tuple[KvsItem, ...]:
    return tuple(body.item() for body in bodies)


def _values_json(items: Iterable[KvsItem], done: KvsAnswer, platform: Platform) -> bytes:
    fields = {
        item.qualified_key: metadata_fields_of(item.options)
        for item in items
        if isinstance(item.key, str)
    }
    return b",".join(
        value_json(value, fields[value.qualified_key], platform.epoch_ms, with_entity_name=True)
        for value in done.found
    )


def _keys_json(done: KvsAnswer) -> bytes:
    return b",".join(msgspec.json.encode(_key_fields(item)) for item in done.done)


def _failure_json(failed: KeyRefused) -> bytes:
    error = {"code": failed.fault.body["code"], "message": failed.fault.body["message"]}
    return msgspec.json.encode({**_key_fields(failed.item), "error": error})


def _key_fields(item: KvsItem) -> dict[str, Json]:
    return {"key": item.key} | ({} if item.entity is None else {"entityName": item.entity})
