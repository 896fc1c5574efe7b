"""The run itself: its app, its seed, when it began, and what loading the app found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import UNSET

from forge_emu.errors import Problem
from forge_emu.model import Instant
from forge_emu.records import AppLoaded, AppReloaded, EmulatorRestarted
from forge_emu.report.collectors.collector import Collector


class RunCollector(Collector):
    """What is known of the run. `known` is the collector of a run that is under way already.

    The builder sets `started_at`: the first thing that counts happened then.
    """

    def __init__(self, known: RunCollector | None = None) -> None:
        self.handlers = {
            EmulatorRestarted: self._on_restarted,
            AppLoaded: self._on_loaded,
            AppReloaded: self._on_reloaded,
        }
        self.started_at: Instant | None = None
        self._loaded: AppLoaded | None = known._loaded if known else None
        self._problems: tuple[Problem, ...] = known._problems if known else ()
        self._taken_over: int | None = None
        self.functions: frozenset[str] = known.functions if known else frozenset()
        self.memory_mb: Mapping[str, int] = known.memory_mb if known else {}

    @property
    def in_virtual_time(self) -> bool:
        """Whether only waiting takes time."""
        return self._loaded is not None and self._loaded.speed is None

    def result(self) -> dict[str, Any]:
        """App, seed, speed, limits, latency, problems, and what an earlier run had left."""
        fields: dict[str, Any] = {
            "taken_over": self._taken_over,
            "problems": list(self._problems),
        }
        if self.started_at is not None:
            fields["started_at"] = self.started_at
        if self._loaded is not None:
            fields["app_id"] = self._loaded.app_id
            fields["seed"] = self._loaded.seed
            fields["speed"] = self._loaded.speed
            fields["limits_preset"] = self._loaded.limits
            fields["latency"] = self._loaded.latency
            fields["latency_changes"] = self._loaded.latency_changes
        return fields

    def _on_restarted(self, body: EmulatorRestarted, at: Instant) -> None:
        self._taken_over = body.pending

    def _on_loaded(self, body: AppLoaded, at: Instant) -> None:
        self._loaded = body
        self._read_app(body)

    def _on_reloaded(self, body: AppReloaded, at: Instant) -> None:
        self._read_app(body)

    def _read_app(self, body: AppLoaded | AppReloaded) -> None:
        self._problems = tuple(body.problems)
        self.functions = frozenset(body.functions)
        self.memory_mb = {} if body.memory_mb is UNSET else body.memory_mb
