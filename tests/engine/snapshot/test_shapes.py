"""Changes can be put together before they are saved, and old shapes can be read."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from forge_emu.engine.delivery.jobs import SavedJob
from forge_emu.engine.quota import QuotaUse
from forge_emu.engine.snapshot.shapes import DeliveryProgress, EngineChanges, QuotaCost
from forge_emu.model import MINUTE
from tests.engine.world import queued_event

FIXED = queued_event().whole()
READY, WAITING = DeliveryProgress("ready", 0), DeliveryProgress("waiting", 9, attempts=1)


@pytest.mark.parametrize(
    ("changes", "any_change"),
    [
        ({}, False),
        ({"paused": ()}, True),
        ({"paused": ("work",)}, True),
        ({"ended": {1}}, True),
        ({"jobs": {"j": None}}, True),
        ({"pushes": {"o": None}}, True),
        ({"uses": [QuotaCost("m", 0, 1)]}, True),
        ({"figures": {"m": QuotaUse(0, 0, 0, None)}}, True),
    ],
)
def test_whether_anything_has_changed(changes: dict[str, Any], any_change: bool) -> None:
    """That nothing is paused any more is a change too."""
    assert bool(EngineChanges(**changes)) is any_change


def test_the_last_change_of_a_thing_counts() -> None:
    """What has not changed since stays as it was."""
    changes = EngineChanges(
        added={1: FIXED},
        standing={1: READY, 2: READY},
        jobs={"a": SavedJob("work"), "b": SavedJob("work")},
        pushes={"o": 1},
        paused=("work",),
    )
    changes.merge(EngineChanges(standing={1: WAITING}, jobs={"a": None}, pushes={"o": 2}))
    assert changes.standing == {1: WAITING, 2: READY}
    assert changes.jobs == {"a": None, "b": SavedJob("work")}
    assert (changes.pushes, changes.paused) == ({"o": 2}, ("work",))
    changes.merge(EngineChanges(paused=()))
    assert changes.paused == ()


def test_a_delivery_that_began_and_ended_in_between_leaves_nothing() -> None:
    """One that is saved already has to be removed."""
    changes = EngineChanges(added={1: FIXED}, standing={1: READY, 2: READY})
    changes.merge(EngineChanges(ended={1, 2}))
    assert (changes.added, changes.standing, changes.ended) == ({}, {}, {2})


@pytest.mark.parametrize(("span", "left"), [(-1, 3), (0, 3), (1, 2)])
def test_costs_that_no_limit_looks_back_to_are_forgotten(span: int, left: int) -> None:
    """Once the first is over ten minutes old, all that are older than two."""
    end = 10 * MINUTE + span
    changes = EngineChanges(uses=[QuotaCost("m", 0, 1), QuotaCost("m", end - 2 * MINUTE, 1)])
    changes.merge(EngineChanges(uses=[QuotaCost("m", end, 1)]))
    assert [use.at for use in changes.uses] == [0, end - 2 * MINUTE, end][-left:]


def test_new_changes_share_nothing_with_others() -> None:
    """Each begins empty."""
    first = EngineChanges()
    first.jobs["a"] = None
    first.ended.add(1)
    assert not EngineChanges()


@pytest.mark.parametrize(
    ("saved", "read"),
    [
        ('["ready",7]', DeliveryProgress("ready", 7)),
        ('["waiting",9,1]', WAITING),
        ('["m",5,2]', QuotaCost("m", 5, 2)),
        ('["m",5,2,[true,"k"]]', QuotaCost("m", 5, 2, (True, "k"))),
    ],
)
def test_an_array_without_the_last_fields_has_their_defaults(saved: str, read: object) -> None:
    """An older version did not know them."""
    assert msgspec.json.decode(saved, type=type(read)) == read
