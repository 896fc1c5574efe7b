"""An event that was kept, as it is sent again: with its secrets, and perhaps with another body."""

from __future__ import annotations

from itertools import zip_longest

import msgspec
from msgspec import structs

from forge_emu.engine.delivery.kind import SavedDelivery
from forge_emu.engine.delivery.queued_event import SavedQueuedEvent
from forge_emu.engine.delivery.trigger_delivery import SavedTriggerDelivery
from forge_emu.errors import UserError
from forge_emu.model import Json
from forge_emu.payloads.view import body_of


def with_body(saved: SavedDelivery, shown: Json, body: Json) -> SavedDelivery:
    """`saved` with the body `body`, which somebody has made of `shown`, its own without secrets.

    What is as it was shown becomes what it was. Raises UserError for a body that it cannot have.
    """
    old = body_of(saved)
    new = with_secrets(body, shown, old)
    if not isinstance(new, dict) and (isinstance(old, dict) or _is_product_event(saved)):
        raise UserError("the body of an event must be an object", 'Such as {"n": 1}.')
    if isinstance(saved, SavedQueuedEvent):
        size = saved.size_bytes + _size(new) - _size(old)
        item = structs.replace(saved.item, text=msgspec.Raw(_text(new)))
        return structs.replace(saved, item=item, size_bytes=max(size, 0))
    if isinstance(saved, SavedTriggerDelivery):
        text = _text(new)
        event = structs.replace(saved.event, text=msgspec.Raw(text), size_bytes=len(text))
        return structs.replace(saved, event=event)
    return saved


def with_secrets(edited: Json, shown: Json, original: Json) -> Json:
    """`edited`, where it is still as `shown`, with what is there in `original`."""
    if edited == shown and type(edited) is type(shown):
        return original
    if isinstance(edited, dict) and isinstance(shown, dict) and isinstance(original, dict):
        # A name may hold a secret as well: then the two do not have the same ones.
        return {
            name: with_secrets(value, shown[name], original[name])
            if name in shown and name in original
            else value
            for name, value in edited.items()
        }
    if isinstance(edited, list) and isinstance(shown, list) and isinstance(original, list):
        as_shown = {_text(a): b for a, b in zip(shown, original, strict=False)}
        places = zip_longest(edited, shown, original)
        return [
            as_shown[text] if (text := _text(each)) in as_shown else with_secrets(each, was, is_)
            for each, was, is_ in places
        ][: len(edited)]
    return edited


def _is_product_event(saved: SavedDelivery) -> bool:
    return isinstance(saved, SavedTriggerDelivery)


def _text(value: Json) -> bytes:
    return msgspec.json.encode(value)


def _size(value: Json) -> int:
    return len(_text(value))
