"""Builds an app's code in the way that was chosen: as it is, with Forge's bundler, with esbuild."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec

from forge_emu.model import App, Layout
from forge_emu.runtime.node.bundle import Bundle, package_bundle
from forge_emu.runtime.node.bundler.options import options_for
from forge_emu.runtime.node.forge_bundler import forge_bundle
from forge_emu.runtime.node.partial_bundle import bundle_what_builds
from forge_emu.runtime.node.tools import Tools
from forge_emu.runtime.tool import Tool


class Builder(msgspec.Struct, frozen=True):
    """Builds the app at `root` for `layout`, with `forge_bundler`, or esbuild without one."""

    root: Path
    layout: Layout
    tools: Tools
    forge_bundler: Tool | None = None

    async def build(self, app: App, folder: Path) -> Bundle:
        """Build `app`'s code in `folder`."""
        if app.package is not None:
            return await asyncio.to_thread(package_bundle, app, folder, self.root)
        if self.forge_bundler is not None:
            return await forge_bundle(app, folder, self.root, self.forge_bundler, self.tools)
        options = options_for(self.root, self.layout)
        return await bundle_what_builds(app, folder, options, self.tools)
