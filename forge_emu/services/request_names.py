"""What a request asks for, in the words of the app: the call, and what it is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple, TypeAlias

import msgspec

from forge_emu.model import Json, Unanswered, UnansweredCall, UnansweredRequest
from forge_emu.ports import AppRequest
from forge_emu.services import app_events, egress, kvs, queue, storage
from forge_emu.services.product import api_name

_MOST_CALLS: Final = 10
_LONGEST_TARGET: Final = 200
"""Characters."""

_KVS_METHODS: Final = {
    "batch/get": "batchGet",
    "batch/set": "batchSet",
    "batch/delete": "batchDelete",
    "transaction": "transact",
    "secret/get": "getSecret",
    "secret/set": "setSecret",
    "secret/delete": "deleteSecret",
    "entity/get": "entity().get",
    "entity/set": "entity().set",
    "entity/delete": "entity().delete",
    "entity/query": "entity().query",
}
_QUEUE_CALLS: Final = {"publish": "queue.push", "stats": "job.getStats", "cancel": "job.cancel"}


NameableRequest: TypeAlias = AppRequest | UnansweredRequest


class RequestName(NamedTuple):
    """What a request asks for: the call (`kvs.set`), and its key, queue or path."""

    call: str
    target: str

    def __str__(self) -> str:
        return f"{self.call} {self.target}".rstrip()


def request_name(request: NameableRequest) -> RequestName:
    """The name of any request; one that cannot be read has no target."""
    path = request.path
    if request.options.get("type") == "kvs":
        operation = path.removeprefix(kvs.PREFIX)
        call = f"kvs.{_KVS_METHODS.get(operation, operation)}"
        return RequestName(call, _store_target(_json_body(request)))
    if path.startswith(queue.PREFIX):
        operation = path[len(queue.PREFIX) :].partition("/")[0]
        body = _json_body(request)
        return RequestName(_QUEUE_CALLS.get(operation, operation), _text(_field(body, "queueName")))
    if path == storage.PATH:
        return RequestName(storage.call_name(request.body), "")
    if path == app_events.PATH:
        return RequestName("appEvents.publish", "")
    if request.options.get("type") == egress.TYPE:
        return RequestName("fetch", _clip(egress.call_text(request)))
    return RequestName(api_name(request), _clip(f"{request.method} {path}"))


def unanswered_calls(requests: Sequence[UnansweredRequest], total: int) -> Unanswered | None:
    """The requests that were unanswered at a return, by call and place; None where none was."""
    if not total:
        return None
    counts: dict[tuple[RequestName, str | None], int] = {}
    for request in requests:
        key = request_name(request), request.place
        counts[key] = counts.get(key, 0) + 1
    calls = [
        UnansweredCall(name.call, name.target, count, place)
        for (name, place), count in counts.items()
    ]
    return Unanswered(total, calls[:_MOST_CALLS])


def _json_body(request: NameableRequest) -> Json:
    try:
        return msgspec.json.decode(request.body or "")
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None


def _store_target(body: Json) -> str:
    """The key; of several the first and the number of the others."""
    if isinstance(body, list):
        first = _store_target(body[0]) if body else ""
        return f"{first} and {len(body) - 1} more" if len(body) > 1 else first
    key, entity = _text(_field(body, "key")), _text(_field(body, "entityName"))
    return _clip(f"{entity}/{key}" if entity else key)


def _field(body: Json, name: str) -> Json:
    return body.get(name) if isinstance(body, dict) else None


def _text(value: Json) -> str:
    return _clip(value) if isinstance(value, str) else ""


def _clip(text: str) -> str:
    return text if len(text) <= _LONGEST_TARGET else f"{text[:_LONGEST_TARGET]}…"
