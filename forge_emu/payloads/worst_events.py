"""Which events of a run to look into first, for reports that cannot hold all of them."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Final

import msgspec

from forge_emu.payloads.collector import PayloadCollector
from forge_emu.payloads.view import payloads_of

MOST_EVENTS: Final = 20
MOST_BYTES: Final = 1_000_000
"""Of the JSON texts of all events together."""


def worst_payloads(collector: PayloadCollector, lost: AbstractSet[str]) -> list[bytes]:
    """What is kept of the worst events, as JSON texts: those whose ids are `lost`, then those with
    the most attempts, the oldest first. What is larger than the room that is left is left out."""
    every = collector.kept.all()
    ordered = sorted(every, key=lambda each: (each.id not in lost, -len(each.attempts)))
    texts: list[bytes] = []
    room = MOST_BYTES
    for kept in ordered[:MOST_EVENTS]:
        text = msgspec.json.encode(payloads_of([kept.id], collector)[kept.id])
        if len(text) <= room:
            texts.append(text)
            room -= len(text)
    return texts
