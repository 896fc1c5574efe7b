"""What differs from one kind of delivery to the next. A kind is one file, listed in `kinds.py`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Generic, Protocol, TypeAlias, TypeVar

import msgspec

from forge_emu import settings as s
from forge_emu.engine.delivery.delivery import Delivery
from forge_emu.engine.delivery.retry import Ending, Policy
from forge_emu.engine.installation import Installation
from forge_emu.engine.journal.journal import Journal
from forge_emu.engine.latencies import Latencies
from forge_emu.model import (
    App,
    Consumer,
    DropReason,
    Endpoint,
    Function,
    Instant,
    Json,
    Millis,
    ModuleKind,
    Outcome,
    ScheduledTrigger,
    Trigger,
)
from forge_emu.records import AnyBody

D = TypeVar("D", bound=Delivery)

RESTARTED: Final = "restarted"
"""The reason for which one ends that does not outlive a restart."""


class SavedDelivery(Protocol):
    """What never changes of a delivery, as it is saved: a tagged msgspec struct of its kind.

    `away_before` is for how long no emulator had run when it was created (ms).
    """

    @property
    def created_at(self) -> Instant:
        """When it was created."""
        ...

    @property
    def away_before(self) -> Millis:
        """For how long no emulator had run by then."""
        ...


ModuleUser: TypeAlias = Trigger | Consumer | ScheduledTrigger
"""A module that names a function or an endpoint."""


class HandlerTarget(msgspec.Struct, frozen=True):
    """What handles a delivery: the function, or the endpoint of a remote, and for which module."""

    function: Function | Endpoint
    module: ModuleKind
    module_key: str

    @classmethod
    def of(cls, app: App, user: ModuleUser, module: ModuleKind) -> HandlerTarget | None:
        """What `user` names, its endpoint or its function; None where that is not there."""
        handler = app.handler_of(user.function, user.endpoint)
        return None if handler is None else cls(handler, module, user.key)


# No struct, which a snapshot in memory takes for a value: this holds what changes.
@dataclass(frozen=True)
class KindContext:
    """What every kind is given. `stream` gives random numbers that belong to a name alone.

    `find_property` finds the value of an entity property on the site by its owner, such as
    `issue/10001`, and its key; None where there is none.
    """

    settings: s.Settings
    journal: Journal
    latencies: Latencies
    new_id: Callable[[], str]
    chance: Callable[[], float]
    stream: Callable[[str], Callable[[], float]]
    add_delivery: Callable[[Delivery, Instant], None]
    find_property: Callable[[str, str], Json] = lambda owner, key: None


class DeliveryKind(ABC, Generic[D]):
    """One kind of delivery: who handles it, with which arguments, and what its end is.

    `delivery_types` are the subclasses of `Delivery` that it is responsible for, `saved_type` the
    tagged struct that a state on disk holds of one, `no_handler` the reason for which one is
    dropped that nothing handles.
    """

    delivery_types: ClassVar[tuple[type[Delivery], ...]]
    saved_type: ClassVar[type[Any]]
    no_handler: ClassVar[str]
    outlives_restart: ClassVar[bool] = True
    """Whether one that is open is delivered after a restart. Otherwise it ends as `restarted`."""

    policy: Policy

    def __init__(self, context: KindContext) -> None:
        """Make one for an engine; subclasses take what they need of `context`."""

    def policy_of(self, delivery: D) -> Policy:
        """How `delivery` is retried: as all of its kind, unless the kind says otherwise."""
        del delivery
        return self.policy

    @abstractmethod
    def find_target(self, delivery: D, app: App) -> HandlerTarget | None:
        """Who handles `delivery`; None where nothing does."""

    def missing_handler_reason(self, delivery: D, app: App) -> str:
        """Why nothing handles `delivery`, where `find_target` finds nothing."""
        unloaded = self.module_function(delivery, app) in app.unloaded
        return DropReason.NOT_LOADED if unloaded else self.no_handler

    def module_function(self, delivery: D, app: App) -> str | None:
        """The function that the module for `delivery` names; None where there is no module."""
        del delivery, app
        return None

    @abstractmethod
    def timeouts(self, function: Function, app: App) -> Iterator[Millis]:
        """The timeouts that `function` gets from the modules of this kind that use it."""

    @abstractmethod
    def handler_arguments(
        self, delivery: D, app: App, installation: Installation, now: Instant
    ) -> tuple[Json, Json]:
        """The event and the context that the handler is called with; the event may be an
        `ExtendedPayload`."""

    @abstractmethod
    def end_delivery(self, delivery: D, reason: str, now: Instant) -> None:
        """`delivery` is in a terminal state: record it. `reason` says why it was dropped."""

    @abstractmethod
    def replay_deliveries(self, deliveries: Iterable[D], app: App, now: Instant) -> list[str]:
        """Deliver dropped ones again as new ones; answers the new ids."""

    @abstractmethod
    def save_delivery(self, delivery: D, away_before: Millis) -> SavedDelivery:
        """What never changes of `delivery`, as `saved_type`."""

    @abstractmethod
    def restore_delivery(self, saved: Any) -> D:
        """A delivery from `saved_type`."""

    def restore_open(self, delivery: D) -> None:
        """A restored delivery has not ended: let it count where open ones are counted."""

    def is_cancelled(self, delivery: D) -> bool:
        """Whether `delivery` is not to be tried again."""
        del delivery
        return False

    def app_loaded(self, app: App, now: Instant) -> None:
        """The app's code was loaded, or loaded anew."""

    def own_timeout(self, delivery: D) -> Millis | None:
        """The time that the function has for `delivery`; None for that of its modules."""
        del delivery
        return None

    def wants_result(self, delivery: D) -> bool:
        """Whether somebody waits for what the handler returns."""
        del delivery
        return False

    def check_outcome(self, delivery: D, outcome: Outcome) -> Outcome:
        """The outcome, where a limit of this kind may make it an error."""
        del delivery
        return outcome

    def examine_ending(self, delivery: D, ending: Ending) -> Ending:
        """How an attempt ended, as it counts for this kind."""
        del delivery
        return ending

    def next_due(self) -> Instant | None:
        """When time alone brings about the next delivery; None when it does not."""
        return None

    def start_due(self, now: Instant) -> None:
        """Add the deliveries that time has brought about."""

    @classmethod
    @abstractmethod
    def restored_routing(cls, saved: Any) -> dict[str, str] | None:
        """`Delivery.routing` of what is saved; None where its records are those of another."""

    @classmethod
    @abstractmethod
    def restored_record(cls, saved: Any, due_at: Instant) -> tuple[str, AnyBody]:
        """The record by which a saved delivery became known in an earlier run.

        Of those with the same text before it only one is needed.
        """
