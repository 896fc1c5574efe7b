"""What becomes of an invocation whose thread or process has ended. Pure."""

from __future__ import annotations

from forge_emu.model import ErrorReport, Failed, Outcome, OutOfMemory, PlatformError
from forge_emu.runtime.host import wire

_SIGKILL_MESSAGE = "Function was terminated with SIGKILL. This may indicate running out of memory."


def blameless(why: str) -> Outcome:
    """Not its doing: it is delivered again."""
    return PlatformError(ErrorReport("PlatformError", why))


def deed(ended: wire.ThreadEnded) -> Outcome:
    """What the invocation whose code brought its thread down ends with."""
    if ended.cause == "out_of_memory":
        return OutOfMemory(ErrorReport("OutOfMemory", _SIGKILL_MESSAGE))
    if ended.cause in ("error", "exit"):
        first = ended.message.splitlines()[0] if ended.message else "its thread ended"
        return Failed(ErrorReport("ProcessExit" if ended.cause == "exit" else "Error", first))
    # Its own deadline has not come: it ends by itself when it is delivered again.
    return blameless("it kept its thread from answering")
