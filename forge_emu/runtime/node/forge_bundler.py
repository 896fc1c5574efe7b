"""Forge's own bundler, `@forge/bundler`: where it is, and building with it.

It is never part of forge-emu: it is the app's, that of the machine's Forge CLI, or one that the
user has let forge-emu install from npm.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from forge_emu.errors import Problem, UserError
from forge_emu.model import App
from forge_emu.runtime.node.build_errors import build_problem
from forge_emu.runtime.node.bundle import Bundle
from forge_emu.runtime.node.bundler.esbuild import Message
from forge_emu.runtime.node.bundler.layout import FOLDER, extra_file_problems, lay_out
from forge_emu.runtime.node.package_json import version_in
from forge_emu.runtime.node.programs import run_program
from forge_emu.runtime.node.tool_cache import PackageSet, install_package_set
from forge_emu.runtime.node.tools import ProgressCallback, Tools, cache_folder
from forge_emu.runtime.tool import Tool
from forge_emu.services.request_body import decode_replacing_surrogates

VERSION: Final = "7.3.0"
"""Of `@forge/bundler`, where forge-emu installs it."""

_PROGRAM = Path(__file__).parent / "program" / "bundler" / "forge.cjs"
_NAME = Path("node_modules", "@forge", "bundler")
_CLI = Path("node_modules", "@forge", "cli")
_NOTHING_EMITTED = "TypeScript emitted no output"
_CONFIG_ERROR = "error while parsing tsconfig.json"
_PACKAGES = PackageSet(
    f"forge-bundler-{VERSION}",
    (f"@forge/bundler@{VERSION}",),
    ("@forge/bundler",),
    f"@forge/bundler {VERSION}",
    "or run in the app's folder: npm install --save-dev @forge/bundler",
)


class _Answer(msgspec.Struct, frozen=True):
    """What a build says; it made its scripts unless there are errors."""

    errors: tuple[Message, ...]
    warnings: tuple[Message, ...]
    inputs: tuple[str, ...]


def find_forge_bundler(root: Path, tools: Tools) -> Tool | None:
    """The bundler that is already there: the app's, the Forge CLI's, or that of the tool cache."""
    for folder, why in _places(root, tools):
        if (version := version_in(folder)) is not None:
            return Tool(folder.resolve(), version, why)
    return None


def install_forge_bundler(tools: Tools, progress: ProgressCallback) -> Tool:
    """Install the bundler into the tool cache. Raises UserError. Blocks."""
    folder = install_package_set(_PACKAGES, cache_folder(), tools.npm, tools.node.path, progress)
    return Tool(folder / _NAME, VERSION, "installed by forge-emu")


async def forge_bundle(app: App, folder: Path, root: Path, bundler: Tool, tools: Tools) -> Bundle:
    """Build `app` with Forge's bundler, laid out in `folder`."""
    deployed = folder / FOLDER
    files = sorted({f.file for f in app.functions.values() if f.language == "javascript"})
    modules = [file.removeprefix("src/").rsplit(".", 1)[0] for file in files]
    job = {
        "root": str(root),
        "bundler": str(bundler.path),
        "modules": modules,
        "output": str(deployed),
    }
    command: list[str | Path] = [tools.node.path, "--no-warnings", _PROGRAM]
    code, stdout, stderr = await run_program(command, msgspec.json.encode(job).decode(), root)
    if code or not stdout:
        lines = stderr.strip().splitlines()
        why = next((line for line in lines if "Error" in line), "it did not say why")
        message = f"@forge/bundler {bundler.version} failed: {why}"
        hint = "Build with esbuild: --bundler esbuild."
        return Bundle(None, (), (Problem("package.json", 0, 0, message, hint, rule="bundle"),))
    answer = decode_replacing_surrogates(msgspec.json.Decoder(_Answer), stdout)
    inputs = tuple(Path(name) for name in answer.inputs)
    problems = [build_problem(root, message, "error") for message in _causes(answer.errors)]
    problems += [build_problem(root, message, "warning") for message in answer.warnings]
    problems += extra_file_problems(root, app)
    if any(p.severity == "error" for p in problems):
        return Bundle(None, (), tuple(problems), inputs)
    extra = lay_out(root, app, deployed, ())
    names = (os.path.relpath(path, root).replace(os.sep, "/") for path in inputs)
    return Bundle(
        deployed,
        tuple(name for name in names if "node_modules/" not in name),
        tuple(problems),
        (*inputs, *extra),
        deployed,
        entries={
            file: str(deployed / f"{module}.cjs")
            for file, module in zip(files, modules, strict=True)
        },
    )


def _causes(errors: Sequence[Message]) -> Iterator[Message]:
    """`errors` without those that only follow: webpack's loader of TypeScript says of a file with a
    syntax error also that nothing has come of it, and of every file that tsconfig.json is wrong."""
    told = {message.file for message in errors if _NOTHING_EMITTED not in message.text}
    for message in errors:
        if _CONFIG_ERROR in message.text and "tsconfig.json" in told:
            continue
        if _NOTHING_EMITTED not in message.text or message.file not in told:
            yield message


def no_bundler_error() -> UserError:
    """What to say where the bundler is asked for and not there."""
    return UserError(
        "--bundler forge needs @forge/bundler, which is not installed",
        "Add --install, which gets it from npm once, or run: npm install -g @forge/cli",
    )


def _places(root: Path, tools: Tools) -> Iterator[tuple[Path, str]]:
    for folder in (root, *root.parents):
        yield folder / _NAME, "the app's own"
        yield folder / _CLI / _NAME, "the app's Forge CLI's"
    machine = [tools.node.path.resolve().parent.parent / "lib"]
    if found := shutil.which("forge"):
        # …/node_modules/@forge/cli/out/bin/cli.js
        machine += Path(found).resolve().parents
    for folder in machine:
        yield folder / _NAME, "the machine's"
        yield folder / _CLI / _NAME, "the machine's Forge CLI's"
    yield _PACKAGES.folder(cache_folder()) / _NAME, "installed by forge-emu"
