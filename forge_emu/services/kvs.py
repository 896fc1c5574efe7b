"""The key-value service, as `@forge/kvs` 1 calls it.

Values travel as the JSON text the app sent: nothing is decoded that need not be.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from forge_emu.errors import Fault
from forge_emu.model import Instant, Json, KvsRequest, StoredValue, iso8601
from forge_emu.ports import AppRequest, AppResponse
from forge_emu.records import KvsRefused
from forge_emu.services.json_text import read, text_of
from forge_emu.services.platform import (
    Platform,
    answer,
    answer_fault,
    answer_json,
    not_emulated,
)

PREFIX: Final = "/api/v1/"
Operation = Literal["get", "set", "delete"]

_CALLS: Final[dict[str, tuple[Operation, bool]]] = {
    "get": ("get", False),
    "set": ("set", False),
    "delete": ("delete", False),
    "secret/get": ("get", True),
    "secret/set": ("set", True),
    "secret/delete": ("delete", True),
}
_MISSING: Final = {
    "query": "kvs.query()",
    "entity/get": "kvs.entity().get()",
    "entity/set": "kvs.entity().set()",
    "entity/delete": "kvs.entity().delete()",
    "entity/query": "kvs.entity().query()",
    "transaction": "kvs.transact()",
    "batch/get": "kvs.batchGet()",
    "batch/set": "kvs.batchSet()",
    "batch/delete": "kvs.batchDelete()",
}
_ADVICE: Final = "It does emulate kvs.get, kvs.set, kvs.delete and the same for secrets."


class _Call(msgspec.Struct):
    key: Json = None
    value: msgspec.Raw = msgspec.Raw()
    options: Json = None


_call = msgspec.json.Decoder(_Call)


def reply(platform: Platform, request: AppRequest, now: Instant) -> AppResponse:
    """The answer to a call of the key-value store."""
    name = request.path.removeprefix(PREFIX)
    call = _CALLS.get(name)
    if call is None or request.method != "POST":
        what = _MISSING.get(name, f"{request.method} {request.path} of the key-value store")
        return not_emulated(platform, request, what, _ADVICE, now)
    operation, secret = call
    try:
        wanted = _read_call(platform, request, operation, secret, now)
        found = platform.kvs(wanted, now).found
    except Fault as fault:
        return answer_fault(fault)
    if found is not None:
        fields = _fields_of(wanted)
        return answer(200, _shown(found, fields, platform.epoch_ms))
    if operation == "get":
        # The one code that the package turns into `undefined`.
        message = f"There is no value for the key {wanted.key!r}."
        return answer_json(404, {"code": "KEY_NOT_FOUND", "message": message})
    return answer(204)


def _read_call(
    platform: Platform, request: AppRequest, operation: Operation, secret: bool, now: Instant
) -> KvsRequest:
    try:
        call = read(_call, text_of(request.body))
        if call.options is not None and not isinstance(call.options, dict):
            message = f"The options must be an object, not {call.options!r}."
            body = {"code": "INVALID_OPTIONS", "message": message}
            raise Fault(400, body, limit="kvs.options")
    except Fault as fault:
        platform.note(
            KvsRefused(
                operation=f"{operation}_secret" if secret else operation,
                key="",
                code=fault.body["code"],
                status=fault.status,
                limit=fault.limit,
                invocation_id=request.invocation_id,
            ),
            now,
        )
        raise
    return KvsRequest(
        operation=operation,
        key=call.key,
        value_text=bytes(call.value) or None,
        options=call.options,
        secret=secret,
        invocation_id=request.invocation_id,
    )


def _fields_of(request: KvsRequest) -> list[str]:
    options = request.options or {}
    name = "metadataFields" if request.operation == "get" else "returnMetadataFields"
    return options.get(name) or []


def _shown(value: StoredValue, fields: list[str], epoch_ms: int) -> bytes:
    """`{key, value}` and the metadata that was asked for."""
    parts = [b'"key":', msgspec.json.encode(value.key), b',"value":', value.value_text]
    if "CREATED_AT" in fields:
        parts.append(b',"createdAt":%d' % (epoch_ms + value.created_at))
    if "UPDATED_AT" in fields:
        parts.append(b',"updatedAt":%d' % (epoch_ms + value.updated_at))
    if "EXPIRE_TIME" in fields and value.expires_at is not None:
        parts.append(b',"expireTime":"%s"' % iso8601(epoch_ms + value.expires_at).encode())
    return b"{" + b"".join(parts) + b"}"
