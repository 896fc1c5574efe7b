"""What an app's handlers need to run: a runtime per language, and the tools of those it uses."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from forge_emu import settings as s
from forge_emu.appdir import LoadedApp
from forge_emu.emulator.emulator import Emulator
from forge_emu.emulator.payloads.runtime import runtime_with_payloads
from forge_emu.emulator.starting.tools import AppTools, InstallChoice, find_node_tools
from forge_emu.model import Layout
from forge_emu.ports import MessageSink, Runtime
from forge_emu.runtime.languages import LanguageRuntimes
from forge_emu.runtime.node.node_versions import NodeChoice
from forge_emu.runtime.node.runtime import NodeRuntime
from forge_emu.runtime.node.starting.early_start import EarlyStart
from forge_emu.runtime.python.interpreter import find_python
from forge_emu.runtime.python.runtime import PythonRuntime
from forge_emu.runtime.remote.runtime import LANGUAGE as REMOTE
from forge_emu.runtime.remote.runtime import RemoteRuntime
from forge_emu.runtime.remote.tokens import TokenSigner


def runtime_for(
    loaded: LoadedApp,
    tools: AppTools,
    emulator: Emulator,
    build_dir: Path,
    environment: Mapping[str, str],
    layout: Layout = "deploy",
    early: EarlyStart | None = None,
) -> Runtime:
    """A runtime that talks to `emulator`; its handlers see `environment` and nothing else.
    It takes over what `early` has begun.

    A language that the app takes up later gets its tools then, and nobody is asked.
    """
    root, clock, settings = loaded.root, emulator.clock, emulator.settings
    options: dict[str, Any] = {
        "seed": emulator.handler_seed,
        "epoch_ms": emulator.started_at,
        "clock": clock,
        "environment": environment,
        "mask": emulator.engine.secrets.mask,
        "log_lines": settings[s.INVOCATION_LOG_LINES],
        "log_kb": settings[s.INVOCATION_LOG_KB],
        "stuck_seconds": settings[s.DELIVERY_STUCK_SECONDS],
        "stuck_again_seconds": settings[s.DELIVERY_STUCK_AGAIN_SECONDS],
        "io_seconds": settings[s.DELIVERY_IO_SECONDS],
        "io_again_seconds": settings[s.DELIVERY_IO_AGAIN_SECONDS],
    }

    async def node(sink: MessageSink) -> Runtime:
        found = tools.node or await find_node_tools(
            root,
            InstallChoice(lambda _: None, None, None),
            NodeChoice(runtime=emulator.app.runtime),
            virtual=clock.virtual,
        )
        tmp_mb = settings[s.INVOCATION_TMP_MB]
        return NodeRuntime(
            root,
            found,
            sink,
            build_dir=build_dir,
            layout=layout,
            tmp_mb=tmp_mb,
            forge_bundler=tools.forge_bundler,
            early=early,
            **options,
        )

    async def python(sink: MessageSink) -> Runtime:
        found = tools.python
        if found is None:
            found = await asyncio.to_thread(find_python, root)
        return PythonRuntime(root, found, sink, **options)

    async def remote(sink: MessageSink) -> Runtime:
        return RemoteRuntime(sink, clock, partial(_signer_of, emulator))

    makers = {"javascript": node, "python": python, REMOTE: remote}
    return runtime_with_payloads(
        partial(LanguageRuntimes, makers, build_dir=build_dir, virtual=clock.virtual),
        emulator.loop.receive_messages,
        emulator.payload_collector,
    )


def _signer_of(emulator: Emulator) -> TokenSigner:
    """What signs the tokens of a run; they name its address, once it is served."""
    signer = emulator.token_signer()
    signer.origin = emulator.url
    return signer
