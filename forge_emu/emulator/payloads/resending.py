"""Which events a name means that are sent again, and the same with another body."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import UNSET, UnsetType

from forge_emu.emulator.lookup import DeliveryLookup
from forge_emu.emulator.payloads.showing import Payloads, id_of
from forge_emu.engine.delivery.delivery import Delivery
from forge_emu.engine.delivery.kind import SavedDelivery
from forge_emu.engine.delivery.push import largest_long_running_kb
from forge_emu.engine.delivery.queued_event import SavedQueuedEvent
from forge_emu.engine.engine import Engine
from forge_emu.errors import NotFoundError, UserError
from forge_emu.model import Json
from forge_emu.payloads.kept import KeptEvent
from forge_emu.payloads.resending import with_body
from forge_emu.payloads.view import body_of, saved_event
from forge_emu.settings import PUSH_LONG_RUNNING_EVENT_KB, PUSH_PAYLOAD_KB, STATE_PAYLOADS_MB


class Resending:
    """Finds events that were dropped, have expired or have ended otherwise, and makes new ones."""

    def __init__(self, engine: Engine, lookup: DeliveryLookup, payloads: Payloads) -> None:
        self._engine = engine
        self._lookup = lookup
        self._payloads = payloads

    def choose(self, target: str, body: Json | UnsetType = UNSET) -> list[Delivery]:
        """The deliveries that `target` names, as they are to be delivered again.

        An issue's key names its dropped and expired ones; where it has none, its product events.
        With a `body` there has to be one alone. Raises UserError.
        """
        chosen = self._named(target)
        if isinstance(body, UnsetType):
            return chosen
        # The deliveries of one product event to several triggers are one event.
        ids = sorted({id_of(each) for each in chosen})
        if len(ids) > 1:
            raise UserError(
                f"{target!r} names {len(ids)} events, and another body is for one alone",
                f"Give the id of one: {', '.join(ids[:5])}{', …' if len(ids) > 5 else ''}",
            )
        return [self._with_body(chosen[0], body)]

    def _named(self, target: str) -> list[Delivery]:
        kept = [each for each in self._payloads.find_kept(target) if self._has_ended(each)]
        try:
            found = self._lookup.find(target)
        except UserError as error:
            if not kept:
                raise self._not_found(error) from None
            return self._restored(target, kept)
        lost = [each.delivery for each in found if each.is_lost]
        if not lost:
            raise UserError(
                f"{target!r} has not ended: it is {found[0].state}",
                "Skip its wait with `forge-emu queue run-now`; other events are sent by their ids.",
            )
        return lost

    def _restored(self, target: str, kept: Sequence[KeptEvent]) -> list[Delivery]:
        """The deliveries of events that were kept."""
        events = [each for each in kept if each.kind != "call"]
        if not events:
            raise UserError(
                f"{target!r} is a call, which is not sent again: its caller has got the answer",
                "Call the function with `forge-emu invoke`.",
            )
        rows = [each.event for each in events if each.event is not None]
        saved = [event for row in rows if (event := saved_event(row)) is not None]
        if not saved:
            raise UserError(
                f"the body of {events[0].id} is no longer kept, so it cannot be sent again",
                f"The oldest go first; {STATE_PAYLOADS_MB.name} is "
                f"{self._engine.settings[STATE_PAYLOADS_MB]} MB.",
            )
        kinds = self._engine.queue_admin.kinds
        return [kinds.restore_delivery(event) for event in saved]

    def _has_ended(self, kept: KeptEvent) -> bool:
        return not self._engine.queue_admin.is_open(kept.id)

    def _with_body(self, delivery: Delivery, body: Json) -> Delivery:
        kinds = self._engine.queue_admin.kinds
        saved = kinds.kind_of(delivery).save_delivery(delivery, 0)
        shown = self._payloads.shown_body(id_of(delivery), body_of(saved))
        new = with_body(saved, shown, body)
        self._check_size(new)
        return kinds.restore_delivery(new)

    def _check_size(self, saved: SavedDelivery) -> None:
        """Refuse an event of a queue that is too large for a push of it alone."""
        if not isinstance(saved, SavedQueuedEvent):
            return
        settings, size = self._engine.settings, saved.size_bytes
        limits = (
            # A push is a list.
            (PUSH_PAYLOAD_KB, settings[PUSH_PAYLOAD_KB], size + len("[]")),
            (
                PUSH_LONG_RUNNING_EVENT_KB,
                largest_long_running_kb(settings, saved.queue, self._engine.app),
                size,
            ),
        )
        for limit, kib, size in limits:
            if kib is not None and size > kib * 1024:
                raise UserError(
                    f"the body is too large: the event has {size:,} bytes, and may have {kib} KB",
                    f"The limit is {limit.name}.",
                )

    def _not_found(self, error: UserError) -> UserError:
        if not error.message.startswith("no event"):
            return error
        setting = self._engine.settings[STATE_PAYLOADS_MB]
        return NotFoundError(
            f"{error.message}, and none of that name is kept",
            f"What has ended can be sent again while its body is kept: {STATE_PAYLOADS_MB.name} is "
            f"{setting} MB. What is open is in `forge-emu queue`.",
        )
