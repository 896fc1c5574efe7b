"""Product events for tests, from payloads as Python has them."""

from __future__ import annotations

import msgspec

from forge_emu.model import Json, ProductEvent


def product_event(
    id: str, name: str, payload: dict[str, Json], size_bytes: int, batch: str | None = None
) -> ProductEvent:
    """The event `id` of the type `name`, whatever size its payload really has."""
    text = msgspec.Raw(msgspec.json.encode(payload))
    return ProductEvent(id, name, text, size_bytes, batch)
