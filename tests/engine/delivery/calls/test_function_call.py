"""A call as a delivery, and what is saved of it."""

from __future__ import annotations

from forge_emu.engine.delivery.calls.function_call import FunctionCall, SavedFunctionCall
from forge_emu.model import ModuleKind


def test_it_is_named_by_its_id_and_never_replayed() -> None:
    """The key of a resolver's definition is what it is about."""
    saved = SavedFunctionCall("c", 5, ModuleKind.RESOLVER, "panel", "f", 2, "save")
    call = FunctionCall(saved, None)
    assert call.ids == call.routing == {"call_id": "c"}
    assert call.names == ("c",)
    assert (call.subject, call.replayable, call.created_at) == ("save", False, 5)
