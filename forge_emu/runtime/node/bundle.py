"""Turns the app's handler modules into one script with esbuild; writes only into the build folder.

The script exports `{"src/index.js": () => module}`, so that a module runs when it is first needed.
"""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from forge_emu.errors import Problem
from forge_emu.model import App
from forge_emu.runtime.node.build_errors import diagnostics, removed_storage_problems
from forge_emu.runtime.node.removed_packages import removed_package_problems

BUNDLE = "bundle.cjs"
_ENTRY = "forge-emu-entry.js"
_TARGET = "node20"


@dataclass(frozen=True)
class Bundle:
    """What esbuild made. `path` is None where it cannot be loaded; `sources` are the app's own.

    `unbuilt` are handler files that were left out, each with the one of `problems` to blame.
    """

    path: Path | None
    sources: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    unbuilt: dict[str, Problem] = field(default_factory=dict)


async def bundle(root: Path, esbuild: Path, app: App, folder: Path) -> Bundle:
    """Bundle the modules that `app`'s JavaScript functions name into `folder`."""
    files = sorted({f.file for f in app.functions.values() if f.language == "javascript"})
    folder.mkdir(parents=True, exist_ok=True)
    output, meta = folder / BUNDLE, folder / "meta.json"
    process = await asyncio.create_subprocess_exec(
        esbuild,
        *_arguments(output, meta),
        cwd=root,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        # The terminal's Ctrl-C is for the emulator alone.
        start_new_session=True,
        env={**os.environ, "NO_COLOR": "1"},
    )
    try:
        _, stderr = await process.communicate(_entry_script(files).encode())
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    error_text = stderr.decode(errors="replace")
    problems = tuple(diagnostics(error_text))
    if process.returncode:
        if not any(p.severity == "error" for p in problems):
            reason = error_text.strip() or "it did not say why"
            problem = Problem("package.json", 0, 0, f"esbuild failed: {reason}", rule="bundle")
            problems = (*problems, problem)
        return Bundle(None, (), problems)
    inputs = _bundled_files(meta)
    sources = _app_sources(inputs)
    removed = (
        *removed_storage_problems(root, sources),
        *removed_package_problems(root, inputs, sources),
    )
    loadable = all(p.severity != "error" for p in removed)
    return Bundle(output if loadable else None, sources, (*problems, *removed))


def _arguments(output: Path, meta: Path) -> list[str]:
    return [
        "--bundle",
        f"--outfile={output}",
        f"--metafile={meta}",
        f"--sourcefile={_ENTRY}",
        "--platform=node",
        "--format=cjs",
        f"--target={_TARGET}",
        # Classes keep the names by which errors are told.
        "--keep-names",
        "--sourcemap=external",
        "--sources-content=true",
        # Native addons cannot be bundled: they are laid beside the bundle.
        "--loader:.node=copy",
        "--loader:.js=jsx",
        # `import()` becomes a `require` inside the bundle, where its modules are.
        "--supported:dynamic-import=false",
        "--define:import.meta.url=__forge_emu_url",
        "--define:import.meta.filename=__filename",
        "--define:import.meta.dirname=__dirname",
        "--log-level=warning",
        "--log-limit=50",
        "--color=false",
    ]


def _entry_script(files: list[str]) -> str:
    """The script that esbuild starts from."""
    entries = (f"{json.dumps(f)}: () => require({json.dumps('./' + f)})" for f in files)
    return "module.exports = {" + ", ".join(entries) + "};\n"


def _bundled_files(meta: Path) -> tuple[str, ...]:
    """The files that went into the bundle, relative to the app, in the order of esbuild."""
    inputs: dict[str, Any] = msgspec.json.decode(meta.read_bytes())["inputs"]
    return tuple(inputs)


def _app_sources(inputs: tuple[str, ...]) -> tuple[str, ...]:
    """Those below the app, without packages."""
    return tuple(
        name
        for name in inputs
        if "node_modules/" not in name and ":" not in name and name != _ENTRY
    )
