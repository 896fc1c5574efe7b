"""What a turn has changed of what changes and ends all the time, as one text."""

from __future__ import annotations

import msgspec

from forge_emu.engine.delivery.jobs import SavedJob
from forge_emu.engine.delivery.product_events import SavedProductEvent
from forge_emu.engine.quota import QuotaUse
from forge_emu.engine.snapshot.shapes import DeliveryProgress, EngineChanges, QuotaCost
from forge_emu.store.file_check import number_fault

_encode = msgspec.json.Encoder().encode


class _SavedTurn(msgspec.Struct, frozen=True, array_like=True):
    """The fields of `EngineChanges` of the same names. A field may only be added at the end."""

    standing: dict[int, DeliveryProgress]
    ended: list[int]
    jobs: dict[str, SavedJob | None]
    pushes: dict[str, int | None]
    progress: dict[str, SavedProductEvent | None]
    uses: list[QuotaCost]
    figures: dict[str, QuotaUse]


_decoder = msgspec.json.Decoder(_SavedTurn)


def encode_turn(changes: EngineChanges) -> bytes | None:
    """The changes that `write_changes` writes; None where there are none."""
    fields = tuple(getattr(changes, name) for name in _SavedTurn.__struct_fields__)
    return _encode(fields) if any(fields) else None


def decode_turn(text: bytes) -> EngineChanges:
    """The changes that were encoded. Raises ValueError, and TypeError for what is no text."""
    saved = _decoder.decode(text)
    for number in (*saved.standing, *saved.ended, *saved.pushes.values()):
        if number is not None and (fault := number_fault(number)):
            raise ValueError(fault)
    return EngineChanges(
        standing=saved.standing,
        ended=set(saved.ended),
        jobs=saved.jobs,
        pushes=saved.pushes,
        progress=saved.progress,
        uses=saved.uses,
        figures=saved.figures,
    )
