"""Orders of many payloads, each sent once: how they become events, and how they are stored.

Their payloads are stored once, in rows of their own, which go when all of a row has been sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec

from forge_emu.control.contract import TriggerOrder
from forge_emu.engine.delivery.handler_arguments import subject_of
from forge_emu.errors import UserError
from forge_emu.events import ThingNumbers, find_template, number_of
from forge_emu.events.payload_paths import set_at_path
from forge_emu.model import ProductEvent, RecordedEvent

ROW: Final = 100
"""Events in a row of the store."""
_MARK: Final = "#"


def checked_order(order: TriggerOrder) -> TriggerOrder:
    """The order with its changes made, and the number of its events. Raises UserError."""
    made: list[RecordedEvent] = []
    for number, recorded in enumerate(order.recorded, 1):
        try:
            event = find_template(recorded.event, has_data=True).event
            for path, text in order.sets:
                set_at_path(recorded.payload, path, text)
        except UserError as error:
            raise UserError(f"event {number}: {error.message}", error.hint) from None
        made.append(msgspec.structs.replace(recorded, event=event))
    return msgspec.structs.replace(order, recorded=made, sets=[], count=len(made))


def build_recorded(
    recorded: RecordedEvent, new_id: Callable[[], str], batch: str | None
) -> ProductEvent:
    """The product event of a payload, as it is."""
    text = msgspec.json.encode(recorded.payload)
    return ProductEvent(new_id(), recorded.event, msgspec.Raw(text), len(text), batch)


def note_things(recorded: Sequence[RecordedEvent], numbers: ThingNumbers) -> None:
    """The issues of the payloads exist from now on, as far as they are of the emulated project."""
    for each in recorded:
        subject = subject_of(each.payload)
        if isinstance(each.payload.get("issue"), dict) and subject and subject.startswith("EMU-"):
            try:
                numbers.note_made("issue", number_of("issue", subject))
            except UserError:
                continue


def encode_rows(id: str, recorded: Sequence[RecordedEvent]) -> dict[str, bytes | None]:
    """The rows to store of a batch."""
    return {
        _row_id(id, start): msgspec.json.encode(recorded[start : start + ROW])
        for start in range(0, len(recorded), ROW)
    }


def sent_rows(id: str, before: int, sent: int, total: int) -> dict[str, bytes | None]:
    """The rows that go when `sent` of a batch's `total` events are sent, after `before`."""
    ended = total if sent >= total else sent // ROW * ROW
    return {_row_id(id, start): None for start in range(max(before, 0) // ROW * ROW, ended, ROW)}


def split_rows(orders: Mapping[str, bytes]) -> tuple[dict[str, bytes], dict[str, list[bytes]]]:
    """What is stored, as orders and the rows of each, by the batch's id."""
    rows: dict[str, list[bytes]] = {}
    for id in sorted(orders):
        batch, mark, _ = id.partition(_MARK)
        if mark:
            rows.setdefault(batch, []).append(orders[id])
    return {id: text for id, text in orders.items() if _MARK not in id}, rows


def decode_rows(rows: Sequence[bytes], count: int) -> list[RecordedEvent]:
    """The events of a batch of `count`; those of rows that are gone are empty, as they are sent."""
    found = [each for row in rows for each in msgspec.json.decode(row, type=list[RecordedEvent])]
    return [RecordedEvent("", {}, 0)] * (count - len(found)) + found


def _row_id(id: str, start: int) -> str:
    return f"{id}{_MARK}{start:07d}"
