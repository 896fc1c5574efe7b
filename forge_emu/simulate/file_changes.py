"""The files that a simulation depends on, and their changes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from forge_emu.simulate.options import SimulateOptions
from forge_emu.simulate.request import app_and_scenario
from forge_emu.watch import SUFFIXES, Watcher

_CALM_SECONDS: Final = 0.08
"""Real seconds without a further change before the app is played: editors save in several steps."""


class FileChanges:
    """Waits for changes of the app, of its settings, and of the files that the command names."""

    def __init__(self, options: SimulateOptions) -> None:
        root, scenario = app_and_scenario(options)
        self.root = root.resolve()
        self._named = [file.resolve() for file in _named_files(options, scenario)]
        self._outputs = {
            file.resolve()
            for file in (options.records, options.junit, options.report, options.trace)
            if file is not None
        }
        self._loop = asyncio.get_running_loop()
        self._touched = asyncio.Event()
        self._watcher = Watcher(self.root, self._on_change)

    def start(self) -> None:
        """Begin to watch."""
        self.add_files(())
        self._watcher.start()

    async def stop(self) -> None:
        """End watching."""
        await asyncio.to_thread(self._watcher.stop)

    def add_files(self, files: Iterable[str]) -> None:
        """Watch what the app was built of as well, which may lie elsewhere."""
        self._watcher.watch((*self._named, *map(Path, files)), own=True)

    async def next_change(self) -> list[Path]:
        """The files that have changed since the last call, when they have calmed down."""
        while True:
            await self._touched.wait()
            while self._touched.is_set():
                self._touched.clear()
                await asyncio.sleep(_CALM_SECONDS)
            changed = [f for f in self._watcher.take_changed_files() if f not in self._outputs]
            if changed:
                return changed

    def _on_change(self) -> None:
        """Called on the watcher's thread."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._touched.set)


def _named_files(options: SimulateOptions, scenario: Path | None) -> Sequence[Path]:
    """The files that the command names; beside a scenario, those it may name itself."""
    named = [*options.kvs, *options.site, *options.env_files]
    named += [Path(given) for given in (options.state, options.data) if given is not None]
    if scenario is not None:
        named.append(scenario)
        if scenario.parent.is_dir():
            named += [each for each in scenario.parent.iterdir() if each.suffix in SUFFIXES]
    return named
