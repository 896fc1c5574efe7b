"""The outcomes of invocations whose thread or process has ended. Pure."""

from __future__ import annotations

from forge_emu.model import (
    ErrorReport,
    Failed,
    Interrupted,
    Outcome,
    OutOfMemory,
    PlatformError,
)
from forge_emu.runtime.host import wire

_SIGKILL_MESSAGE = "Function was terminated with SIGKILL. This may indicate running out of memory."


def platform_error(why: str) -> Outcome:
    """For an invocation whose host has ended: the delivery is retried."""
    return PlatformError(ErrorReport("PlatformError", why))


def interrupted(why: str) -> Outcome:
    """For an invocation that another one has harmed: it is delivered again, and nothing else."""
    return Interrupted(ErrorReport("Interrupted", why))


def crash_outcome(ended: wire.ThreadEnded) -> Outcome:
    """The outcome of the invocation whose code ended its thread."""
    if ended.cause == "out_of_memory":
        return OutOfMemory(ErrorReport("OutOfMemory", _SIGKILL_MESSAGE))
    if ended.cause in ("error", "exit"):
        first = ended.message.splitlines()[0] if ended.message else "its thread ended"
        return Failed(ErrorReport("ProcessExit" if ended.cause == "exit" else "Error", first))
    if ended.cause == "stuck":
        # Its own deadline has not come: it ends by itself when it is delivered again.
        return interrupted("it kept its thread from answering")
    return platform_error("its process was ended")
