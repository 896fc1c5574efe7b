"""Answers what a remote asks of the store and of the products, with the token that it was given."""

from __future__ import annotations

from collections.abc import Callable

from forge_emu.emulator.loop import EngineLoop
from forge_emu.ports import AppRequest, AppResponse
from forge_emu.runtime.remote.tokens import TokenSigner
from forge_emu.services.remote_api.messages import ApiRequest
from forge_emu.services.remote_api.requests import read_request, refuse_token


class ApiCalls:
    """The requests of remotes, at the present instant. They belong to no invocation."""

    def __init__(self, loop: EngineLoop, signer: Callable[[], TokenSigner]) -> None:
        self._loop = loop
        self._signer = signer
        self._last_request_id = 0

    def answer_api(self, request: ApiRequest) -> AppResponse:
        """The answer to a request, which may have changed the store and the site."""
        engine = self._loop.engine
        caller = self._signer().caller_of(request.token, engine.app.id)
        if isinstance(caller, str):
            return refuse_token(request, caller)
        self._last_request_id += 1
        asked = read_request(
            request,
            caller,
            self._last_request_id,
            engine.installation.cloud_id,
            tuple(engine.app.scopes),
        )
        if not isinstance(asked, AppRequest):
            return asked
        answer = self._loop.services.answer_request(asked, self._loop.enter())
        self._loop.persist_now()
        self._loop.schedule_turn()
        return answer
