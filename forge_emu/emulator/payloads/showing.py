"""Finds what is kept of the event that a name means, and shows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from forge_emu.control.filters import SHORTEST_ID
from forge_emu.emulator.lookup import ambiguous_error, short_name_error
from forge_emu.engine.delivery.delivery import Delivery
from forge_emu.engine.delivery.queued_event import QueuedEvent
from forge_emu.engine.delivery.trigger_delivery import TriggerDelivery
from forge_emu.engine.engine import Engine
from forge_emu.errors import NotFoundError
from forge_emu.model import Json
from forge_emu.payloads import PayloadCollector
from forge_emu.payloads.kept import KeptEvent, KeptName
from forge_emu.payloads.view import kept_body, shown_payload
from forge_emu.settings import STATE_PAYLOADS_MB

_MOST_NAMED = 5


class Payloads:
    """Implements `control.payloads.contract.PayloadContract`. `collector` None keeps nothing."""

    def __init__(self, engine: Engine, collector: PayloadCollector | None) -> None:
        self._engine = engine
        self._collector = collector

    def payload(self, event: str) -> Json:
        """What is kept of the event that `event` names: by id, start of one, job's id or subject.

        Of several of a job or a subject the last product event, or the last event. Raises
        UserError.
        """
        if self._collector is None:
            raise NotFoundError(
                "this run keeps no payloads",
                f"Run with {STATE_PAYLOADS_MB.name} over 0, such as "
                f"`--set {STATE_PAYLOADS_MB.name}=64`.",
            )
        if (kept := self._collector.kept.get(event)) is not None:
            # A whole id, as programs give it: nothing has to be looked through.
            return self._shown(kept.id, kept.kind, kept)
        named = self._find(event)
        if not named:
            raise NotFoundError(
                f"nothing is kept of an event {event!r}",
                f"The oldest payloads go first: {STATE_PAYLOADS_MB.name} is "
                f"{self._engine.settings[STATE_PAYLOADS_MB]} MB. See `forge-emu queue`.",
            )
        chosen = [each for each in named if each.kind == "product_event"] or named
        last = chosen[-1]
        others = [each.id for each in chosen[:-1]]
        notes = [_others_note(event, others)] if others else []
        return self._shown(last.id, last.kind, self._collector.kept.get(last.id), notes)

    def find_kept(self, text: str) -> list[KeptEvent]:
        """What is kept of the events that `text` names, the oldest first. Raises UserError."""
        if self._collector is None:
            return []
        kept = self._collector.kept
        if (whole := kept.get(text)) is not None:
            return [whole]
        named = [each.id for each in self._find(text)]
        found = kept.find(named)
        return [found[id] for id in named if id in found]

    def shown_body(self, id: str, body: Json) -> Json:
        """`body`, that of the event with the id `id`, as `payload` shows it."""
        kept = self._collector.kept.get(id) if self._collector is not None else None
        if kept is not None and kept.event is not None:
            body = kept_body(kept)
        return self._without_secrets(body)

    def _shown(self, id: str, kind: str, kept: KeptEvent | None, notes: Sequence[str] = ()) -> Json:
        assert self._collector is not None
        return shown_payload(id, kind, kept, self._collector, lambda: self._body_of(id), notes)

    def _find(self, text: str) -> list[KeptName]:
        """Those that `text` names; none where it names nothing. Raises UserError."""
        every = list({each.id: each for each in self._all()}.values())
        if exact := [each for each in every if each.id == text]:
            return exact
        if exact := [each for each in every if text in (each.job, each.subject)]:
            return exact
        if len(text) < SHORTEST_ID:
            raise short_name_error(text)
        starting = [e for e in every if e.id.startswith(text) or (e.job or "").startswith(text)]
        jobs = {each.job for each in starting if not each.id.startswith(text)}
        if len(starting) > 1 and not (len(jobs) == 1 and all(e.job in jobs for e in starting)):
            raise ambiguous_error(text, [each.id for each in starting])
        return starting

    def _all(self) -> Iterator[KeptName]:
        """Those of which something is kept, and those that the engine has; the oldest first."""
        assert self._collector is not None
        kept = list(self._collector.kept.names())
        yield from kept
        known = {each.id for each in kept}
        for running in self._collector.running.values():
            if running.event not in known:
                yield KeptName(running.event, running.kind)
        for delivery in self._deliveries():
            if id_of(delivery) not in known:
                yield from _named_by(delivery)

    def _deliveries(self) -> Iterator[Delivery]:
        admin = self._engine.queue_admin
        yield from (each.delivery for each in admin.dropped)
        yield from admin.open_deliveries()

    def _body_of(self, id: str) -> Json:
        body: Json = None
        delivery = next((each for each in self._deliveries() if id_of(each) == id), None)
        if isinstance(delivery, QueuedEvent):
            body = delivery.whole().item.body
        elif isinstance(delivery, TriggerDelivery):
            body = delivery.whole().payload
        return self._without_secrets(body)

    def _without_secrets(self, body: Json) -> Json:
        text = msgspec.json.encode(body).decode()
        return msgspec.json.decode(self._engine.secrets.mask_json(text))


def _named_by(delivery: Delivery) -> Iterator[KeptName]:
    if isinstance(delivery, QueuedEvent):
        yield KeptName(id_of(delivery), "event", delivery.job_id)
    elif isinstance(delivery, TriggerDelivery):
        yield KeptName(id_of(delivery), "product_event", subject=delivery.subject)


def id_of(delivery: Delivery) -> str:
    """The id of its event or call, as records have it."""
    return next(iter(delivery.ids.values()))


def _others_note(text: str, others: Sequence[str]) -> str:
    shown = ", ".join(others[-_MOST_NAMED:])
    more = f" and {len(others) - _MOST_NAMED} older ones" if len(others) > _MOST_NAMED else ""
    return f"{text} names {len(others) + 1} of them, and this is the last; before it: {shown}{more}"
