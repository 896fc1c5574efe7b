"""One call of a function, as it waits, runs and is saved."""

from __future__ import annotations

import msgspec

from forge_emu.engine.delivery.delivery import Delivery, State
from forge_emu.model import CallRequest, Instant, Millis, ModuleKind, Outcome


class SavedFunctionCall(msgspec.Struct, frozen=True, array_like=True, tag="call"):
    """What is saved of a call: enough to say how it ended. It is never made again."""

    id: str
    created_at: Instant
    module: ModuleKind
    module_key: str
    function: str
    size_bytes: int
    resolver_key: str | None = None
    away_before: Millis = 0


class FunctionCall(Delivery):
    """One call of a function. `request` is None for one of before a restart."""

    __slots__ = ("error", "fixed", "limit", "outcome", "request")

    def __init__(self, fixed: SavedFunctionCall, request: CallRequest | None) -> None:
        super().__init__(fixed.id, fixed.id, fixed.created_at, fixed.created_at, State.READY)
        self.fixed = fixed
        self.request = request
        self.outcome: Outcome | None = None
        self.limit: str | None = None

    @property
    def noun(self) -> str:
        """What messages call one."""
        return "a call"

    @property
    def ids(self) -> dict[str, str]:
        """`call_id`."""
        return {"call_id": self.id}

    @property
    def routing(self) -> dict[str, str]:
        """`call_id` alone: it goes to the function that it names."""
        return {"call_id": self.id}

    @property
    def names(self) -> tuple[str, ...]:
        """Its id."""
        return (self.id,)

    @property
    def subject(self) -> str | None:
        """The key of the resolver's definition that it calls."""
        return self.fixed.resolver_key

    @property
    def replayable(self) -> bool:
        """Whoever called has got an answer, and asks again if need be."""
        return False
