"""The key-value service, as `@forge/kvs` 1 calls it: which call a path means, and one key."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from forge_emu.engine.kvs.place import KvsKind
from forge_emu.engine.kvs.rules import not_found_fault
from forge_emu.errors import Fault
from forge_emu.model import Instant, KvsRequest
from forge_emu.ports import AppRequest, AppResponse
from forge_emu.services.kvs_body import KeyBody, decode_kvs_body
from forge_emu.services.kvs_multi_key import REPLIES
from forge_emu.services.platform import (
    Platform,
    fault_response,
    json_text_response,
    not_emulated_response,
    record_kvs_refused,
)
from forge_emu.services.value_json import metadata_fields_of, value_json
from forge_emu.settings.refusals import KVS_OPTIONS

PREFIX: Final = "/api/v1/"
Operation = Literal["get", "set", "delete"]

_CALLS: Final[dict[str, tuple[Operation, KvsKind]]] = {
    "get": ("get", "plain"),
    "set": ("set", "plain"),
    "delete": ("delete", "plain"),
    "secret/get": ("get", "secret"),
    "secret/set": ("set", "secret"),
    "secret/delete": ("delete", "secret"),
    "entity/get": ("get", "entity"),
    "entity/set": ("set", "entity"),
    "entity/delete": ("delete", "entity"),
}
_ADVICE: Final = "It does emulate what `@forge/kvs` has."

_key_body = msgspec.json.Decoder(KeyBody)


def reply(platform: Platform, request: AppRequest, now: Instant) -> AppResponse:
    """The answer to a call of the key-value store."""
    name = request.path.removeprefix(PREFIX)
    if name in REPLIES and request.method == "POST":
        return REPLIES[name](platform, request, name, now)
    call = _CALLS.get(name)
    if call is None or request.method != "POST":
        what = f"{request.method} {request.path} of the key-value store"
        return not_emulated_response(platform, request, what, _ADVICE, now)
    try:
        wanted = _kvs_request(platform, request, *call, now)
        found = platform.call_kvs(wanted, now).value
    except Fault as fault:
        return fault_response(fault)
    if found is not None:
        option = "metadataFields" if wanted.operation == "get" else "returnMetadataFields"
        fields = metadata_fields_of(wanted.options, option)
        return json_text_response(200, value_json(found, fields, platform.epoch_ms))
    if wanted.operation == "get":
        return fault_response(not_found_fault(wanted.key))
    return json_text_response(204)


def _kvs_request(
    platform: Platform, request: AppRequest, operation: Operation, kind: KvsKind, now: Instant
) -> KvsRequest:
    """What the app asks for. Raises Fault (400) where that cannot be read, and records it."""
    label = operation if kind == "plain" else f"{operation}_{kind}"
    body = decode_kvs_body(platform, request, label, _key_body, now)
    if body.options is not None and not isinstance(body.options, dict):
        message = f"The options must be an object, not {body.options!r}."
        fault = Fault(400, {"code": "INVALID_OPTIONS", "message": message}, limit=KVS_OPTIONS.name)
        record_kvs_refused(platform, label, fault, request.invocation_id, now)
        raise fault
    return KvsRequest(
        operation=operation,
        key=body.key,
        value_text=body.value_text,
        options=body.options,
        secret=kind == "secret",
        invocation_id=request.invocation_id,
        # An entity without a name is one that the manifest does not declare.
        entity=(body.entity or "") if kind == "entity" else None,
    )
