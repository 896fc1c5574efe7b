"""Routes every request of an app's code to its service; each one is answered, whatever it asks."""

from __future__ import annotations

import traceback
from collections import OrderedDict
from collections.abc import Sequence
from typing import Final, Literal

from forge_emu.model import Instant
from forge_emu.ports import AppRequest, AppResponse
from forge_emu.records import Log, RequestLost
from forge_emu.services import app_events, egress, kvs, product, queue, storage
from forge_emu.services.egress import Egress
from forge_emu.services.mocks.mock import Mock, Mocks
from forge_emu.services.platform import Platform, json_response
from forge_emu.services.remotes import Remotes, is_remote_request
from forge_emu.services.request_names import request_name
from forge_emu.services.web_triggers.urls import WebTriggers
from forge_emu.settings import STORAGE_LEGACY

_REMEMBERED: Final = 1_000

_REFUSALS_RECORDED: Final = 20
"""Calls of one ended invocation: code that never ends may go on with them."""


class Services:
    """Answers the requests of an app's code from the engine.

    Keeps what must be said only once: that the old storage is gone, and who calls too late.
    """

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._mocks = Mocks()
        self.egress = Egress(platform, self._mocks)
        self._remotes = Remotes(platform, self._mocks, self.egress)
        self.web_triggers = WebTriggers(platform)
        self._storage_warned = False
        self._late_invocations: OrderedDict[str, None] = OrderedDict()
        self._refused_calls: OrderedDict[str, int] = OrderedDict()

    @property
    def mocks(self) -> Sequence[Mock]:
        """The user's answers to what else an app asks for."""
        return self._mocks.all

    @mocks.setter
    def mocks(self, mocks: Sequence[Mock]) -> None:
        self._mocks.all = mocks

    def answer_request(self, request: AppRequest, now: Instant) -> AppResponse:
        """The answer to `request`. Never raises: a defect of ours becomes status 500."""
        try:
            who = request.invocation_id
            if who is not None and self._platform.has_given_up(who):
                return self._refuse_given_up(request, who, now)
            if request.late:
                self._warn_late(request, now)
            return self._route(request, now)
        except Exception as error:
            where = "".join(traceback.format_exception(error))
            call = _call_text(request)
            message = f"forge-emu could not answer {call}, which is a defect of its own.\n{where}"
            log = Log(level="error", message=message, invocation_id=request.invocation_id)
            self._platform.record(log, now)
            text = f"forge-emu could not answer {call}: {error!r}"
            return json_response(500, {"code": "EMULATOR_DEFECT", "message": text})

    def _refuse_given_up(self, request: AppRequest, who: str, now: Instant) -> AppResponse:
        """Refuse a call of code that Forge would have ended; each is on record, up to a number."""
        count = self._refused_calls.pop(who, 0) + 1
        self._refused_calls[who] = count
        if len(self._refused_calls) > _REMEMBERED:
            self._refused_calls.popitem(last=False)
        message = (
            f"{_call_text(request)} came after its invocation had been ended, and was "
            "refused: on Forge nothing of it runs any more."
        )
        if count == _REFUSALS_RECORDED:
            message += " Further calls of it are refused without a record."
        if count <= _REFUSALS_RECORDED:
            self._platform.record(Log(level="warn", message=message, invocation_id=who), now)
        return json_response(503, {"code": "INVOCATION_ENDED", "message": message})

    def _route(self, request: AppRequest, now: Instant) -> AppResponse:
        path = request.path
        if request.options.get("type") == egress.TYPE:
            return self.egress.reply(request, now)
        if is_remote_request(request):
            return self._remotes.reply(request, now)
        if request.options.get("type") == "kvs":
            return kvs.reply(self._platform, request, now)
        if path.startswith(queue.PREFIX) and request.method == "POST":
            response = queue.reply(self._platform, request, now)
            if response is not None:
                return response
        elif path == storage.PATH:
            self._warn_storage(now)
            return storage.reply(self._platform, request, now)
        elif path == app_events.PATH:
            return app_events.reply(self._platform, request, now)
        elif product.counts_as_egress(request):
            refused = self.egress.refuse_over_limit(request, now)
            if refused is not None:
                return refused
        return product.reply(self._platform, request, self._mocks, self.web_triggers, now)

    def _warn_storage(self, now: Instant) -> None:
        if self._storage_warned:
            return
        self._storage_warned = True
        gone = self._platform.settings[STORAGE_LEGACY] == "gone"
        message = storage.GONE if gone else storage.REMOVED
        self._platform.record(Log(level="warn", message=message), now)

    def loses_request(self, request: AppRequest, now: Instant) -> bool:
        """Whether `request` is lost, because no handler waits for it; records it then."""
        if not request.late:
            return False
        name, invocation_id = request_name(request), request.invocation_id or ""
        if self._platform.has_given_up(invocation_id):
            return False
        if not self._platform.loses_request(invocation_id, str(name)):
            return False
        lost = RequestLost(
            call=name.call,
            target=name.target,
            place=request.place,
            invocation_id=request.invocation_id,
        )
        self._platform.record(lost, now)
        return True

    def _warn_late(self, request: AppRequest, now: Instant) -> None:
        """Once per invocation; the last thousand are remembered."""
        who = request.invocation_id
        if who is None or who in self._late_invocations:
            return
        self._late_invocations[who] = None
        if len(self._late_invocations) > _REMEMBERED:
            self._late_invocations.popitem(last=False)
        message = (
            f"{request.method} {request.path} came after its invocation had returned. On Forge, "
            "code that is not awaited may be frozen and never finish: await it in the handler."
        )
        self._platform.record(Log(level="warn", message=message, invocation_id=who), now)


def _call_text(request: AppRequest) -> str:
    if request.options.get("type") == egress.TYPE:
        return egress.call_text(request)
    return f"{request.method} {request.path}"


def service_kind(request: AppRequest) -> Literal["kvs", "push", "product", "other"]:
    """Which kind of service a request is for, as far as their latencies differ."""
    if request.options.get("type") == "kvs" or request.path == storage.PATH:
        return "kvs"
    if request.path.startswith(queue.PREFIX):
        return "push"
    is_product = product.is_product_request(request) or request.options.get("type") == egress.TYPE
    return "product" if is_product else "other"
