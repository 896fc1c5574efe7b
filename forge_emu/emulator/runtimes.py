"""What an app's handlers need to run: a runtime per language, and the tools of those it uses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from forge_emu import settings as s
from forge_emu.appdir import LoadedApp
from forge_emu.emulator.emulator import Emulator
from forge_emu.emulator.payloads.runtime import runtime_with_payloads
from forge_emu.emulator.startup import Terminal
from forge_emu.errors import UserError
from forge_emu.model import Bundler, Layout
from forge_emu.ports import Clock, MessageSink, Runtime
from forge_emu.runtime.languages import LanguageRuntimes
from forge_emu.runtime.node.forge_bundler import (
    find_forge_bundler,
    install_forge_bundler,
    no_bundler_error,
)
from forge_emu.runtime.node.node_versions import NodeChoice, old_node_warning
from forge_emu.runtime.node.packages import install_packages, missing_packages
from forge_emu.runtime.node.runtime import NodeRuntime
from forge_emu.runtime.node.tools import Tools, find_tools
from forge_emu.runtime.python.interpreter import find_python
from forge_emu.runtime.python.runtime import PythonRuntime
from forge_emu.runtime.remote.runtime import LANGUAGE as REMOTE
from forge_emu.runtime.remote.runtime import RemoteRuntime
from forge_emu.runtime.remote.tokens import TokenSigner
from forge_emu.runtime.tool import Tool


@dataclass(frozen=True)
class AppTools:
    """The tools of the languages that an app's handlers are written in."""

    node: Tools | None
    python: Tool | None
    forge_bundler: Tool | None = None
    """Where the app is to be built with it."""


async def tools_for(
    loaded: LoadedApp,
    clock: Clock,
    install: bool | None,
    terminal: Terminal,
    node_major: int | None = None,
    bundler: Bundler = "auto",
) -> AppTools:
    """The tools that `loaded` needs; `node_major` asks for a version of Node.js.

    Says where Node.js is older than the app's runtime. Raises UserError where a tool is missing.
    """
    languages, root = loaded.app.languages, loaded.root
    node = python = forge = None
    if "javascript" in languages:
        choice = _InstallChoice(terminal.print_message, terminal.confirm, install)
        runtime = loaded.app.runtime
        node = await _find_node_tools(root, clock, choice, NodeChoice(node_major, runtime))
        if warning := old_node_warning(runtime, node.node):
            terminal.print_message(f"warning: {warning}")
        if bundler == "forge":
            forge = await asyncio.to_thread(_find_forge_bundler, root, node, choice)
    if "python" in languages:
        python = await asyncio.to_thread(find_python, root)
    return AppTools(node, python, forge)


def runtime_for(
    loaded: LoadedApp,
    tools: AppTools,
    emulator: Emulator,
    build_dir: Path,
    environment: Mapping[str, str],
    layout: Layout = "deploy",
) -> Runtime:
    """A runtime that talks to `emulator`; its handlers see `environment` and nothing else.

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
    }

    async def node(sink: MessageSink) -> Runtime:
        found = tools.node or await _find_node_tools(
            root,
            clock,
            _InstallChoice(lambda _: None, None, None),
            NodeChoice(runtime=emulator.app.runtime),
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


@dataclass(frozen=True)
class _InstallChoice:
    """Where progress is printed, how the user is asked, and the choice made with --install."""

    print_message: Callable[[str], None]
    confirm: Callable[[str], bool] | None
    install: bool | None


def _find_forge_bundler(root: Path, node: Tools, choice: _InstallChoice) -> Tool:
    """Forge's own bundler. Raises UserError where it is not there and may not be installed."""
    if found := find_forge_bundler(root, node):
        return found
    wanted = choice.install
    if wanted is None and choice.confirm is not None:
        wanted = choice.confirm("@forge/bundler is not installed. Get it from npm (once)?")
    if not wanted:
        raise no_bundler_error()
    return install_forge_bundler(node, choice.print_message)


async def _find_node_tools(
    root: Path, clock: Clock, choice: _InstallChoice, node: NodeChoice
) -> Tools:
    """Node, esbuild, and the app's own packages. Raises UserError where one is missing."""
    tools = await asyncio.to_thread(find_tools, root, choice.print_message, node)
    if clock.virtual and tools.fake_timers is None:
        raise UserError(
            "virtual time needs @sinonjs/fake-timers, which could not be installed",
            "Check the network and npm's registry setting, then start again.",
        )
    if missing := missing_packages(root):
        names = ", ".join(missing[:3]) + (f" and {len(missing) - 3} more" if missing[3:] else "")
        wanted = choice.install
        if wanted is None and choice.confirm is not None:
            wanted = choice.confirm(f"{names} not installed. Run `npm install --ignore-scripts`?")
        if not wanted:
            raise UserError(
                f"the app's packages are not installed: {names}",
                f"Run `npm install` in {root}, or add --install to this command.",
            )
        await asyncio.to_thread(install_packages, root, tools, choice.print_message)
    return tools


def _signer_of(emulator: Emulator) -> TokenSigner:
    """What signs the tokens of a run; they name its address, once it is served."""
    signer = emulator.token_signer()
    signer.origin = emulator.url
    return signer
