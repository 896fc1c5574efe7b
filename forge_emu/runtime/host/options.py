"""What a run decides about its hosts, whatever their language."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

import msgspec

from forge_emu.ports import Clock
from forge_emu.runtime.host.environment import needed_variables
from forge_emu.runtime.host.settings import FileLimits, HostSettings

ABORT_GRACE_SECONDS = 0.5
"""Real seconds that a thread has to end an invocation whose deadline has passed."""


class HostOptions(msgspec.Struct, frozen=True):
    """Options of a host.

    Handlers see `environment`; with None, only what a process needs of this one's. The program
    itself gets `own_variables` as well, and hides them from handlers. `mask` takes
    secrets out of a text before it is shortened. `log_lines` (per minute of a function's timeout)
    and `log_kb` are what the platform keeps of the output of one invocation, None for everything.
    In virtual time a thread is given up after `stuck_seconds` without the end of a turn
    (`stuck_again_seconds` where its function was given up before), and time stands still for
    `io_seconds` at most while something real is under way (`io_again_seconds`, likewise).
    """

    seed: int
    epoch_ms: int
    environment: Mapping[str, str] | None = None
    own_variables: Mapping[str, str] = msgspec.field(default_factory=dict)
    mask: Callable[[str], str] = str
    log_lines: int | None = 100
    log_kb: int | None = 200
    stuck_seconds: float = 10.0
    stuck_again_seconds: float = 5.0
    io_seconds: float = 60.0
    io_again_seconds: float = 5.0

    def process_environment(self) -> Mapping[str, str]:
        """The environment of the host's process."""
        given = self.environment
        seen = needed_variables(os.environ) if given is None else given
        return {**self.own_variables, **seen}

    def host_settings(
        self,
        clock: Clock,
        *,
        threads: int,
        first_incarnation: int,
        heap_mb: int = 0,
        fake_timers: str | None = None,
        files: FileLimits | None = None,
    ) -> HostSettings:
        """What the host program is started with."""
        patience = self.stuck_seconds if clock.virtual else ABORT_GRACE_SECONDS
        return HostSettings(
            threads=threads,
            heap_mb=heap_mb,
            first_incarnation=first_incarnation,
            seed=self.seed,
            epoch_ms=self.epoch_ms,
            virtual=clock.virtual,
            patience_ms=patience * 1000,
            io_patience_ms=self.io_seconds * 1000,
            io_again_patience_ms=min(self.io_seconds, self.io_again_seconds) * 1000,
            fake_timers=fake_timers,
            files=files,
        )
