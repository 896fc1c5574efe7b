"""Requests to remotes and containers: of modules with an endpoint, and of functions.

A function's `invokeRemote(key, {path})` arrives with the type `frc`, `invokeService` with `fcc`, as
`@forge/api` 8.3.0 sets them. The call of an endpoint is the runtime's own request.
https://developer.atlassian.com/platform/forge/remote/essentials/ (2026-08-22),
runtime-reference/invoke-remote-api/ (2026-08-22).
"""

from __future__ import annotations

from typing import Final

from forge_emu import settings as s
from forge_emu.model import (
    SECOND,
    Endpoint,
    Instant,
    Invocation,
    ModuleKind,
    Remote,
    RemoteCall,
)
from forge_emu.ports import AppRequest, AppResponse
from forge_emu.services.egress import Egress
from forge_emu.services.mocks import mocked
from forge_emu.services.mocks.addresses import is_loopback, shown_address
from forge_emu.services.mocks.mock import Mocks
from forge_emu.services.mocks.proposals import proposed_mock
from forge_emu.services.platform import Platform
from forge_emu.settings.refusals import (
    EGRESS_HELD_BACK,
    EGRESS_HTTPS,
    REMOTE_ADDRESS,
    REMOTE_KEY,
    RefusalRule,
)

MOCK_ADVICE: Final = "To have it answered here, put this into forge-emu.yml:"

ENDPOINT_TYPE: Final = "endpoint"
"""`options.type` of the request that is the invocation of an endpoint."""

_CALL_TYPES: Final = {"frc": "remote", "fcc": "service"}
_PROXY_ERRORS: Final = {"frc": "INVALID_REMOTE", "fcc": "INVALID_SERVICE_KEY"}


def is_remote_request(request: AppRequest) -> bool:
    """Whether a request goes to a remote or a container."""
    kind = request.options.get("type")
    return kind == ENDPOINT_TYPE or kind in _CALL_TYPES


class Remotes:
    """Decides on every request to a remote: a mock answers it, it is sent, or it is refused."""

    def __init__(self, platform: Platform, mocks: Mocks, egress: Egress) -> None:
        self._platform = platform
        self._mocks = mocks
        self._egress = egress

    def reply(self, request: AppRequest, now: Instant) -> AppResponse:
        """The answer of a mock, the order to call the remote, or a refusal on record."""
        is_call = request.options.get("type") in _CALL_TYPES
        if is_call and (refused := self._egress.refuse_over_limit(request, now)) is not None:
            return refused
        if found := self._mocks.take_answer(request):
            return mocked.respond(self._platform, request, found, now)
        remote = self._remote_of(request)
        if remote is None or (is_call and not _takes_calls(remote)):
            return self._refuse_key(request, remote, now)
        if remote.base_url is None:
            return self._refuse_address(request, remote, now)
        return self._send(request, remote, _joined(remote.base_url, request.path), now)

    def _remote_of(self, request: AppRequest) -> Remote | None:
        app, options = self._platform.app, request.options
        if options.get("type") == ENDPOINT_TYPE:
            endpoint = app.endpoints.get(str(options.get("endpoint")))
            return None if endpoint is None else app.remote_of(endpoint)
        if options.get("type") == "fcc":
            return app.services.get(str(options.get("service")))
        return app.remotes.get(str(options.get("remote")))

    def _send(self, request: AppRequest, remote: Remote, url: str, now: Instant) -> AppResponse:
        host, path = shown_address(url)
        given = remote.key in self._platform.app.overridden_remotes
        near = is_loopback(host)
        if not (host.startswith("https://") or near or given):
            text = f"{request.method} {host}{path} was refused, as on Forge: remotes are HTTPS."
            hint = f"For this run, give --remote {remote.key}=URL."
            return self._refuse(request, url, EGRESS_HTTPS, f"{text} {hint}", now)
        if not (self._egress.is_open or (self._egress.network == "held_back" and given and near)):
            return self._hold_back(request, remote, url, now)
        self._egress.record_sent(request, url, now)
        return AppResponse(200, network="remote", remote=self._call(request, remote, url))

    def _call(self, request: AppRequest, remote: Remote, url: str) -> RemoteCall:
        invocation = self._platform.invocation(request.invocation_id)
        key = str(request.options.get("endpoint") or "")
        endpoint = self._platform.app.endpoints.get(key)
        tokens: Endpoint | Remote = remote if endpoint is None else endpoint
        timeout = self._platform.settings[s.REMOTE_CALL_TIMEOUT_SECONDS] * SECOND
        if endpoint is not None and invocation is not None:
            timeout = invocation.timeout_ms
        return RemoteCall(
            url=url,
            method=request.method,
            headers=request.headers,
            body=request.body,
            invocation_id=request.invocation_id or "",
            trace=f"{request.invocation_id}/{request.request_id if endpoint is None else ''}",
            context=invocation.context if invocation else {},
            module_type="core:function" if endpoint is None else "core:endpoint",
            module_key=_module_key(endpoint, invocation),
            context_key=invocation.module_key if invocation else "",
            with_context=endpoint is not None,
            timeout_ms=timeout,
            token_seconds=self._platform.settings[s.REMOTE_TOKEN_SECONDS],
            principal=_principal_of(invocation),
            system_token=tokens.system_token,
            user_token=tokens.user_token,
            forwarded=invocation is not None
            and invocation.module is ModuleKind.WEB_TRIGGER
            and endpoint is not None,
        )

    def _refuse_key(self, request: AppRequest, remote: Remote | None, now: Instant) -> AppResponse:
        """As the platform refuses a call for a remote that it does not know.

        The header is what `@forge/api` 8.3.0 looks for. The status is an emulator choice.
        """
        kind = str(request.options.get("type"))
        noun = _CALL_TYPES.get(kind, "remote")
        key = str(request.options.get(noun))
        what = f"{request.method} {request.path} was refused"
        if remote is None:
            text = f"{what}: the manifest has no {noun} {key[:60]!r}."
        else:
            text = (
                f"{what}: the remote {key[:60]!r} takes no calls from functions. Add `compute` to "
                f"its `operations` (line {remote.line} of the manifest)."
            )
        self._refuse(request, "", REMOTE_KEY, text, now, 400)
        return AppResponse(400, text, {"forge-proxy-error": _PROXY_ERRORS.get(kind, "")})

    def _refuse_address(self, request: AppRequest, remote: Remote, now: Instant) -> AppResponse:
        noun = remote.noun
        text = (
            f"{request.method} {request.path} went nowhere: the manifest has no address of the "
            f"{noun} {remote.key[:60]!r}. Give it to the run with --remote {remote.key}=URL."
        )
        return self._refuse(request, "", REMOTE_ADDRESS, text, now)

    def _hold_back(
        self, request: AppRequest, remote: Remote, url: str, now: Instant
    ) -> AppResponse:
        host, path = shown_address(url)
        offline = self._egress.network == "offline"
        why = "--offline lets nothing out" if offline else "without --network nothing goes out"
        text = f"{request.method} {host}{path} was held back: {why}."
        if not offline:
            text += (
                f" A remote on this machine is called: --remote {remote.key}=http://localhost:PORT."
            )
        return self._refuse(request, url, EGRESS_HELD_BACK, text, now)

    def _refuse(
        self,
        request: AppRequest,
        url: str,
        rule: RefusalRule,
        text: str,
        now: Instant,
        status: int | None = None,
    ) -> AppResponse:
        """A failure on record, with the mock that would answer."""
        mock = proposed_mock(request)
        message = text if mock is None else f"{text} {MOCK_ADVICE} mocks: [{mock}]"
        self._egress.record_refused(request, url, status, rule.name, message, now)
        return AppResponse(502, text, network="fail")


def _takes_calls(remote: Remote) -> bool:
    """Whether functions may call it: a remote with operations needs `compute` among them.

    manifest-reference/remotes/ (2026-08-22)
    """
    return remote.is_service or "compute" in remote.operations


def _joined(base: str, path: str) -> str:
    """A path behind a base URL, with one slash between them."""
    if not path:
        return base
    return f"{base.rstrip('/')}/{path.lstrip('/')}"


def _module_key(endpoint: Endpoint | None, invocation: Invocation | None) -> str:
    if endpoint is not None:
        return endpoint.key
    return invocation.function if invocation else ""


def _principal_of(invocation: Invocation | None) -> str | None:
    """The user who called, of calls by a UI alone."""
    if invocation is None or invocation.module is not ModuleKind.RESOLVER:
        return None
    principal = invocation.context.get("principal")
    return principal["accountId"] if isinstance(principal, dict) else None
