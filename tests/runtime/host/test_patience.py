"""What was waited for in vain once is not waited for as long again."""

from __future__ import annotations

from msgspec import Raw

from forge_emu.model import Invocation, ModuleKind
from forge_emu.runtime.host.patience import Patience


def invocation(function: str, event: str | None) -> Invocation:
    """An invocation for an event of a queue."""
    return Invocation(
        invocation_id=f"{function} {event}", function=function, module=ModuleKind.CONSUMER,
        module_key="m", event_text=Raw(b"{}"), context={}, attempt=1, instance="i", cold_start=True,
        generation=1, timeout_ms=25_000, deadline=25_000, event_id=event,
    )  # fmt: skip


def test_its_function_gets_less_and_the_very_event_least() -> None:
    """Others get what they had."""
    patience = Patience(60_000, 5_000)
    assert patience.ms_for(invocation("f", "a")) == 60_000
    patience.note(invocation("f", "a"))
    assert patience.ms_for(invocation("f", "a")) == 1_000
    assert patience.ms_for(invocation("f", "b")) == 5_000
    assert patience.ms_for(invocation("g", "a")) == 60_000


def test_a_call_without_an_event_is_none_of_those_before() -> None:
    """A resolver's next call may do something else."""
    patience = Patience(60_000, 5_000)
    patience.note(invocation("f", None))
    assert patience.ms_for(invocation("f", None)) == 5_000


def test_it_is_never_longer_than_at_first() -> None:
    """Whatever the settings say."""
    patience = Patience(2_000, 5_000)
    patience.note(invocation("f", "a"))
    assert patience.ms_for(invocation("f", "b")) == 2_000
