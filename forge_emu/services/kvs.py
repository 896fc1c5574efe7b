"""The key-value service, as `@forge/kvs` 1 calls it.

Values travel as the JSON text the app sent: nothing is decoded that need not be.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from forge_emu.engine.kvs.rules import not_found_fault
from forge_emu.errors import Fault
from forge_emu.model import Instant, Json, KvsRequest
from forge_emu.ports import AppRequest, AppResponse
from forge_emu.services.kvs_multi_key import REPLIES
from forge_emu.services.platform import (
    Platform,
    fault_response,
    json_text_response,
    not_emulated_response,
    record_kvs_refused,
)
from forge_emu.services.request_body import body_bytes, decode_json
from forge_emu.services.value_json import value_json
from forge_emu.settings.refusals import KVS_OPTIONS

PREFIX: Final = "/api/v1/"
Operation = Literal["get", "set", "delete"]
Kind = Literal["value", "secret", "entity"]

_CALLS: Final[dict[str, tuple[Operation, Kind]]] = {
    "get": ("get", "value"),
    "set": ("set", "value"),
    "delete": ("delete", "value"),
    "secret/get": ("get", "secret"),
    "secret/set": ("set", "secret"),
    "secret/delete": ("delete", "secret"),
    "entity/get": ("get", "entity"),
    "entity/set": ("set", "entity"),
    "entity/delete": ("delete", "entity"),
}
_ADVICE: Final = "It does emulate what `@forge/kvs` has."


class _Call(msgspec.Struct):
    key: Json = None
    value: msgspec.Raw = msgspec.Raw()
    options: Json = None
    entityName: Json = None


_call = msgspec.json.Decoder(_Call)


def reply(platform: Platform, request: AppRequest, now: Instant) -> AppResponse:
    """The answer to a call of the key-value store."""
    name = request.path.removeprefix(PREFIX)
    if name in REPLIES and request.method == "POST":
        return REPLIES[name](platform, request, name, now)
    call = _CALLS.get(name)
    if call is None or request.method != "POST":
        what = f"{request.method} {request.path} of the key-value store"
        return not_emulated_response(platform, request, what, _ADVICE, now)
    operation, kind = call
    try:
        wanted = _read_call(platform, request, operation, kind, now)
        found = platform.call_kvs(wanted, now).found
    except Fault as fault:
        return fault_response(fault)
    if found is not None:
        fields = _metadata_fields_of(wanted)
        return json_text_response(200, value_json(found, fields, platform.epoch_ms))
    if operation == "get":
        return fault_response(not_found_fault(wanted.key))
    return json_text_response(204)


def _read_call(
    platform: Platform, request: AppRequest, operation: Operation, kind: Kind, now: Instant
) -> KvsRequest:
    try:
        call = decode_json(_call, body_bytes(request.body))
        if call.options is not None and not isinstance(call.options, dict):
            message = f"The options must be an object, not {call.options!r}."
            body = {"code": "INVALID_OPTIONS", "message": message}
            raise Fault(400, body, limit=KVS_OPTIONS.name)
    except Fault as fault:
        label = operation if kind == "value" else f"{operation}_{kind}"
        record_kvs_refused(platform, label, "", fault, request.invocation_id, now)
        raise
    return KvsRequest(
        operation=operation,
        key=call.key,
        value_text=bytes(call.value) or None,
        options=call.options,
        secret=kind == "secret",
        invocation_id=request.invocation_id,
        # An entity without a name is one that the manifest does not declare.
        entity=(call.entityName or "") if kind == "entity" else None,
    )


def _metadata_fields_of(request: KvsRequest) -> list[str]:
    options = request.options or {}
    name = "metadataFields" if request.operation == "get" else "returnMetadataFields"
    return options.get(name) or []
