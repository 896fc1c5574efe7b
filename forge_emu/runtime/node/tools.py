"""Which Node.js, npm and esbuild a run uses, and why: the machine's, the app's, or forge-emu's."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from forge_emu.errors import UserError
from forge_emu.runtime.node import node_versions
from forge_emu.runtime.node.node_versions import NodeChoice, version_of
from forge_emu.runtime.node.package_json import version_in
from forge_emu.runtime.node.tool_cache import (
    ESBUILD_VERSION,
    FAKE_TIMERS_VERSION,
    install_package_set,
    runtime_packages,
)
from forge_emu.runtime.tool import Tool

ProgressCallback = Callable[[str], None]
"""Called with a line of text for the user."""

ANY_NODE = NodeChoice()


class Tools(msgspec.Struct, frozen=True):
    """What a run uses. `npm` is the command that starts npm, None where there is none.

    `fake_timers` is the package that scales the clock of handlers, `parser` the folder of
    @babel/parser; they are None where they could not be had.
    """

    node: Tool
    esbuild: Tool
    npm: tuple[str, ...] | None = None
    fake_timers: Tool | None = None
    parser: Path | None = None


def find_tools(
    root: Path,
    progress: ProgressCallback,
    choice: NodeChoice = ANY_NODE,
    *,
    run_app_tools: bool = True,
) -> Tools:
    """The tools for the app at `root`; what is missing is installed once into the user's cache.

    Without `run_app_tools` none of them is the app's, and nothing of it is run. Raises UserError
    with the command that mends it. Blocks; run it on a thread.
    """
    node = find_node(choice, progress)
    npm = find_npm(node)
    own = find_app_esbuild(root) if run_app_tools else None
    try:
        folder = _install_packages(npm, node, progress)
    except UserError:
        if own is None:
            raise
        return Tools(node, own, npm)
    binary = folder / "node_modules" / esbuild_package() / _esbuild_file()
    installed = Tool(binary, ESBUILD_VERSION, "installed by forge-emu")
    fake_timers = Tool(_fake_timers_in(folder), FAKE_TIMERS_VERSION, "installed by forge-emu")
    parser = folder / "node_modules" / "@babel" / "parser"
    return Tools(node, own or installed, npm, fake_timers, parser)


def find_parser(node: Tool, progress: ProgressCallback) -> Path:
    """The folder whose `node_modules` holds @babel/parser, installed once. Raises UserError."""
    return _install_packages(find_npm(node), node, progress)


def _install_packages(npm: tuple[str, ...] | None, node: Tool, progress: ProgressCallback) -> Path:
    """The folder of forge-emu's own npm packages. Raises UserError."""
    package_set = runtime_packages(esbuild_package())
    return install_package_set(package_set, cache_folder(), npm, node.path, progress)


def find_node(choice: NodeChoice = ANY_NODE, progress: ProgressCallback = lambda _: None) -> Tool:
    """The Node.js to use: `node_versions.find_node` with the user's cache."""
    return node_versions.find_node(choice, cache_folder(), progress)


def find_npm(node: Tool) -> tuple[str, ...] | None:
    """The command for npm: the one that came with `node`, else the one on the PATH."""
    bin_folder = node.path.resolve().parent
    for modules in (bin_folder.parent / "lib" / "node_modules", bin_folder / "node_modules"):
        script = modules / "npm" / "bin" / "npm-cli.js"
        if script.is_file():
            return (str(node.path), str(script))
    found = shutil.which("npm")
    return (found,) if found else None


def cache_folder() -> Path:
    """Where forge-emu keeps its tools: FORGE_EMU_CACHE, else below the user's cache."""
    if chosen := os.environ.get("FORGE_EMU_CACHE"):
        return Path(chosen).expanduser().absolute()
    if base := os.environ.get("XDG_CACHE_HOME"):
        return Path(base).expanduser().absolute() / "forge-emu"
    return Path.home() / ".cache" / "forge-emu"


def installed_fake_timers() -> Path | None:
    """The package that scales the clock of handlers, where it is in the user's cache."""
    package_set = runtime_packages(esbuild_package())
    folder = package_set.folder(cache_folder())
    return None if package_set.missing_from(folder) else _fake_timers_in(folder)


def _fake_timers_in(folder: Path) -> Path:
    return folder / "node_modules" / "@sinonjs" / "fake-timers"


def esbuild_package() -> str:
    """The npm package that holds esbuild's program for this machine (`@esbuild/linux-x64`)."""
    system = {"win32": "win32", "darwin": "darwin"}.get(sys.platform, "linux")
    machine = platform.machine().lower()
    cpu = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "i686": "ia32", "x86": "ia32"}
    return f"@esbuild/{system}-{cpu.get(machine, machine)}"


def _esbuild_file() -> str:
    return "esbuild.exe" if sys.platform == "win32" else "bin/esbuild"


def find_app_esbuild(root: Path, *, run: bool = True) -> Tool | None:
    """The app's own esbuild, where it is installed and runs here.

    Without `run` its package says which version it is: whether it runs is not tried.
    """
    modules = root / "node_modules"
    package = esbuild_package()
    for folder in (modules / "esbuild" / "node_modules", modules):
        path = folder / package / _esbuild_file()
        if not (modules / "esbuild").is_dir() or not path.is_file():
            continue
        if version := version_of(path) if run else version_in(folder / package):
            return Tool(path, version, "the app's own")
    return None
