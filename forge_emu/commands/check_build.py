"""Builds an app's code, and loads it, to see what goes wrong. Writes into a folder of its own."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from forge_emu.appdir import LoadedApp
from forge_emu.clock import RealClock, wall_ms
from forge_emu.emulator.starting.tools import InstallChoice, forge_bundler_for
from forge_emu.emulator.variables import variables_of
from forge_emu.engine.journal.masking import mask_problem
from forge_emu.errors import Problem
from forge_emu.model import Bundler
from forge_emu.ports import BuildResult, Runtime, RuntimeMessage
from forge_emu.runtime.node.bundle import bundle
from forge_emu.runtime.node.bundler.options import options_for
from forge_emu.runtime.node.forge_bundler import find_forge_bundler, forge_bundle
from forge_emu.runtime.node.node_versions import NodeChoice, old_node_warning
from forge_emu.runtime.node.runtime import NodeRuntime
from forge_emu.runtime.node.tools import Tools, find_tools
from forge_emu.runtime.node.type_check import check_types
from forge_emu.runtime.python.interpreter import find_python
from forge_emu.runtime.python.runtime import PythonRuntime
from forge_emu.runtime.tool import Tool

# TypeScript's own ranges of codes: 1000 to 1999 are of syntax.
_TS_SYNTAX = re.compile(r"TS1\d{3}: ")
_TS_NO_MODULE = re.compile(r"TS2307: ")
_NOT_RUN = (
    "types and Forge's own build were not checked: they run what is installed in the app, and "
    "--no-load runs nothing of it"
)


async def build_problems(
    loaded: LoadedApp,
    folder: Path,
    choice: InstallChoice,
    *,
    load: bool,
    node_major: int | None = None,
    bundler: Bundler = "auto",
) -> Sequence[Problem]:
    """What is wrong with the build, and with `load` also with what the modules do and export.

    Without `load` nothing of the app is run: neither its esbuild, nor its TypeScript, nor Forge's
    bundler, which runs the app's loaders. `node_major` asks for a version of Node.js. Forge's own
    bundler, where it is there or `choice` gets it, has the last word on the build.

    Raises UserError where a tool is missing.
    """
    problems: list[Problem] = []
    progress = choice.print_message
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
        wanted = NodeChoice(node_major, app.runtime)
        tools = await asyncio.to_thread(find_tools, root, progress, wanted, run_app_tools=load)
        if warning := old_node_warning(app.runtime, tools.node):
            # It is about this machine, and no finding about the app.
            progress(f"warning: {warning}")
        if load:
            node = NodeRuntime(
                root, tools, _ignore_messages, build_dir=folder, threads=1, **options
            )
            build = await _load(loaded, node)
            problems += build.problems
            sources = build.sources
        else:
            built = await bundle(loaded.app, folder, options_for(root, "deploy"), tools)
            problems += built.problems
            sources = built.sources if built.path else None
        if loaded.app.package is None and not load:
            progress(_NOT_RUN)
        elif loaded.app.package is None:
            forge = await asyncio.to_thread(_forge_bundler, root, tools, choice, bundler)
            if forge is not None:
                progress(f"building with @forge/bundler {forge.version}, {forge.why}")
                built = await forge_bundle(loaded.app, folder / "forge", root, forge, tools)
                problems = _with_forges(problems, built.problems)
            else:
                types = await _type_problems(loaded, sources, tools, progress)
                told = _without_missing_modules(types, problems)
                problems = [*_without_repeated(problems, types), *told]
    if "python" in languages and load:
        python = await asyncio.to_thread(find_python, root)
        python_runtime = PythonRuntime(root, python, _ignore_messages, **options)
        problems += (await _load(loaded, python_runtime)).problems
    secrets = variables.secrets()
    return [mask_problem(problem, secrets) for problem in problems]


def _forge_bundler(
    root: Path, tools: Tools, choice: InstallChoice, bundler: Bundler
) -> Tool | None:
    """Forge's own bundler, where it builds the app: it is there, asked for, or to be installed."""
    if bundler == "esbuild":
        return None
    if bundler == "forge" or choice.install:
        return forge_bundler_for(root, tools, choice)
    return find_forge_bundler(root, tools)


async def _load(loaded: LoadedApp, runtime: Runtime) -> BuildResult:
    try:
        return await runtime.load_app(loaded.app, 1)
    finally:
        await runtime.close()


def _with_forges(problems: Sequence[Problem], forges: Sequence[Problem]) -> list[Problem]:
    """`problems` of loading, and what Forge's bundler says of the build."""
    return [*(p for p in problems if p.rule != "bundle"), *forges]


def _without_repeated(build: Sequence[Problem], types: Sequence[Problem]) -> Iterator[Problem]:
    """`build` without the syntax errors of esbuild that TypeScript tells, too: all of a file."""
    told = {problem.file for problem in types if _TS_SYNTAX.match(problem.message)}
    for problem in build:
        if problem.rule != "bundle" or problem.file not in told:
            yield problem


def _without_missing_modules(
    types: Sequence[Problem], build: Sequence[Problem]
) -> Iterator[Problem]:
    """`types` without the modules that TypeScript does not find where esbuild says which."""
    told = {(problem.file, problem.line) for problem in build if problem.rule == "bundle"}
    for problem in types:
        if (problem.file, problem.line) not in told or not _TS_NO_MODULE.match(problem.message):
            yield problem


async def _type_problems(
    loaded: LoadedApp,
    sources: Sequence[str] | None,
    tools: Tools,
    progress: Callable[[str], None],
) -> Sequence[Problem]:
    """The type errors in `sources`; without them, in the handlers' files and what they import."""
    handlers = [f.file for f in loaded.app.functions.values() if f.language == "javascript"]
    found = await check_types(loaded.root, sources or handlers, tools, imported=sources is None)
    if found.unchecked:
        progress(f"types were not checked: {found.unchecked}")
    return found.problems


def _ignore_messages(messages: Sequence[RuntimeMessage]) -> None:
    """Requests of a module while it loads get no answer."""
