"""One run: the engine and everything that reads its records, as the control API sees it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

import msgspec

from forge_emu import settings as s
from forge_emu.clock import SeededRandom, wall_ms
from forge_emu.control.contract import (
    BatchStatus,
    ClockOrder,
    ClockState,
    TriggerOrder,
    TriggerReceipt,
)
from forge_emu.control.hub import Item, RecordHub, encoded
from forge_emu.emulator.admin import EmulatorByHand, hold_all
from forge_emu.emulator.clock_control import Hands, minimum_timeout
from forge_emu.emulator.loop import Pump
from forge_emu.emulator.pending_batches import Plan
from forge_emu.emulator.persistence import Keeping
from forge_emu.emulator.refusal_limit import Refusals
from forge_emu.emulator.resume import take_over
from forge_emu.emulator.state import OpenState
from forge_emu.emulator.trigger_batches import Orders
from forge_emu.engine import Engine
from forge_emu.engine.faults.rules import FaultRule
from forge_emu.engine.journal.secrets import Secrets
from forge_emu.errors import UserError
from forge_emu.model import App, Json, LimitUsage, iso8601
from forge_emu.ports import Clock
from forge_emu.records import ControlRefused, Log, Record
from forge_emu.report import Summary, SummaryBuilder
from forge_emu.services.mocks import Mock
from forge_emu.settings import Settings
from forge_emu.store.collector import building_up
from forge_emu.timeline import Timeline

Show = Callable[[Sequence[Record]], None]


class Emulator:
    """Owns a run's state. Implements the `Controls` of the control API.

    One that is not `followed` keeps no timeline and no records for others to read.
    """

    def __init__(
        self,
        app: App,
        settings: Settings,
        clock: Clock,
        chance: SeededRandom,
        *,
        token: str,
        failed: Callable[[Exception], None],
        faults: Sequence[FaultRule] = (),
        mocks: Sequence[Mock] = (),
        followed: bool = True,
        state: OpenState | None = None,
        secrets: Secrets | None = None,
    ) -> None:
        self.app = app
        self.settings = settings
        self.clock = clock
        self.seed = chance.seed
        self.handler_seed = chance.derived_seed
        self.token = token
        self._followed = followed
        self.url: str | None = None
        kept = state.kept if state else None
        self.started_at = (
            kept.identity.epoch_ms
            if kept
            else s.VIRTUAL_EPOCH_MS
            if clock.virtual
            else wall_ms() - clock.now()
        )
        self.hub = RecordHub()
        self.timeline = Timeline()
        self.summary_builder = SummaryBuilder(settings=settings)
        self.plan = Plan()
        self.engine = Engine(
            app,
            settings,
            epoch_ms=self.started_at,
            new_id=chance.new_id,
            chance=chance.random,
            latency_chance=chance.latency_random,
            minimum_timeout=minimum_timeout(settings, clock.speed),
            faults=faults,
            stream=chance.stream,
            secrets=secrets,
        )
        self.orders = Orders(chance, self.started_at, clock.now, self.summary_builder)
        self.pump = Pump(self.engine, clock, self.plan, self._publish, failed, self._keep)
        self.mock(mocks)
        self.hands = Hands(self.pump, settings)
        self.by_hand = EmulatorByHand(self.engine, self.timeline.lineage, self.pump, clock.now)
        self._refusals = Refusals()
        self._show: Show | None = None
        self._unseen: list[Record] = []
        self._items: list[Item] = []
        self.keeping = self._begin_keeping(state) if state else None

    # --- Controls: what the command line and the console can ask for --------------------------

    def status(self) -> Json:
        """Who this is and how it is going."""
        return {
            "app_id": self.app.id,
            "name": self.app.name,
            "pid": os.getpid(),
            "started_at": iso8601(self.started_at),
            "url": self.url,
            "now": self.clock.now(),
            "speed": self.clock.speed,
            "seed": self.seed,
            "limits": self.settings.preset,
            "paused": self.engine.paused or self.clock.paused,
            "generation": self.engine.generation,
            "last_seq": self.hub.last_seq,
            "journal": self.keeping.journal if self.keeping else self.token,
            "state": self._state(),
            "refused_requests": self._refusals.total,
            "counts": {
                **self.summary_builder.progress(),
                "planned": self.plan.left,
                "running": self.engine.running,
            },
        }

    def refused(self, refusal: ControlRefused) -> None:
        """A request to the control API was refused."""
        if admitted := self._refusals.admit(refusal):
            self.engine.record(admitted, self.clock.now())
            self.pump.turn()

    def trigger(self, order: TriggerOrder) -> TriggerReceipt:
        """Send product events, now or at the order's pace. Raises UserError."""
        batch, receipt = self.orders.place(order)
        self.plan.add(batch)
        self.pump.keep()
        self.pump.soon()
        return receipt

    def batch(self, batch: str) -> BatchStatus | None:
        """How far an order is; None when there is none of that id."""
        return self.orders.status(batch, self.clock.now())

    def batch_summary(self, batch: str) -> Json | None:
        """The summary of what descends from an order."""
        summary = self.orders.summary(batch, self.clock.now(), self.usage())
        return None if summary is None else msgspec.to_builtins(summary)

    def set_delivery(self, action: str) -> Json:
        """`pause`, `resume`, or `step`: deliver one while paused."""
        now = self.clock.now()
        delivered = False
        if action == "pause":
            hold_all(self.engine, True, now)
        elif action == "resume":
            hold_all(self.engine, False, now)
        elif action == "step":
            self.engine.wake(now)
            delivered = self.engine.deliver_next(now)
        else:
            raise UserError(
                f"there is no delivery action {action!r}", "It is pause, resume or step."
            )
        self.pump.turn()
        return {"paused": self.engine.paused, "delivered": delivered}

    def clock_state(self) -> ClockState:
        """Where emulated time stands."""
        now = self.clock.now()
        return ClockState(
            now=now,
            time=iso8601(self.started_at + now),
            speed=self.clock.speed,
            paused=self.clock.paused,
            goal=self.pump.goal,
            until_idle=self.pump.moving_on,
            next_due=self.pump.next_event(),
            running=self.engine.running,
            pending=self.engine.pending,
            planned=self.plan.left,
        )

    def set_clock(self, order: ClockOrder) -> ClockState:
        """Move, stop or change emulated time. Raises UserError."""
        self.hands.obey(order)
        return self.clock_state()

    def run_now(self, event_id: str) -> bool:
        """Skip the wait of an event; False when there is no such event that waits."""
        found = self.engine.run_now(event_id, self.clock.now())
        self.pump.turn()
        return found

    def limits(self) -> Json:
        """Every setting with its value, unit and source, and the use of the limited resources."""
        return {
            "preset": self.settings.preset,
            "settings": [
                {
                    "name": setting.name,
                    "value": self.settings[setting.name],
                    "unit": setting.unit,
                    "doc": setting.doc,
                    "source": setting.source,
                    "date": setting.date,
                    "overridden": setting.name in self.settings.overrides,
                }
                for setting in s.all_settings()
            ],
            "usage": msgspec.to_builtins(self.usage()),
        }

    def pending(self, limit: int) -> Json:
        """Up to `limit` events that have not ended, by due time."""
        return {
            "total": self.engine.pending,
            "planned": self.plan.left,
            "events": self.engine.open_deliveries(limit),
        }

    def mock(self, mocks: Sequence[Mock]) -> None:
        """From now on, answer requests to products and remotes with these."""
        self.pump.services.mocks = mocks

    # --- for the run itself -------------------------------------------------------------------

    def show(self, show: Show) -> None:
        """Let `show` see every record, from the first on: an app may speak while it loads."""
        self._show = show
        unseen, self._unseen = self._unseen, []
        if unseen:
            show(unseen)

    def usage(self) -> list[LimitUsage]:
        """How much of each limited resource is in use now."""
        return self.engine.usage(self.clock.now())

    def summary(self) -> Summary:
        """What happened in the whole run so far."""
        return self.summary_builder.summary(now=self.clock.now(), usage=self.usage())

    async def drain(self) -> None:
        """Take no more orders, start nothing more, and wait for what is running."""
        if missed := self._refusals.unrecorded:
            message = f"{missed:,} more requests to forge-emu were refused than the records say"
            self.engine.record(Log(level="warn", message=message), self.clock.now())
        self.orders.close()
        self.pump.drain()
        await self.pump.until(lambda: not self.engine.running)

    def _begin_keeping(self, state: OpenState) -> Keeping:
        """Go on from what the state holds, and write to it from now on."""
        kept = state.kept
        if kept is None:
            self.engine.track_changes()
        else:
            now = self.clock.now()
            self.orders.next_number = kept.present.next_issue
            for id, text in kept.orders.items():
                self.plan.add(self.orders.put_back(id, text))
            away_ms = max(now - kept.present.at, 0)
            readers = self.timeline, self.summary_builder, self.orders, self.engine.secrets
            with building_up(to_stay=True):
                take_over(kept.saved, state.database, *readers)
                self.engine.restore(kept.saved, now, away_ms=away_ms, clean=kept.present.clean)
            self.hub.last_seq = kept.present.seq
        keeping = Keeping(
            state, self.engine, self.orders, self.hub, self.clock.now, lambda: self.hands.stopped,
            self.app.id, self.seed, self.pump.soon,
        )  # fmt: skip
        self.hub.archive = keeping.lines
        return keeping

    def _state(self) -> Json:
        if self.keeping is None:
            return None
        return {"path": self.keeping.path, "trouble": self.keeping.trouble}

    def _keep(self, records: Sequence[Record]) -> None:
        if self._followed or self.keeping is not None:
            self._items = encoded(records)
        if self.keeping is not None:
            self.keeping.keep(self._items)

    def _publish(self, records: Sequence[Record]) -> None:
        for record in records:
            self.summary_builder.add_record(record)
        if self._followed:
            for record in records:
                self.timeline.add_record(record)
            self.orders.feed(records)
            self.hub.publish_items(self._items)
        if self._show is None:
            self._unseen.extend(records)
        else:
            self._show(records)
