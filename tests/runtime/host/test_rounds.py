"""Which messages of a host wait for the end of a round."""

from __future__ import annotations

from forge_emu.runtime.host import wire
from forge_emu.runtime.host.rounds import Rounds

LINE = wire.Printed(None, "info", "at the top")
LOADED = wire.Loaded(0, 1, {}, ())


def test_what_a_load_prints_waits_for_no_round() -> None:
    """Also where something real has begun meanwhile."""
    rounds = Rounds()
    assert rounds.receive_messages([wire.Racing(), LINE]) == [LINE]
    assert rounds.receive_messages([LOADED]) == [LOADED]
    assert rounds.take_sorted_messages(0, lambda _: 0) == ([], {})


def test_what_comes_after_something_real_has_begun_waits_for_the_end() -> None:
    """It is sorted then, and comes at the instant at which the round ends."""
    rounds = Rounds()
    rounds.add_line(b"[0,{}]\n")
    rounds.start_round(5)
    assert rounds.receive_messages([LINE, wire.Racing(), LINE]) == [LINE]
    assert rounds.receive_messages([wire.Idle(9)]) == []
    assert rounds.take_sorted_messages(5, lambda _: 0) == ([], {9: [LINE]})
    assert rounds.receive_messages([wire.Racing(), LINE]) == [LINE]
