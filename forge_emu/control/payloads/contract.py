"""What the control API offers for what is in events."""

from __future__ import annotations

from typing import Protocol

from forge_emu.model import Json


class PayloadContract(Protocol):
    """The calls for payloads. Everything may raise UserError."""

    def payload(self, event: str) -> Json:
        """What is in the event that `event` names."""
        ...
