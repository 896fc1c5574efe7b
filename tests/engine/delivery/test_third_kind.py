"""A kind of delivery that the product does not have: it comes from nothing but time.

The kind is the class below. Nothing in the product knows of it but the list of kinds, to which it
is added: it is scheduled, started, ended, saved, restored, counted and shown all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
import pytest

from forge_emu import records as r
from forge_emu.console.lines import LineFormatter
from forge_emu.engine.backoff import Backoff
from forge_emu.engine.delivery import kinds
from forge_emu.engine.delivery.delivery import Delivery, State
from forge_emu.engine.delivery.kind import DeliveryKind, HandlerTarget, KindContext, SavedDelivery
from forge_emu.engine.delivery.retry import Policy
from forge_emu.engine.engine import Engine
from forge_emu.engine.installation import Installation
from forge_emu.engine.snapshot.shapes import EngineSnapshot
from forge_emu.model import (
    HOUR,
    MINUTE,
    App,
    ErrorReport,
    Failed,
    Function,
    Instant,
    Json,
    Millis,
    ModuleKind,
    Outcome,
    Success,
)
from forge_emu.report.summary_builder import SummaryBuilder
from forge_emu.settings import Settings
from forge_emu.timeline.timeline import Timeline
from tests.engine.world import EPOCH, World, app, new_engine

FIRST = 5 * MINUTE
INTERVAL = HOUR


class Run(Delivery):
    """One run of a schedule."""

    __slots__ = ()

    @property
    def noun(self) -> str:
        """What messages call one."""
        return "a run of a schedule"

    @property
    def ids(self) -> dict[str, str]:
        """No event came before it."""
        return {}

    @property
    def routing(self) -> dict[str, str]:
        """It goes to one function alone."""
        return {}

    @property
    def names(self) -> tuple[str, ...]:
        """Its id."""
        return (self.id,)


class SavedRun(msgspec.Struct, frozen=True, array_like=True, tag="run"):
    """What is saved of a run."""

    id: str
    created_at: Instant
    away_before: Millis = 0


class Schedules(DeliveryKind[Run]):
    """Runs `work` five minutes after the app was loaded, and an hour after each end."""

    delivery_types = (Run,)
    saved_type = SavedRun
    no_handler = "no_function"

    def __init__(self, context: KindContext) -> None:
        nothing = Backoff(0, 1, 0, 0)
        self.policy = Policy(0, 0, 0, nothing, "", False, True, False, None, 0)
        self.open = 0
        self._context = context

    def app_loaded(self, app: App, now: Instant) -> None:
        """The first run is due some time after the first load."""
        if not self.open:
            self._add(now, now + FIRST)

    def find_target(self, delivery: Run, app: App) -> HandlerTarget | None:
        """Always the same function."""
        return HandlerTarget(app.functions["work"], ModuleKind.SCHEDULED_TRIGGER, "hourly")

    def timeouts(self, function: Function, app: App) -> Iterator[Millis]:
        """That of a schedule."""
        yield 55_000

    def handler_arguments(
        self, delivery: Run, app: App, installation: Installation, now: Instant
    ) -> tuple[Json, Json]:
        """Nothing happened but time."""
        return {}, installation.context()

    def end_delivery(self, delivery: Run, reason: str, now: Instant) -> None:
        """Its record, and the next run."""
        self.open -= 1
        text = f"{delivery.id} {delivery.state} {reason}".strip()
        self._context.journal.record(r.Log(level="info", message=text), now)
        self._add(now, now + INTERVAL)

    def replay_deliveries(self, deliveries: Iterable[Run], app: App, now: Instant) -> list[str]:
        """Run each again at once."""
        return [self._add(now, now) for _ in deliveries]

    def save_delivery(self, delivery: Run, away_before: Millis) -> SavedDelivery:
        """As `SavedRun`."""
        return SavedRun(delivery.id, delivery.created_at, away_before)

    def restore_delivery(self, saved: SavedRun) -> Run:
        """From `SavedRun`."""
        return Run(saved.id, saved.id, saved.created_at, saved.created_at, State.SCHEDULED)

    def restore_open(self, delivery: Run) -> None:
        """It has not ended."""
        self.open += 1

    @classmethod
    def restored_routing(cls, saved: SavedRun) -> dict[str, str] | None:
        """Its records say no more than that it ran."""
        return None

    @classmethod
    def restored_record(cls, saved: SavedRun, due_at: Instant) -> tuple[str, r.AnyBody]:
        """Never asked for."""
        raise AssertionError(saved)

    def _add(self, now: Instant, due_at: Instant) -> str:
        self.open += 1
        run = Run(self._context.new_id(), "time", now, due_at, State.SCHEDULED)
        self._context.add_delivery(run, now)
        return run.id


@pytest.fixture(autouse=True)
def third_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    """The line in the list of kinds."""
    monkeypatch.setattr(kinds, "KINDS", (*kinds.KINDS, Schedules))


def loaded_world() -> World:
    """A world whose app is loaded."""
    world = World()
    world.engine.start_app(world.now)
    return world


def hours(world: World, number: int, outcome: Outcome = Success()) -> None:  # noqa: B008
    """So many runs, each of which takes a second."""
    for _ in range(number):
        due = world.engine.next_wakeup()
        assert due is not None
        world.advance_to(due)
        world.advance_to(due + 1_000)
        world.end_invocation(outcome)


def ends(world: World) -> list[str]:
    """The ends of runs, without their ids."""
    return [log.message.partition(" ")[2] for log in world.bodies_of(r.Log)]


def test_time_alone_starts_it_again_and_again() -> None:
    """Five minutes after the load, and an hour after each end."""
    world = loaded_world()
    hours(world, 3)
    started = [x for x in world.records if isinstance(x.body, r.InvocationStarted)]
    second = FIRST + 1_000 + INTERVAL

    assert [x.at for x in started] == [FIRST, second, second + 1_000 + INTERVAL]
    assert {x.module for x in world.bodies_of(r.InvocationStarted)} == {"scheduled_trigger"}
    assert ends(world) == ["succeeded"] * 3
    assert world.engine.pending == 1


def test_an_error_is_not_retried() -> None:
    """Each run ends in one record; a dropped one can be replayed."""
    world = loaded_world()
    hours(world, 2, Failed(ErrorReport("Error", "no")))
    assert ends(world) == ["dropped handler_error"] * 2

    [first, _] = [entry.delivery.id for entry in world.engine.queue_admin.dropped]
    [again] = world.engine.queue_admin.replay_deliveries([first], world.engine.app, world.now)
    world.engine.wake(world.now)
    world.collect()
    assert again != first
    assert len(world.started) == 1


def test_it_outlives_a_restart() -> None:
    """Its due time is kept, and what ran is run again."""
    world = loaded_world()
    hours(world, 1)
    world.advance_to(FIRST + 1_000 + INTERVAL)
    world.engine.snapshot_writer.start()
    changes = world.engine.take_changes(everything=True)
    decoder = msgspec.json.Decoder(kinds.saved_delivery_types())
    saved = EngineSnapshot(world.now, world.engine.last_seq, world.engine.installation)
    for number, fixed in changes.added.items():
        again = decoder.decode(msgspec.json.encode(fixed))
        saved.deliveries[number] = (again, changes.standing[number])
    restored = restored_engine(saved)

    assert [x.function for x in restored.take_invocations()] == []
    restored.wake(world.now)
    assert [x.module for x in restored.take_invocations()] == ["scheduled_trigger"]


def restored_engine(saved: EngineSnapshot) -> Engine:
    """Another engine, which goes on from `saved`."""
    ids = iter(range(1_000, 2_000))
    engine = new_engine(
        app(), Settings(), epoch_ms=EPOCH, new_id=lambda: f"id{next(ids)}", chance=lambda: 0.5
    )
    engine.restore(saved, saved.at, away_ms=0, clean=False)
    engine.start_app(saved.at)
    return engine


def test_every_reader_of_records_copes() -> None:
    """The lines, the timeline and the summary have it without knowing of it."""
    world = loaded_world()
    hours(world, 2)
    timeline, summary, lines = Timeline(), SummaryBuilder(settings=Settings()), LineFormatter()
    shown: list[Any] = []
    for record in world.records:
        timeline.add_record(record)
        summary.add_record(record)
        shown.append(lines.format_record(record).plain)

    assert sum("hourly" in line or "work" in line for line in shown) >= 2
    result = summary.summary(now=world.now, usage=world.engine.usage(world.now))
    assert result.invocations == {"success": 2}
