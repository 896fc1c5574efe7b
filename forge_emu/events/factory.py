"""From a template and the user's changes to product events: n-th in, n-th event out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy

from forge_emu.errors import UserError
from forge_emu.events.catalogue import Template
from forge_emu.events.payload_paths import set_at_path
from forge_emu.events.placeholders import CompiledPayload
from forge_emu.model import Json, ProductEvent


class EventFactory:
    """Makes the events of one `trigger` command.

    `data` is merged over the template's payload, object by object; then `sets` (as `parse_set`
    gives them) are applied in order. Raises UserError here, so that `build_event` never fails.
    """

    def __init__(
        self,
        template: Template,
        *,
        sets: Sequence[tuple[str, str]] = (),
        data: Json | None = None,
        start: int = 1,
    ) -> None:
        if data is not None and not isinstance(data, dict):
            raise UserError(
                f"the payload is {_describe(data)}, not a JSON object",
                f'Write an object such as {{"eventType": "{template.event}"}}.',
            )
        payload = deepcopy(template.payload)
        try:
            merge_payload(payload, data or {})
            for path, text in sets:
                set_at_path(payload, path, text)
            self._payload = CompiledPayload(payload)
        except RecursionError:
            raise UserError("the payload is nested too deeply", "Use a flatter one.") from None
        self._event = template.event
        self._start = start

    def build_event(
        self, n: int, now_epoch_ms: int, new_id: Callable[[], str], batch: str | None = None
    ) -> ProductEvent:
        """The `n`-th event of the run (from 1); its issue key is `EMU-` and `start + n - 1`."""
        payload, size_bytes = self._payload.fill(self._start + n - 1, now_epoch_ms)
        return ProductEvent(new_id(), self._event, payload, size_bytes, batch)


def merge_payload(payload: dict[str, Json], data: dict[str, Json]) -> None:
    """Put `data` over `payload`: objects are merged, everything else is replaced."""
    for name, value in data.items():
        present = payload.get(name)
        if isinstance(present, dict) and isinstance(value, dict):
            merge_payload(present, value)
        else:
            payload[name] = deepcopy(value)


def _describe(value: Json) -> str:
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, str):
        return "a text"
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else "a number"
