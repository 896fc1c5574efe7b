"""Tests of an app against the emulator, from Python.

from forge_emu.testing import Emulator

with Emulator("my-app", seed=1) as emu:
    emu.trigger("issue-created", count=1000)
    emu.until_idle()
    assert emu.dropped == []
"""

from forge_emu.emulator.snapshots.run_snapshot import RunSnapshot
from forge_emu.errors import UserError
from forge_emu.testing.asynchronous import AsyncEmulator
from forge_emu.testing.errors import CallError, PushError
from forge_emu.testing.events import Attempt, Event, ProductEvent
from forge_emu.testing.options import EmulatorOptions
from forge_emu.testing.queues import QueueCounts
from forge_emu.testing.site import Site
from forge_emu.testing.summary import RunSummary
from forge_emu.testing.synchronous import Emulator
from forge_emu.testing.web import WebResponse

__all__ = [
    "AsyncEmulator",
    "Attempt",
    "CallError",
    "Emulator",
    "EmulatorOptions",
    "Event",
    "ProductEvent",
    "PushError",
    "QueueCounts",
    "RunSnapshot",
    "RunSummary",
    "Site",
    "UserError",
    "WebResponse",
]
