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
from forge_emu.control.hub import EncodedRecord, RecordHub, encode_records
from forge_emu.emulator.admin import Admin, set_delivery_paused
from forge_emu.emulator.clock_control import ClockControl, minimum_timeout
from forge_emu.emulator.loop import EngineLoop
from forge_emu.emulator.pending_batches import PendingBatches
from forge_emu.emulator.persistence import Persistence
from forge_emu.emulator.refusal_limit import RefusalLimit
from forge_emu.emulator.resume import resume_from
from forge_emu.emulator.state import OpenState
from forge_emu.emulator.trigger_batches import TriggerBatches
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
from forge_emu.store.gc_pause import gc_paused
from forge_emu.timeline import Timeline

RecordListener = Callable[[Sequence[Record]], None]


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
        on_failure: Callable[[Exception], None],
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
        stored = state.stored if state else None
        self.started_at = (
            stored.identity.epoch_ms
            if stored
            else s.VIRTUAL_EPOCH_MS
            if clock.virtual
            else wall_ms() - clock.now()
        )
        self.hub = RecordHub()
        self.timeline = Timeline()
        self.summary_builder = SummaryBuilder(settings=settings)
        self.pending_batches = PendingBatches()
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
        self.trigger_batches = TriggerBatches(
            chance, self.started_at, clock.now, self.summary_builder
        )
        self.loop = EngineLoop(
            self.engine, clock, self.pending_batches, self._publish, on_failure, self._persist
        )
        self.set_mocks(mocks)
        self.clock_control = ClockControl(self.loop, settings)
        self.admin = Admin(self.engine, self.timeline.lineage, self.loop, clock.now)
        self._refusal_limit = RefusalLimit()
        self._listener: RecordListener | None = None
        self._buffered_records: list[Record] = []
        self._encoded_records: list[EncodedRecord] = []
        self.persistence = self._start_persistence(state) if state else None

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
            "journal": self.persistence.journal if self.persistence else self.token,
            "state": self._state_status(),
            "refused_requests": self._refusal_limit.total,
            "counts": {
                **self.summary_builder.progress(),
                "planned": self.pending_batches.unsent,
                "running": self.engine.running,
            },
        }

    def record_refusal(self, refusal: ControlRefused) -> None:
        """Record that a request to the control API was refused, up to a limit."""
        if admitted := self._refusal_limit.admit(refusal):
            self.engine.record(admitted, self.clock.now())
            self.loop.run_turn()

    def trigger(self, order: TriggerOrder) -> TriggerReceipt:
        """Send product events, now or at the order's pace. Raises UserError."""
        batch, receipt = self.trigger_batches.add_order(order)
        self.pending_batches.add(batch)
        self.loop.persist_now()
        self.loop.schedule_turn()
        return receipt

    def batch_status(self, batch: str) -> BatchStatus | None:
        """How far an order is; None when there is none of that id."""
        return self.trigger_batches.batch_status(batch, self.clock.now())

    def batch_summary(self, batch: str) -> Json | None:
        """The summary of what descends from an order."""
        summary = self.trigger_batches.batch_summary(batch, self.clock.now(), self.usage())
        return None if summary is None else msgspec.to_builtins(summary)

    def set_delivery(self, action: str) -> Json:
        """`pause`, `resume`, or `step`: deliver one while paused."""
        now = self.clock.now()
        delivered = False
        if action == "pause":
            set_delivery_paused(self.engine, True, now)
        elif action == "resume":
            set_delivery_paused(self.engine, False, now)
        elif action == "step":
            self.engine.wake(now)
            delivered = self.engine.deliver_next(now)
        else:
            raise UserError(
                f"there is no delivery action {action!r}", "It is pause, resume or step."
            )
        self.loop.run_turn()
        return {"paused": self.engine.paused, "delivered": delivered}

    def clock_state(self) -> ClockState:
        """Where emulated time stands."""
        now = self.clock.now()
        return ClockState(
            now=now,
            time=iso8601(self.started_at + now),
            speed=self.clock.speed,
            paused=self.clock.paused,
            goal=self.loop.clock_goal,
            until_idle=self.loop.moving_until_idle,
            next_due=self.loop.next_event_due(),
            running=self.engine.running,
            pending=self.engine.pending,
            planned=self.pending_batches.unsent,
        )

    def set_clock(self, order: ClockOrder) -> ClockState:
        """Move, stop or change emulated time. Raises UserError."""
        self.clock_control.apply_order(order)
        return self.clock_state()

    def run_now(self, event_id: str) -> bool:
        """Skip the wait of an event; False when there is no such event that waits."""
        found = self.engine.run_now(event_id, self.clock.now())
        self.loop.run_turn()
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
            "planned": self.pending_batches.unsent,
            "events": self.engine.open_deliveries(limit),
        }

    def set_mocks(self, mocks: Sequence[Mock]) -> None:
        """From now on, answer requests to products and remotes with these."""
        self.loop.services.mocks = mocks

    # --- for the run itself -------------------------------------------------------------------

    def set_record_listener(self, listener: RecordListener) -> None:
        """Call `listener` with every record, from the first on: an app may log while it loads."""
        self._listener = listener
        unseen, self._buffered_records = self._buffered_records, []
        if unseen:
            listener(unseen)

    def usage(self) -> list[LimitUsage]:
        """How much of each limited resource is in use now."""
        return self.engine.usage(self.clock.now())

    def summary(self) -> Summary:
        """What happened in the whole run so far."""
        return self.summary_builder.summary(now=self.clock.now(), usage=self.usage())

    async def drain(self) -> None:
        """Take no more orders, start nothing more, and wait for what is running."""
        if missed := self._refusal_limit.unrecorded:
            message = f"{missed:,} more requests to forge-emu were refused than the records say"
            self.engine.record(Log(level="warn", message=message), self.clock.now())
        self.trigger_batches.close()
        self.loop.drain()
        await self.loop.wait_until(lambda: not self.engine.running)

    def _start_persistence(self, state: OpenState) -> Persistence:
        """Resume from what the state holds, and persist to it from now on."""
        stored = state.stored
        if stored is None:
            self.engine.track_changes()
        else:
            now = self.clock.now()
            self.trigger_batches.next_number = stored.header.next_issue
            for id, text in stored.orders.items():
                self.pending_batches.add(self.trigger_batches.restore_order(id, text))
            away_ms = max(now - stored.header.at, 0)
            readers = self.timeline, self.summary_builder, self.trigger_batches, self.engine.secrets
            with gc_paused(freeze=True):
                resume_from(stored.saved, state.database, *readers)
                self.engine.restore(stored.saved, now, away_ms=away_ms, clean=stored.header.clean)
            self.hub.last_seq = stored.header.seq
        persistence = Persistence(
            state,
            self.engine,
            self.trigger_batches,
            self.hub,
            self.clock.now,
            lambda: self.clock_control.stopped,
            self.app.id,
            self.seed,
            self.loop.schedule_turn,
        )
        self.hub.read_archive = persistence.record_lines
        return persistence

    def _state_status(self) -> Json:
        if self.persistence is None:
            return None
        return {"path": self.persistence.path, "trouble": self.persistence.write_error}

    def _persist(self, records: Sequence[Record]) -> None:
        if self._followed or self.persistence is not None:
            self._encoded_records = encode_records(records)
        if self.persistence is not None:
            self.persistence.persist_records(self._encoded_records)

    def _publish(self, records: Sequence[Record]) -> None:
        for record in records:
            self.summary_builder.add_record(record)
        if self._followed:
            for record in records:
                self.timeline.add_record(record)
            self.trigger_batches.add_records(records)
            self.hub.publish_encoded(self._encoded_records)
        if self._listener is None:
            self._buffered_records.extend(records)
        else:
            self._listener(records)
