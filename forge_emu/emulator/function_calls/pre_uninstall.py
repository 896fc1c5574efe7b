"""What is called before the app is uninstalled. Here it is only called: nothing is uninstalled.

https://developer.atlassian.com/platform/forge/manifest-reference/modules/pre-uninstall-trigger/
(2026-04-07)
"""

from __future__ import annotations

import asyncio

import msgspec

from forge_emu.control.calls.contract import PreUninstallAnswer, PreUninstallOrder
from forge_emu.emulator.app_modules.known import check_key
from forge_emu.emulator.function_calls.waiting import FunctionCalls
from forge_emu.emulator.loop import EngineLoop
from forge_emu.errors import UserError
from forge_emu.model import App, CallRequest, CallResult, Json, ModuleKind, PreUninstall


class PreUninstallCalls:
    """Calls the functions of `preUninstall` modules."""

    def __init__(self, loop: EngineLoop, calls: FunctionCalls) -> None:
        self._loop = loop
        self._calls = calls

    async def call_modules(self, order: PreUninstallOrder) -> list[PreUninstallAnswer]:
        """Call one module, or all at once, and wait for their end. Raises UserError."""
        modules = _modules_of(self._loop.engine.app, order.key)
        results = await asyncio.gather(
            *(self._calls.call_function(self._request(module)) for module in modules)
        )
        return [_answer(*pair) for pair in zip(modules, results, strict=True)]

    def _request(self, module: PreUninstall) -> CallRequest:
        """The call of its function or endpoint; the context has no user."""
        event: dict[str, Json] = {
            "context": {
                "cloudId": self._loop.engine.installation.cloud_id,
                "moduleKey": module.key,
            },
            "contextToken": f"forge-emu-{module.key}",
        }
        size = len(msgspec.json.encode(event))
        handler = module.endpoint or module.function
        return CallRequest(ModuleKind.PRE_UNINSTALL, module.key, handler, event, size)


def _modules_of(app: App, key: str | None) -> list[PreUninstall]:
    known = [module.key for module in app.pre_uninstalls]
    if key is not None:
        check_key(key, known, "preUninstall module", "modules.preUninstall")
    if not known:
        raise UserError(
            "the app has no preUninstall module", "The manifest has none: modules.preUninstall."
        )
    return [module for module in app.pre_uninstalls if key in (None, module.key)]


def _answer(module: PreUninstall, result: CallResult) -> PreUninstallAnswer:
    return PreUninstallAnswer(
        module.key, result.call_id, result.age_ms, result.reason, result.error, result.limit
    )
