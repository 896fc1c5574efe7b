"""What a host says becomes what the emulator hears."""

from __future__ import annotations

from msgspec import Raw

from forge_emu.model import Invocation, ModuleKind
from forge_emu.ports import LogLine
from forge_emu.runtime.host import wire
from forge_emu.runtime.host.inbox import IO_GIVEN_UP, Inbox
from forge_emu.runtime.host.patience import Patience
from forge_emu.runtime.host.placement import Placement
from forge_emu.runtime.host.threads import FunctionThreads


def invocation(name: str, function: str) -> Invocation:
    """An invocation for an event of that name."""
    return Invocation(
        invocation_id=name, function=function, module=ModuleKind.CONSUMER, module_key="m",
        event_text=Raw(b"{}"), context={}, attempt=1, instance="i", cold_start=True, generation=1,
        timeout_ms=1000, deadline=1000, event_id=name,
    )  # fmt: skip


def test_a_connection_that_never_answers_is_said_and_waited_for_less_again() -> None:
    """Of those that have not ended; other functions are waited for as before."""
    placement, io_patience = Placement(FunctionThreads()), Patience(60_000, 5_000)
    inbox = Inbox(
        placement, lambda _: None, None, Patience(60_000, 5_000), io_patience, virtual=True
    )
    placement.add_invocation(invocation("a", "f"))

    said = inbox.translate_messages([wire.IoGivenUp(("a", "ended"))])

    assert said == [LogLine("a", "warn", IO_GIVEN_UP)]
    waits = [("a", "f"), ("b", "f"), ("c", "g")]
    assert [io_patience.ms_for(invocation(*each)) for each in waits] == [1_000, 5_000, 60_000]
