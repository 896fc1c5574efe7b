"""Changed files: rebuild, and swap the app only if the new one is sound."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from forge_emu import appdir
from forge_emu.appdir import SETTINGS_NAME, LoadedApp
from forge_emu.appdir.site_content import SITE_NAME, PlacedContent
from forge_emu.emulator.emulator import Emulator
from forge_emu.emulator.initial_state.site_files import add_placed
from forge_emu.emulator.life_cycle.begin import begin_life_cycle
from forge_emu.emulator.startup import app_as_loaded, loaded_fields, unloaded_warnings
from forge_emu.errors import ManifestError, Problem, UserError
from forge_emu.manifest.scheduled_triggers import schedule_number_problems
from forge_emu.model import App
from forge_emu.ports import Runtime
from forge_emu.records import AppRejected, AppReloaded, Log
from forge_emu.reporting import source_places
from forge_emu.watch import Watcher

CONFIGURATION: Final = (
    "manifest.yml", "manifest.yaml", SETTINGS_NAME, "package.json", "tsconfig.json",
)  # fmt: skip
"""Files of the app that decide how it is built and run, beside those that it is made of."""

_DEBOUNCE_SECONDS = 0.08
"""Real seconds without a further change before a rebuild: editors save in several steps."""


class Reloader:
    """Watches the app and keeps the last good one running while a new one is broken.

    `on_reload` is called with each new version.
    """

    def __init__(
        self,
        loaded: LoadedApp,
        emulator: Emulator,
        runtime: Runtime,
        on_reload: Callable[[App], None] | None = None,
    ) -> None:
        self._on_reload = on_reload
        self._loaded = loaded
        self._root = root = loaded.root
        self._emulator = emulator
        self._runtime = runtime
        self._loop = asyncio.get_running_loop()
        self._watcher = Watcher(root, self._on_change)
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self._generation = emulator.engine.generation
        self._rejected = False
        self._inputs: tuple[Path, ...] = ()

    def start(self) -> None:
        """Begin to watch the app's files."""
        self._watch(self._emulator.inputs)
        self._watcher.start()

    async def stop(self) -> None:
        """End watching; a rebuild under way is given up."""
        await asyncio.to_thread(self._watcher.stop)
        if self._timer:
            self._timer.cancel()
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _watch(self, inputs: Sequence[str] | None, *, own: bool = False) -> None:
        """Watch what the code was made of; all of the app's with `own`, or if that is not known."""
        if inputs is not None:
            self._inputs = tuple(Path(name) for name in inputs)
        answers = (answer for mock in self._loaded.mocks for answer in mock.answers)
        settings = _settings_names(self._loaded)
        names = (*CONFIGURATION, *settings, *(answer.file for answer in answers if answer.file))
        configuration = (self._loaded.manifest, *(self._root / name for name in names))
        self._watcher.watch((*configuration, *self._inputs), own=own or inputs is None)

    def _on_change(self) -> None:
        """Called on the watcher's thread."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._debounce)

    def _debounce(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = self._loop.call_later(_DEBOUNCE_SECONDS, self._start_reload)

    def _start_reload(self) -> None:
        self._timer = None
        if self._task and not self._task.done():
            # One rebuild at a time; this change is taken up by the next.
            self._task.add_done_callback(lambda _: self._debounce())
            return
        if changed := self._watcher.take_changed_files():
            self._task = self._loop.create_task(self._reload(changed))

    async def _reload(self, changed: list[Path]) -> None:
        try:
            loaded = await asyncio.to_thread(
                appdir.load_app,
                self._root,
                self._loaded.given,
                self._loaded.given_remotes,
            )
            settings = {self._root / name for name in _settings_names(loaded, self._loaded)}
            if settings.intersection(changed):
                self._apply_settings(loaded)
                if settings.issuperset(changed) and not self._rejected:
                    return
            if problems := schedule_number_problems(loaded.app, self._emulator.settings):
                raise ManifestError(problems)
            self._generation += 1
            build = await self._runtime.load_app(loaded.app, self._generation)
        except ManifestError as error:
            self._reject(error.problems)
        except UserError as error:
            manifest = self._emulator.app.manifest
            self._reject((Problem(manifest, 0, 0, error.message, error.hint),))
        else:
            app = app_as_loaded(loaded.app, build) if build.ok else loaded.app
            if build.ok and not self._breaks_functions(app):
                self._loaded = loaded
                self._watch(build.inputs)
                places = source_places(app, self._root, build.sources)
                self._emulator.summary_builder.places = places
                self._apply_reload(app, (*loaded.app.warnings, *build.problems))
                self._emulator.set_mocks(loaded.mocks)
                if self._on_reload is not None:
                    self._on_reload(app)
            else:
                self._runtime.retire_generation(self._generation)
                missing = (p for p in loaded.app.warnings if p.severity == "error")
                self._reject((*missing, *build.problems))

    def _breaks_functions(self, app: App) -> bool:
        """Whether a function does not load any more: the last good version goes on then."""
        return any(key in self._emulator.app.functions for key in app.unloaded)

    def _apply_settings(self, loaded: LoadedApp) -> None:
        """Apply changed mocks and content of the site at once; log that other settings apply from
        the next start."""
        old, self._loaded = self._loaded, loaded
        at_once = loaded.mocks != old.mocks or loaded.site != old.site
        if loaded.mocks != old.mocks:
            self._emulator.set_mocks(loaded.mocks)
            self._log("info", f"{SETTINGS_NAME} changed: its mocks apply from now on")
        if loaded.site is not None and loaded.site != old.site:
            self._add_to_site(loaded.site)
        if _restart_settings(loaded) != _restart_settings(old) or not at_once:
            what = "settings and variables apply from the next start"
            self._log("warn", f"{SETTINGS_NAME} changed: its {what}")

    def _add_to_site(self, placed: PlacedContent) -> None:
        emulator = self._emulator
        count = add_placed(emulator.engine, emulator.loop.enter(), placed)
        what = f"{count:,} things that were not there were put on the site"
        self._log("info", f"{placed.file} changed: {what}")

    def _log(self, level: str, message: str) -> None:
        emulator = self._emulator
        emulator.engine.record(Log(level=level, message=message), emulator.loop.enter())
        emulator.loop.run_turn()

    def _apply_reload(self, app: App, problems: tuple[Problem, ...]) -> None:
        emulator, now = self._emulator, self._emulator.loop.enter()
        self._rejected = False
        emulator.app = app
        emulator.loop.add_generation(self._generation)
        emulator.engine.record(
            AppReloaded(**loaded_fields(app), generation=self._generation, problems=list(problems)),
            now,
        )
        for message in unloaded_warnings(app):
            emulator.engine.record(Log(level="warn", message=message), now)
        emulator.engine.reload_app(app, self._generation, now)
        begin_life_cycle(emulator.engine, emulator.add_order, now)
        emulator.loop.run_turn()

    def _reject(self, problems: tuple[Problem, ...]) -> None:
        emulator = self._emulator
        self._rejected = True
        # What mends it may be a file that no build has seen yet.
        self._watch([str(path) for path in self._inputs], own=True)
        body = AppRejected(app_id=emulator.app.id, problems=list(problems))
        emulator.engine.record(body, emulator.loop.enter())
        emulator.loop.run_turn()


def _settings_names(*versions: LoadedApp) -> set[str]:
    """The files that say what surrounds the app, in any of its versions."""
    placed = (version.site.file for version in versions if version.site is not None)
    return {SETTINGS_NAME, SITE_NAME, *placed}


def _restart_settings(loaded: LoadedApp) -> object:
    return loaded.preset, loaded.overrides, loaded.faults, loaded.variables
