"""What people call a delivery, by id, the start of one, job id or issue key, and what it is."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from forge_emu.control.filters import SHORTEST_ID
from forge_emu.engine.delivery.admin import delivery_fields
from forge_emu.engine.delivery.delivery import LOST, Delivery, State
from forge_emu.engine.engine import Engine
from forge_emu.engine.journal.secrets import Secrets
from forge_emu.errors import NotFoundError, UserError
from forge_emu.model import Instant, Json
from forge_emu.timeline.lineage import Lineage

_MAX_SUGGESTED = 5


def short_name_error(text: str) -> NotFoundError:
    """The error for a name of nothing that is too short to be the start of an id."""
    return NotFoundError(
        f"{text!r} is too short for the start of an id",
        f"Give at least {SHORTEST_ID} characters, or an issue key.",
    )


def ambiguous_error(text: str, ids: Collection[str]) -> UserError:
    """The error for a name that is the start of several ids."""
    some = ", ".join(sorted(ids)[:_MAX_SUGGESTED])
    more = ", …" if len(ids) > _MAX_SUGGESTED else ""
    return UserError(f"{text!r} is the start of {len(ids)} ids: {some}{more}")


class DeliveryEntry:
    """A delivery that is open, was dropped or has expired.

    `id` is the engine's, `names` are the ids that users give.
    """

    def __init__(
        self, delivery: Delivery, subject: str | None, *, held: bool, lost: Json = None
    ) -> None:
        self.id = delivery.id
        self.subject = subject
        self.state = str(delivery.state)
        self.delivery = delivery
        self._held = held
        self._lost = lost or {}

    @property
    def queue(self) -> str | None:
        """Its queue; None for a product event."""
        return self.delivery.queue

    @property
    def names(self) -> tuple[str, ...]:
        """Every id that names it."""
        return self.delivery.names

    @property
    def sort_key(self) -> tuple[bool, Instant, str]:
        """Open ones by due time, then the lost ones by the time of their end."""
        at = self._lost.get(f"{self.state}_at", self.delivery.due_at)
        return self.is_lost, at, self.id

    @property
    def is_lost(self) -> bool:
        """Whether it was dropped or expired, so that it can be replayed."""
        return self.delivery.state in LOST

    @property
    def cancellable(self) -> bool:
        """Whether it is an event of a queue that waits."""
        return self.delivery.cancellable

    @property
    def not_cancellable_reason(self) -> str:
        """Why it cannot be cancelled, in words."""
        if self.delivery.is_duplicate:
            return "it has succeeded, and is delivered once more"
        return f"it is {self.delivery.noun if self.queue is None else self.state}"

    def to_fields(self, secrets: Secrets) -> dict[str, Json]:
        """Its fields as plain values, without secrets."""
        fields = {
            **delivery_fields(self.delivery, secrets),
            "subject": self.subject,
            "held": self._held,
            "duplicate": self.delivery.is_duplicate,
        }
        if self.is_lost:
            fields["due_at"] = None
        return fields | self._lost


class DeliveryLookup:
    """Finds open, dropped and expired deliveries by id, start of an id, job id or issue key."""

    def __init__(self, engine: Engine, lineage: Lineage) -> None:
        self._engine = engine
        self._lineage = lineage

    def all(self) -> Iterator[DeliveryEntry]:
        """The open ones, then the lost ones that are retained."""
        admin = self._engine.queue_admin
        paused = frozenset(admin.pauses.queues)
        for delivery in admin.open_deliveries():
            ready = delivery.state is State.READY
            held = ready and (self._engine.paused or delivery.queue in paused)
            yield DeliveryEntry(delivery, self._subject_of(delivery), held=held)
        yield from self.lost()

    def lost(self) -> Iterator[DeliveryEntry]:
        """The dropped and expired ones that are retained."""
        for found in self._engine.queue_admin.dropped:
            about = {"reason": found.reason, f"{found.delivery.state}_at": found.at}
            subject = self._subject_of(found.delivery)
            yield DeliveryEntry(found.delivery, subject, held=False, lost=about)

    def find(self, text: str) -> list[DeliveryEntry]:
        """Those that `text` names: an id or the start of one, or every one of an issue key.

        Raises NotFoundError where that is nothing, UserError where it is the start of several ids.
        """
        every = list(self.all())
        exact = [t for t in every if text in t.names or text == t.subject]
        if exact:
            return exact
        if len(text) < SHORTEST_ID:
            raise short_name_error(text)
        starts = {name for t in every for name in t.names if name.startswith(text)}
        # A delivery to a trigger has its product event's id in its own.
        starts = {s for s in starts if not any(s != o and s.startswith(o + "/") for o in starts)}
        if len(starts) > 1:
            raise ambiguous_error(text, starts)
        if not starts:
            raise NotFoundError(
                f"no event {text!r} is open, was dropped or expired",
                "See `forge-emu queue`; what has ended is in `forge-emu queue show`.",
            )
        (name,) = starts
        return [t for t in every if name in t.names]

    def _subject_of(self, delivery: Delivery) -> str | None:
        subject = delivery.subject
        if subject is None and (event_id := delivery.ids.get("event_id")):
            return self._lineage.event_context(event_id).subject
        return None if subject is None else self._engine.secrets.mask(subject)
