"""The tools that an app's handlers need: Node.js, esbuild, the app's packages, Python."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import msgspec

from forge_emu.appdir import LoadedApp
from forge_emu.emulator.starting.terminal import Terminal
from forge_emu.errors import UserError
from forge_emu.model import Bundler
from forge_emu.runtime.node.forge_bundler import (
    find_forge_bundler,
    install_forge_bundler,
    no_bundler_error,
)
from forge_emu.runtime.node.node_versions import NodeChoice, old_node_warning
from forge_emu.runtime.node.packages import install_packages, needed_packages
from forge_emu.runtime.node.tools import Tools, find_tools
from forge_emu.runtime.python.interpreter import find_python
from forge_emu.runtime.tool import Tool


class AppTools(msgspec.Struct, frozen=True):
    """The tools of the languages that an app's handlers are written in."""

    node: Tools | None
    python: Tool | None
    forge_bundler: Tool | None = None
    """Where the app is to be built with it."""


async def tools_for(
    loaded: LoadedApp,
    install: bool | None,
    terminal: Terminal,
    *,
    virtual: bool,
    node_major: int | None = None,
    bundler: Bundler = "auto",
) -> AppTools:
    """The tools that `loaded` needs; `node_major` asks for a version of Node.js.

    Says where Node.js is older than the app's runtime. Raises UserError where a tool is missing.
    """
    languages, root = loaded.app.languages, loaded.root
    node = python = forge = None
    if "javascript" in languages:
        choice = InstallChoice(terminal.print_message, terminal.confirm, install)
        runtime = loaded.app.runtime
        node = await find_node_tools(root, choice, NodeChoice(node_major, runtime), virtual=virtual)
        if warning := old_node_warning(runtime, node.node):
            terminal.print_message(f"warning: {warning}")
        if bundler == "forge":
            forge = await asyncio.to_thread(forge_bundler_for, root, node, choice)
    if "python" in languages:
        python = await asyncio.to_thread(find_python, root)
    return AppTools(node, python, forge)


class InstallChoice(msgspec.Struct, frozen=True):
    """Where progress is printed, how the user is asked, and the choice made with --install."""

    print_message: Callable[[str], None]
    confirm: Callable[[str], bool] | None
    install: bool | None


def forge_bundler_for(root: Path, node: Tools, choice: InstallChoice) -> Tool:
    """Forge's own bundler, from npm where it is missing. Blocks.

    Raises UserError where it is not there and may not be installed.
    """
    if found := find_forge_bundler(root, node):
        return found
    wanted = choice.install
    if wanted is None and choice.confirm is not None:
        wanted = choice.confirm("@forge/bundler is not installed. Get it from npm (once)?")
    if not wanted:
        raise no_bundler_error()
    return install_forge_bundler(node, choice.print_message)


async def find_node_tools(
    root: Path, choice: InstallChoice, node: NodeChoice, *, virtual: bool
) -> Tools:
    """Node, esbuild, and the app's own packages. Raises UserError where one is missing."""
    tools = await asyncio.to_thread(find_tools, root, choice.print_message, node)
    if virtual and tools.fake_timers is None:
        raise UserError(
            "virtual time needs @sinonjs/fake-timers, which could not be installed",
            "Check the network and npm's registry setting, then start again.",
        )
    if missing := needed_packages(root):
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
