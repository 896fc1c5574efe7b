"""Bundles what can be built: the platform bundles each handler file apart, so one fails alone."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import msgspec
from msgspec.structs import replace

from forge_emu.errors import Problem
from forge_emu.model import App
from forge_emu.runtime.node.bundle import Bundle, bundle
from forge_emu.runtime.node.bundler.options import BuildOptions
from forge_emu.runtime.node.tools import Tools


async def bundle_what_builds(app: App, folder: Path, options: BuildOptions, tools: Tools) -> Bundle:
    """Bundle the handler files of `app`, without those that cannot be built; if any can."""
    whole = await bundle(app, folder, options, tools)
    files = sorted({f.file for f in app.functions.values() if f.language == "javascript"})
    if whole.path is not None or len(files) < 2:
        return whole
    unbuilt: dict[str, Problem] = {}
    problems: list[Problem] = []
    for file in files:
        alone = await bundle(_with_files(app, {file}), folder, options, tools)
        if alone.path is None:
            unbuilt[file] = next(p for p in alone.problems if p.severity == "error")
            problems += alone.problems
    rest = [file for file in files if file not in unbuilt]
    if not unbuilt or not rest:
        return whole
    built = await bundle(_with_files(app, rest), folder, options, tools)
    return replace(built, problems=(*dict.fromkeys((*problems, *built.problems)),), unbuilt=unbuilt)


def _with_files(app: App, files: Collection[str]) -> App:
    """`app` with the functions of `files` alone."""
    functions = {key: f for key, f in app.functions.items() if f.file in files}
    return msgspec.structs.replace(app, functions=functions)
