"""Begins what takes longest at a start: Node.js and the build, while other things are done."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

from forge_emu.appdir import LoadedApp
from forge_emu.control.session import emulator_folder
from forge_emu.emulator.starting.tools import AppTools
from forge_emu.errors import UserError
from forge_emu.model import Layout
from forge_emu.runtime.node.building import Builder
from forge_emu.runtime.node.starting.early_host import EarlyHost
from forge_emu.runtime.node.starting.early_start import EarlyStart
from forge_emu.runtime.node.starting.host_start import first_threads, host_environment, host_start

_FOLDER: Final = "first"
_MOST_FOLDERS: Final = 1_000


def begin_early(
    loaded: LoadedApp,
    tools: AppTools,
    environment: Mapping[str, str],
    build_dir: Path,
    layout: Layout,
    stack: AsyncExitStack,
    early_host: EarlyHost | None = None,
    *,
    virtual: bool,
) -> EarlyStart | None:
    """Start Node.js for handlers that see `environment`, and build the app below `build_dir`.

    Where `early_host` is the Node.js that is needed, it goes on with that.

    None where the app needs no Node.js, or where it does not start: the runtime tries again, and
    says why. `stack` ends what no runtime has taken over.
    """
    if tools.node is None:
        if early_host is not None:
            early_host.close()
        return None
    try:
        timers = tools.node.fake_timers
        early = EarlyStart.begin(
            loaded.app,
            Builder(loaded.root, layout, tools.node, tools.forge_bundler),
            build_dir / _FOLDER,
            host_start(timers.path if timers else None, first_threads(virtual=virtual)),
            host_environment(environment, virtual=virtual),
            early_host,
        )
    except OSError:
        return None
    stack.push_async_callback(early.close)
    return early


def new_build_folder(root: Path) -> Path:
    """Where the code is built: a simulation can do without writing to the app.

    Handlers see it as their working directory, so that it has the same name in every run: the first
    number that no other simulation has.
    """
    try:
        parent = emulator_folder(root)
        for n in range(1, _MOST_FOLDERS):
            with suppress(FileExistsError):
                folder = parent / f"simulate-{n}"
                folder.mkdir(mode=0o700)
                return folder
    except (OSError, UserError):
        pass
    return Path(mkdtemp(prefix="forge-emu-"))
