"""Builds an app's code, and loads it, to see what goes wrong. Writes into a folder of its own."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from forge_emu.appdir import LoadedApp
from forge_emu.clock import RealClock, wall_ms
from forge_emu.emulator.variables import variables_of
from forge_emu.engine.journal.masking import mask_problem
from forge_emu.errors import Problem
from forge_emu.ports import Runtime, RuntimeMessage
from forge_emu.runtime import NodeRuntime, PythonRuntime
from forge_emu.runtime.node.bundle import bundle
from forge_emu.runtime.node.bundler.options import options_for
from forge_emu.runtime.node.node_versions import NodeChoice, old_node_warning
from forge_emu.runtime.node.tools import find_tools
from forge_emu.runtime.python.interpreter import find_python


async def build_problems(
    loaded: LoadedApp,
    folder: Path,
    progress: Callable[[str], None],
    *,
    load: bool,
    node_major: int | None = None,
) -> Sequence[Problem]:
    """What is wrong with the build, and with `load` also with what the modules do and export.

    `node_major` asks for a version of Node.js.

    Raises UserError where a tool is missing.
    """
    problems: list[Problem] = []
    languages, root = loaded.app.languages, loaded.root
    variables = variables_of(loaded.variables, os.environ, from_files=loaded.given)
    options: dict[str, Any] = {
        "seed": 0,
        "epoch_ms": wall_ms(),
        "clock": RealClock(),
        "environment": variables.environment,
    }
    if "javascript" in languages:
        app = loaded.app
        choice = NodeChoice(node_major, app.runtime)
        tools = await asyncio.to_thread(find_tools, root, progress, choice)
        if warning := old_node_warning(app.runtime, tools.node):
            # It is about this machine, and no finding about the app.
            progress(f"warning: {warning}")
        if load:
            node = NodeRuntime(
                root, tools, _ignore_messages, build_dir=folder, threads=1, **options
            )
            problems += await _load_problems(loaded, node)
        else:
            build = options_for(root, "deploy")
            problems += (await bundle(loaded.app, folder, build, tools)).problems
    if "python" in languages and load:
        python = await asyncio.to_thread(find_python, root)
        problems += await _load_problems(
            loaded, PythonRuntime(root, python, _ignore_messages, **options)
        )
    secrets = variables.secrets()
    return [mask_problem(problem, secrets) for problem in problems]


async def _load_problems(loaded: LoadedApp, runtime: Runtime) -> Sequence[Problem]:
    try:
        return (await runtime.load_app(loaded.app, 1)).problems
    finally:
        await runtime.close()


def _ignore_messages(messages: Sequence[RuntimeMessage]) -> None:
    """Requests of a module while it loads get no answer."""
