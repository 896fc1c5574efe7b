"""From a template and the user's changes to product events: n-th in, n-th event out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy

from msgspec import Raw

from forge_emu.errors import UserError
from forge_emu.events.catalogue import Template
from forge_emu.events.changes import fit_changelog, set_transition
from forge_emu.events.parts import merge_payload
from forge_emu.events.payload_paths import set_at_path
from forge_emu.events.placeholders import CompiledPayload
from forge_emu.events.things import ThingPlan
from forge_emu.model import Json, ProductEvent


class EventFactory:
    """Makes the events of one `trigger` command.

    `from_status` and `to_status` are names of statuses. `data` is merged over the template's
    payload, object by object; then `sets` (as `parse_set` gives them) are applied in order, and
    the changelog follows. `plan` says which things the events are about; without one they count
    on from `start`. Raises UserError here, so that `build_event` never fails.
    """

    def __init__(
        self,
        template: Template,
        *,
        sets: Sequence[tuple[str, str]] = (),
        data: Json | None = None,
        start: int = 1,
        from_status: str | None = None,
        to_status: str | None = None,
        plan: ThingPlan | None = None,
    ) -> None:
        if data is not None and not isinstance(data, dict):
            raise UserError(
                f"the payload is {_describe(data)}, not a JSON object",
                f'Write an object such as {{"eventType": "{template.event}"}}.',
            )
        payload = deepcopy(template.payload)
        try:
            moves = from_status is not None or to_status is not None
            if moves:
                set_transition(payload, template.name, from_status, to_status)
            before = deepcopy(payload)
            merge_payload(payload, data or {})
            for path, text in sets:
                set_at_path(payload, path, text)
            if data or sets:
                fit_changelog(payload, before, keep_status=moves)
            self._payload = CompiledPayload(payload)
        except RecursionError:
            raise UserError("the payload is nested too deeply", "Use a flatter one.") from None
        self._event = template.event
        self._plan = plan or ThingPlan(template.anchor, start=start)

    def build_event(
        self, n: int, now_epoch_ms: int, new_id: Callable[[], str], batch: str | None = None
    ) -> ProductEvent:
        """The `n`-th event of the row (from 1), about the things that the plan has for it."""
        numbers = self._plan.numbers(n - 1)
        anchor = self._plan.anchor
        text = self._payload.fill(numbers[anchor], now_epoch_ms, anchor, numbers)
        return ProductEvent(new_id(), self._event, Raw(text), len(text), batch)


def _describe(value: Json) -> str:
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, str):
        return "a text"
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else "a number"
