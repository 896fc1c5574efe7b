"""The parts whose state is saved: every limit by its name, and everything that can change."""

from __future__ import annotations

from forge_emu.engine.build import build_parts
from forge_emu.engine.installation import Installation
from forge_emu.engine.snapshot.parts import SavedParts
from forge_emu.engine.snapshot.shapes import EngineSnapshot
from forge_emu.settings import Settings
from tests.engine.world import app


def parts() -> SavedParts:
    """Those of a new engine."""
    return build_parts(app(), Settings(), epoch_ms=0, new_id=lambda: "id", chance=lambda: 0.5).saved


def test_each_limit_is_saved_under_a_name_of_its_own() -> None:
    """Also one that is not set: what is used of it is counted all the same."""
    names = [meter.name for meter in parts().meters]
    assert len(names) == len(set(names))
    assert {
        "limits.push.events_per_minute",
        "limits.invocations.per_minute",
        "limits.kvs.requests_per_second",
        "limits.kvs.read_units_per_minute",
        "limits.kvs.write_units_per_minute",
    } <= set(names)


def test_no_part_notes_changes_before_somebody_saves_them() -> None:
    """And no two share their notes."""
    dirty = parts().dirty_sets
    assert not any(each.enabled for each in dirty)
    assert len({id(each) for each in dirty}) == len(dirty) == 6


def test_an_engine_goes_on_as_the_installation_that_was_saved() -> None:
    """With the number of its last record; nothing else is taken from it here."""
    built = parts()
    built.restore_identity(EngineSnapshot(5, 42, Installation("i", "c"), paused=("work",)))
    assert built.dispatcher.installation == Installation("i", "c")
    assert built.journal.seq == 42
    assert built.pauses.snapshot == ()
