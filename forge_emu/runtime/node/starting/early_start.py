"""Node.js and a build that are at work before there is a runtime, which then takes them over."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import Mapping
from pathlib import Path

from forge_emu.model import App
from forge_emu.runtime.node.building import Builder
from forge_emu.runtime.node.bundle import Bundle
from forge_emu.runtime.node.starting.early_host import EarlyHost
from forge_emu.runtime.node.starting.host_start import HostStart, StartedNode, start_node


class EarlyStart:
    """What has been begun for a runtime: each part is taken once, if it is what is asked for."""

    def __init__(
        self,
        app: App,
        folder: Path,
        build: asyncio.Task[Bundle],
        host: StartedNode,
        start: HostStart,
        environment: Mapping[str, str],
    ) -> None:
        self._app = app
        self._folder = folder
        self._build: asyncio.Task[Bundle] | None = build
        self._host: StartedNode | None = host
        self._start = start
        self._environment = environment

    @classmethod
    def begin(
        cls,
        app: App,
        builder: Builder,
        folder: Path,
        start: HostStart,
        environment: Mapping[str, str],
        early_host: EarlyHost | None = None,
    ) -> EarlyStart:
        """Start Node.js, unless `early_host` is what is asked for, and build `app` in `folder`.

        Raises OSError.
        """
        asked = builder.tools.node.path, start, builder.root, environment
        host = (early_host.take(*asked) if early_host else None) or start_node(*asked)
        build = asyncio.create_task(builder.build(app, folder))
        return cls(app, folder, build, host, start, environment)

    @property
    def host_pid(self) -> int | None:
        """The process that nobody has taken yet."""
        return self._host.spawned.process.pid if self._host else None

    def take_host(self, start: HostStart, environment: Mapping[str, str]) -> StartedNode | None:
        """The process, if it was started in this way."""
        if start != self._start or environment != self._environment:
            return None
        host, self._host = self._host, None
        return host

    def take_build(self, app: App) -> tuple[Path, asyncio.Task[Bundle]] | None:
        """The build of this very app, and its folder."""
        if self._build is None or app is not self._app:
            return None
        build, self._build = self._build, None
        return self._folder, build

    async def close(self) -> None:
        """End what nobody has taken."""
        if self._build is not None:
            self._build.cancel()
            with contextlib.suppress(asyncio.CancelledError, OSError):
                await self._build
            shutil.rmtree(self._folder, ignore_errors=True)
        if self._host is not None:
            self._host.spawned.close()
