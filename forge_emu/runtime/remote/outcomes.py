"""What the answer of a remote means for an invocation, or for the function that called it.

https://developer.atlassian.com/platform/forge/remote/essentials/ (2026-08-22): anything but 2xx is
a failure, a redirect too, and 401 says that the token was rejected.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

import msgspec

from forge_emu.model import (
    ErrorReport,
    Failed,
    Invocation,
    ModuleKind,
    Outcome,
    RemoteCall,
    Success,
)
from forge_emu.ports import AppResponse
from forge_emu.runtime.remote.http_client import HttpAnswer
from forge_emu.services.mocks.addresses import shown_address

REJECTED: Final = "INVALID_FORGE_INVOCATION_TOKEN"
FAILED: Final = "INVALID_REMOTE_INVOCATION_ERROR"
_INVALID: Final = "Invalid response from remote"
UI_NETWORK_ERROR: Final = f"{_INVALID} - remote network error"
_NOT_PASSED_ON: Final = frozenset({"connection", "content-encoding", "content-length", "keep-alive",
                                   "transfer-encoding"})  # fmt: skip


def endpoint_outcome(invocation: Invocation, call: RemoteCall, answer: HttpAnswer) -> Outcome:
    """How the invocation of an endpoint ended."""
    host, path = shown_address(call.url)
    where = f"{call.method} {host}{path}"
    if answer.status is None:
        what = f"{where} failed: {answer.error}"
        of_ui = invocation.module is ModuleKind.RESOLVER
        return _failed(f"{UI_NETWORK_ERROR} ({what})" if of_ui else what)
    return outcome_of_status(invocation, where, answer.status, answer.headers, answer.body)


def outcome_of_response(invocation: Invocation, response: AppResponse) -> Outcome:
    """How an invocation ended whose remote was not called: a mock answered, or it was refused."""
    if response.network == "fail" or "forge-proxy-error" in response.headers:
        return _failed(response.body)
    where = f"the mock of the endpoint {invocation.function!r}"
    return outcome_of_status(invocation, where, response.status, response.headers, response.body)


def outcome_of_status(
    invocation: Invocation, where: str, status: int, headers: object, body: str
) -> Outcome:
    """The outcome of an HTTP status; the body is the result, where one is wanted."""
    if invocation.module is ModuleKind.WEB_TRIGGER:
        return Success(result=_whole_answer(status, headers, body))
    if invocation.module is ModuleKind.RESOLVER:
        return ui_outcome(status, _as_lists(headers), body)
    if 200 <= status < 300:
        return Success(result=_result(invocation, body))
    if status == 401:
        return _failed(
            f"{where} answered 401: it rejects the invocation token. Here it has to be verified"
            " with the keys at /.well-known/jwks.json of forge-emu",
            REJECTED,
        )
    if 300 <= status < 400:
        return _failed(f"{where} answered {status}: redirects are not followed")
    return _failed(f"{where} answered {status}")


def response_to_function(call: RemoteCall, answer: HttpAnswer) -> AppResponse:
    """What a function that called the remote gets. An error's status is an emulator choice."""
    if answer.status is None:
        host, path = shown_address(call.url)
        text = f"{call.method} {host}{path} failed: {answer.error}"
        return AppResponse(504 if answer.timed_out else 502, text)
    headers = {n: v for n, v in answer.headers.items() if n.lower() not in _NOT_PASSED_ON}
    return AppResponse(answer.status, answer.body, headers)


def trace_headers(trace: str) -> dict[str, str]:
    """`x-b3-traceid` and `x-b3-spanid`: the same for the same call of a repeated run."""
    digest = hashlib.sha256(trace.encode()).hexdigest()
    return {"x-b3-traceid": digest[:32], "x-b3-spanid": digest[32:48]}


def ui_outcome(status: int, headers: Mapping[str, list[str]], body: str) -> Outcome:
    """What a UI gets of `invokeRemote`: the answer, or the error that the bridge documents.

    apis-reference/ui-api-bridge/invokeRemote/ (2026-08-22)
    """
    if status == 401:
        return _failed("Remote could not verify the Forge Invocation Token", REJECTED)
    is_success = 200 <= status < 300
    kind = ", ".join(headers.get("content-type", []))
    if not is_success and kind and kind.partition(";")[0].strip().lower() != "application/json":
        return _failed(
            f"{_INVALID} - content-type header must be set to application/json and is currently: "
            f"{kind[:100]}. Status: {status}."
        )
    answer: dict[str, object] = {"headers": headers, "status": status}
    if body or not is_success:
        try:
            answer["body"] = msgspec.json.decode(body)
        except (msgspec.DecodeError, RecursionError):
            return _failed(f"{_INVALID} - cannot parse body as JSON. Status: {status}.")
    return Success(result=msgspec.json.encode(answer).decode())


def _failed(message: str, name: str = FAILED) -> Failed:
    return Failed(ErrorReport(name, message))


def _result(invocation: Invocation, body: str) -> str | None:
    """The JSON text of what the remote returned; what is none becomes a text."""
    if not (invocation.wants_result or invocation.keeps_result):
        return None
    try:
        msgspec.json.decode(body)
    except msgspec.DecodeError:
        return msgspec.json.encode(body).decode() if body else None
    return body


def _whole_answer(status: int, headers: object, body: str) -> str:
    """The JSON text of an answer, as the handler of a web trigger returns one."""
    answer = {"statusCode": status, "headers": _as_lists(headers), "body": body}
    return msgspec.json.encode(answer).decode()


def _as_lists(headers: object) -> dict[str, list[str]]:
    """Headers as lists of values, without those of the connection."""
    pairs = dict(headers).items()  # type: ignore[call-overload]
    return {name.lower(): [value] for name, value in pairs if name.lower() not in _NOT_PASSED_ON}
