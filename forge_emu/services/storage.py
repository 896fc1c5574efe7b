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
from forge_emu.engine.kvs.requests import KvsCall
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
_ADVICE: Final = "It does emulate get, set, delete and query of `storage`, but no entities."

# What a query asks for, by the field whose answer it reads.
_FIELD: Final = re.compile(
    r"\b(appStoredEntity|setAppStoredEntity|deleteAppStoredEntity|appStoredEntities"
    r"|appStoredCustomEntity|setAppStoredCustomEntity|deleteAppStoredCustomEntity"
    r"|appStoredCustomEntities)\s*\("
)
_OPERATIONS: Final[dict[str, Literal["get", "set", "delete"]]] = {
    "appStoredEntity": "get",
    "setAppStoredEntity": "set",
    "deleteAppStoredEntity": "delete",
}
_CALLS: Final = {
    **_OPERATIONS,
    "appStoredEntities": "query",
    "appStoredCustomEntity": "entity().get",
    "setAppStoredCustomEntity": "entity().set",
    "deleteAppStoredCustomEntity": "entity().delete",
    "appStoredCustomEntities": "entity().query",
}
_MISSING: Final = {
    "appStoredCustomEntity": "storage.entity().get()",
    "setAppStoredCustomEntity": "storage.entity().set()",
    "deleteAppStoredCustomEntity": "storage.entity().delete()",
    "appStoredCustomEntities": "storage.entity().query()",
}


class _Variables(msgspec.Struct):
    key: Json = None
    value: msgspec.Raw = msgspec.Raw()
    encrypted: Json = False
    input: msgspec.Raw = msgspec.Raw()
    where: Json = None
    cursor: Json = None
    limit: Json = None


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
        field = match[1] if match else ""
        if field == "appStoredEntities":
            return _query_response(platform, query.variables, request.invocation_id, now)
        if field not in _OPERATIONS:
            what = _MISSING.get(field, "this query of the old storage")
            message = record_unsupported(platform, request, what, _ADVICE, now)
            return _error_response("NOT_EMULATED", message, 501)
        wanted = _kvs_request(field, query.variables, request.invocation_id)
    except Fault as fault:
        record_kvs_refused(platform, "unreadable", fault, request.invocation_id, now)
        return fault_response(fault)
    if platform.settings[s.STORAGE_LEGACY] == "gone":
        return _gone_response(platform, wanted, now)
    try:
        found = platform.call_kvs(wanted, now).found
    except Fault as fault:
        return _refusal_response(field, fault)
    if field == "appStoredEntity":
        value = found.value_text if found else b"null"
        body = b'{"data":{"appStoredEntity":{"key":%s,"value":%s}}}'
        return json_text_response(200, body % (msgspec.json.encode(wanted.key), value))
    return json_response(200, _mutation_result(field, True, None))


def call_name(body: str | None) -> str:
    """What an app called to send this body, such as `storage.get`."""
    match = _FIELD.search(body or "")
    return f"storage.{_CALLS[match[1]]}" if match else "storage"


def _kvs_request(field: str, variables: _Variables, invocation_id: str | None) -> KvsRequest:
    if field != "appStoredEntity":
        variables = decode_json(_input, variables.input)
    return KvsRequest(
        operation=_OPERATIONS[field],
        key=variables.key,
        value_text=bytes(variables.value) or None,
        secret=variables.encrypted is True,
        invocation_id=invocation_id,
    )


def _refusal_response(field: str, fault: Fault) -> AppResponse:
    code, message = fault.body["code"], f"{fault.body['code']}: {fault.body['message']}"
    if field in ("appStoredEntity", "appStoredEntities"):
        return _error_response(code, message, fault.status)
    return json_response(
        200, _mutation_result(field, False, [_graphql_error(code, message, fault.status)])
    )


def _error_response(code: str, message: str, status: int) -> AppResponse:
    return json_response(200, {"data": None, "errors": [_graphql_error(code, message, status)]})


def _graphql_error(code: str, message: str, status: int) -> Json:
    return {"message": message, "extensions": {"errorType": code, "statusCode": status}}


def _mutation_result(field: str, success: bool, errors: Json) -> Json:
    return {"data": {"appStorage": {field: {"success": success, "errors": errors}}}}


def _query_response(
    platform: Platform, variables: _Variables, invocation_id: str | None, now: Instant
) -> AppResponse:
    call = storage_query.kvs_query(
        variables.where, variables.limit, variables.cursor, invocation_id
    )
    if platform.settings[s.STORAGE_LEGACY] == "gone":
        return _gone_response(platform, call, now)
    try:
        return json_text_response(200, storage_query.edges_json(platform.call_kvs(call, now)))
    except Fault as fault:
        return _refusal_response("appStoredEntities", fault)


def _gone_response(platform: Platform, call: KvsCall, now: Instant) -> AppResponse:
    fault = Fault(410, {"code": "GONE", "message": GONE}, limit=s.STORAGE_LEGACY.name)
    platform.record(refused_record(call, fault), now)
    return fault_response(fault)
