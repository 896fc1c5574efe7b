"""What the control API takes and answers about scheduled triggers."""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec

from forge_emu.model import Instant


class ScheduleOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which scheduled trigger to run now, by its key."""

    key: str


class SchedulePause(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Pause or resume the scheduled trigger `key`; None is all of them."""

    action: Literal["pause", "resume"]
    key: str | None = None


class SchedulePauseReceipt(msgspec.Struct, frozen=True):
    """What came of it: the schedules that were meant, and those of them that it changed."""

    action: str
    keys: list[str]
    changed: list[str]


class ScheduleState(msgspec.Struct, frozen=True):
    """A scheduled trigger: how often it runs what, and when next. None: it runs no more.

    A run that is due while it is `paused` is skipped. `last_outcome` is how its last run ended at
    `last_ended`: `succeeded`, or the reason of its failure; None where none has ended.
    """

    key: str
    interval: str
    function: str
    next_due: Instant | None
    paused: bool = False
    last_ended: Instant | None = None
    last_outcome: str | None = None


class StartedCall(msgspec.Struct, frozen=True):
    """A call that has been started: its id, and the key of the module that was called."""

    call_id: str
    module_key: str


class ScheduleContract(Protocol):
    """What the API needs to list, run and pause scheduled triggers."""

    def list_schedules(self) -> list[ScheduleState]:
        """Every scheduled trigger, in the manifest's order."""
        ...

    def run_schedule(self, order: ScheduleOrder) -> StartedCall:
        """Run one once more, now. Raises UserError."""
        ...

    def pause_schedules(self, order: SchedulePause) -> SchedulePauseReceipt:
        """Pause or resume one or all. Raises UserError."""
        ...
