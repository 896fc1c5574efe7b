"""The old storage service, as `storage` of `@forge/api` 2 to 7 calls it: one GraphQL endpoint.

`@forge/storage` shows an app only the first error's message, and drops code and status; so the code
stands in the message. A rate limit is answered like every other refusal, with the errors of a
GraphQL answer, because the bare status 429 would reach the app as an "unknown error".
"""

from __future__ import annotations

import re
from typing import Final, Literal

import msgspec

from forge_emu import settings as s
from forge_emu.engine.kvs.call_records import refused_record
from forge_emu.engine.kvs.requests import KvsCall, KvsEntityQuery, KvsQuery
from forge_emu.errors import Fault
from forge_emu.model import Instant, Json, KvsRequest
from forge_emu.ports import AppRequest, AppResponse
from forge_emu.services import storage_query
from forge_emu.services.platform import (
    Platform,
    fault_response,
    json_response,
    json_text_response,
    record_kvs_refused,
    record_unsupported,
)
from forge_emu.services.request_body import body_bytes, decode_json

PATH: Final = "/forge/entities/graphql"
REMOVED: Final = (
    "This app uses `storage` of @forge/api. Version 8 no longer has it, and Forge has answered "
    "its calls with 410 since 2026-06-01. forge-emu still emulates it; move to @forge/kvs. "
    "`--set storage.legacy=gone` shows what Forge does now."
)
GONE: Final = (
    "`storage` of @forge/api is gone since 2026-06-01: every call fails with status 410. Move to "
    "@forge/kvs; `--set storage.legacy=on` emulates the old service."
)
_ADVICE: Final = "It does emulate get, set, delete and query of `storage`, entities included."


class _Call(msgspec.Struct, frozen=True):
    """What a field of a query calls: `storage.<name>`. `namespace` is that of a mutation."""

    name: str
    operation: Literal["get", "set", "delete", "query"]
    entity: bool = False
    namespace: str | None = None


_CALLS: Final = {
    "appStoredEntity": _Call("get", "get"),
    "setAppStoredEntity": _Call("set", "set", namespace="appStorage"),
    "deleteAppStoredEntity": _Call("delete", "delete", namespace="appStorage"),
    "appStoredEntities": _Call("query", "query"),
    "appStoredCustomEntity": _Call("entity().get", "get", True),
    "setAppStoredCustomEntity": _Call("entity().set", "set", True, "appStorageCustomEntity"),
    "deleteAppStoredCustomEntity": _Call(
        "entity().delete", "delete", True, "appStorageCustomEntity"
    ),
    storage_query.ENTITY_QUERY: _Call("entity().query", "query", True),
}
# What a query asks for, by the field whose answer it reads.
_FIELD: Final = re.compile(rf"\b({'|'.join(_CALLS)})\s*\(")


class _Variables(msgspec.Struct, rename="camel"):
    key: Json = None
    value: msgspec.Raw = msgspec.Raw()
    encrypted: Json = False
    input: msgspec.Raw = msgspec.Raw()
    where: Json = None
    cursor: Json = None
    limit: Json = None
    entity_name: Json = None
    index_name: Json = None
    partition: Json = None
    range: Json = None
    filters: Json = None
    sort: Json = None


class _GraphqlRequest(msgspec.Struct):
    query: str
    variables: _Variables = msgspec.field(default_factory=_Variables)


_query = msgspec.json.Decoder(_GraphqlRequest)
_input = msgspec.json.Decoder(_Variables)


def reply(platform: Platform, request: AppRequest, now: Instant) -> AppResponse:
    """The answer to a GraphQL request of the old storage."""
    try:
        query = decode_json(_query, body_bytes(request.body))
        match = _FIELD.search(query.query)
        if match is None:
            what = "this query of the old storage"
            message = record_unsupported(platform, request, what, _ADVICE, now)
            return _error_response("NOT_EMULATED", message, 501)
        field = match[1]
        called = _CALLS[field]
        if called.operation == "query":
            return _query_response(platform, field, query.variables, request.invocation_id, now)
        wanted = _kvs_request(called, query.variables, request.invocation_id)
    except Fault as fault:
        record_kvs_refused(platform, "unreadable", fault, request.invocation_id, now)
        return fault_response(fault)
    if platform.settings[s.STORAGE_LEGACY] == "gone":
        return _gone_response(platform, wanted, now)
    try:
        found = platform.call_kvs(wanted, now).value
    except Fault as fault:
        return _refusal_response(field, fault)
    if called.operation == "get":
        value = found.value_text if found else b"null"
        body = b'{"data":{"%s":{"key":%s,"value":%s}}}'
        return json_text_response(
            200, body % (field.encode(), msgspec.json.encode(wanted.key), value)
        )
    return json_response(200, _mutation_result(field, True, None))


def call_name(body: str | None) -> str:
    """What an app called to send this body, such as `storage.get`."""
    match = _FIELD.search(body or "")
    return f"storage.{_CALLS[match[1]].name}" if match else "storage"


def _kvs_request(called: _Call, variables: _Variables, invocation_id: str | None) -> KvsRequest:
    assert called.operation != "query"
    if called.namespace is not None:
        variables = decode_json(_input, variables.input)
    return KvsRequest(
        operation=called.operation,
        key=variables.key,
        value_text=bytes(variables.value) or None,
        secret=variables.encrypted is True and not called.entity,
        invocation_id=invocation_id,
        # An entity without a name is one that the manifest does not declare.
        entity=(variables.entity_name or "") if called.entity else None,
    )


def _refusal_response(field: str, fault: Fault) -> AppResponse:
    code, message = fault.body["code"], f"{fault.body['code']}: {fault.body['message']}"
    if _CALLS[field].namespace is None:
        return _error_response(code, message, fault.status)
    return json_response(
        200, _mutation_result(field, False, [_graphql_error(code, message, fault.status)])
    )


def _error_response(code: str, message: str, status: int) -> AppResponse:
    return json_response(200, {"data": None, "errors": [_graphql_error(code, message, status)]})


def _graphql_error(code: str, message: str, status: int) -> Json:
    return {"message": message, "extensions": {"errorType": code, "statusCode": status}}


def _mutation_result(field: str, success: bool, errors: Json) -> Json:
    namespace = _CALLS[field].namespace
    return {"data": {namespace: {field: {"success": success, "errors": errors}}}}


def _query_response(
    platform: Platform,
    field: str,
    variables: _Variables,
    invocation_id: str | None,
    now: Instant,
) -> AppResponse:
    call: KvsQuery | KvsEntityQuery
    if _CALLS[field].entity:
        call = KvsEntityQuery(
            variables.entity_name,
            variables.index_name,
            variables.partition,
            variables.range,
            variables.filters,
            variables.sort,
            variables.limit,
            variables.cursor,
            invocation_id=invocation_id,
        )
    else:
        call = storage_query.kvs_query(
            variables.where, variables.limit, variables.cursor, invocation_id
        )
    if platform.settings[s.STORAGE_LEGACY] == "gone":
        return _gone_response(platform, call, now)
    try:
        page = platform.call_kvs(call, now)
    except Fault as fault:
        return _refusal_response(field, fault)
    return json_text_response(200, storage_query.edges_json(field, page))


def _gone_response(platform: Platform, call: KvsCall, now: Instant) -> AppResponse:
    fault = Fault(410, {"code": "GONE", "message": GONE}, limit=s.STORAGE_LEGACY.name)
    platform.record(refused_record(call, fault), now)
    return fault_response(fault)
