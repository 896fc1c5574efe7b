"""One run: the engine and everything that reads its records, as the control API sees it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import cache, partial

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
from forge_emu.control.hub import MAX_BYTES_BESIDE_ARCHIVE, RecordHub
from forge_emu.emulator.admin import Admin
from forge_emu.emulator.clock_control import ClockControl
from forge_emu.emulator.function_calls.calls import Calls
from forge_emu.emulator.life_cycle.payloads import with_known_data
from forge_emu.emulator.loop import EngineLoop
from forge_emu.emulator.orders.schedule_control import ScheduleControl
from forge_emu.emulator.payloads.collecting import start_collecting
from forge_emu.emulator.payloads.showing import Payloads
from forge_emu.emulator.pending_batches import PendingBatches
from forge_emu.emulator.persistence import Persistence
from forge_emu.emulator.refusal_limit import RefusalLimit
from forge_emu.emulator.resume import damage_reported, resume_from
from forge_emu.emulator.site_admin import SiteAdmin
from forge_emu.emulator.state import OpenState, epoch_of_run
from forge_emu.emulator.trigger_batches import TriggerBatches
from forge_emu.emulator.views.app_status import app_status
from forge_emu.emulator.views.limits_json import limits_as_json
from forge_emu.emulator.views.record_views import RecordViews
from forge_emu.engine.build import build_parts
from forge_emu.engine.engine import Engine
from forge_emu.engine.faults.rules import FaultRule
from forge_emu.engine.journal.secrets import Secrets
from forge_emu.model import App, Instant, Json, LimitUsage, RetryMistake, iso8601
from forge_emu.ports import Clock
from forge_emu.records import ControlRefused, Log, RecordBatch
from forge_emu.report.advice.retry_mistakes import find_mistake
from forge_emu.report.summary import Summary
from forge_emu.report.summary_builder import SummaryBuilder
from forge_emu.runtime.remote.tokens import TokenSigner, new_signer
from forge_emu.services.egress import Network
from forge_emu.services.mocks.mock import Mock
from forge_emu.settings import Settings
from forge_emu.store.gc_pause import gc_paused
from forge_emu.store.shapes import StoredState
from forge_emu.timeline.timeline import Timeline

RecordListener = Callable[[RecordBatch], None]


class Emulator:
    """Owns a run's state. Implements the `Controls` of the control API.

    One that is not `followed` keeps no timeline and no records for others to read; what is in
    events is kept where `keeps_payloads` asks for it, as the setting allows. It goes on from
    `state`, which it writes, or begins with `initial_state`, which it does not. `signer` gives what
    signs the tokens for remotes, once one is needed; by default it has a key pair that is not kept.
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
        network: Network = "open",
        followed: bool = True,
        keeps_payloads: bool = False,
        state: OpenState | None = None,
        initial_state: OpenState | None = None,
        secrets: Secrets | None = None,
        signer: Callable[[], TokenSigner] | None = None,
    ) -> None:
        self.app = app
        # The files that the running code was made of, None where that is not known.
        self.inputs: tuple[str, ...] | None = None
        self.settings = settings
        self.clock = clock
        self.token = token
        self.seed = chance.seed
        self.handler_seed = chance.derived_seed
        self._followed = followed
        self.url: str | None = None
        self.token_signer = cache(signer or partial(new_signer, wall_ms))
        source = state or initial_state
        stored = source.stored if source else None
        self.started_at = epoch_of_run(clock, stored)
        self.hub = RecordHub(capacity_bytes=MAX_BYTES_BESIDE_ARCHIVE) if state else RecordHub()
        self.summary_builder = SummaryBuilder(settings=settings)
        self.timeline = Timeline(self.summary_builder.states, self.summary_builder.invocations)
        self.pending_batches = PendingBatches()
        parts = build_parts(
            app,
            settings,
            epoch_ms=self.started_at,
            new_id=chance.new_id,
            chance=chance.random,
            faults=faults,
            stream=chance.stream,
            secrets=secrets,
            find_place=self._find_mistake,
        )
        self.engine = Engine(app, parts)
        run = self.summary_builder if followed else SummaryBuilder()  # Else nobody asks an order.
        self.trigger_batches = TriggerBatches(
            chance, self.started_at, clock.now, run, self.engine.site
        )
        followers = (self.timeline, self.trigger_batches) if followed else (None, None)
        self._views = RecordViews(self.summary_builder, *followers)
        self.trigger_batches.heard = lambda: self.app.triggers_by_event
        self.trigger_batches.complete = partial(with_known_data, self.engine)
        kept = state.database if state else None
        self.payload_collector = start_collecting(self.engine, kept) if keeps_payloads else None
        self.payloads = Payloads(self.engine, self.payload_collector)
        self.loop = EngineLoop(
            self.engine, clock, self.pending_batches, self._publish, on_failure, self._persist
        )
        self.set_mocks(mocks)
        self.loop.services.egress.network = network
        self.clock_control = ClockControl(self.loop)
        self.admin = Admin(
            self.engine, self.timeline.lineage, self.loop, self.loop.enter, self.payloads
        )
        self.schedules = ScheduleControl(self.engine, self.loop.enter, self.loop.run_turn)
        self.site_admin = SiteAdmin(self.engine, self.loop, self.loop.enter)
        self.calls = Calls(self.loop, self.settings, self.token_signer)
        self._refusal_limit = RefusalLimit()
        self._listener: RecordListener | None = None
        self._unheard: list[RecordBatch] = []
        if source is not None and stored is not None:
            self._resume(source, stored)
        self.persistence = self._start_persistence(state) if state else None

    # --- Controls: what the command line and the console can ask for --------------------------

    def status(self) -> Json:
        """Who this is and how it is going."""
        return {
            **app_status(self.app, self.calls.list_web_triggers(), self.schedules.list_schedules()),
            "pid": os.getpid(),
            "started_at": iso8601(self.started_at),
            "url": self.url,
            "now": self.clock.shown(),
            "speed": self.clock.speed,
            "measured_speed": self.clock.measured_speed,
            "seed": self.seed,
            "limits": self.settings.preset,
            "latency": self.settings[s.LATENCY_PROFILE],
            "paused": self.engine.paused or self.clock.paused,
            "generation": self.engine.generation,
            "last_seq": self.hub.last_seq,
            "journal": self.persistence.journal if self.persistence else self.token,
            "state": self.persistence and self.persistence.status(),
            "refused_requests": self._refusal_limit.total,
            "counts": {
                **self.summary_builder.progress(),
                "planned": self.pending_batches.unsent,
                "running": self.engine.running,
            },
        }

    def jwks(self) -> Json:
        """The public keys that verify the tokens which remotes get."""
        return self.token_signer().jwks

    def record_refusal(self, refusal: ControlRefused) -> None:
        """Record that a request to the control API was refused, up to a limit."""
        now = self.loop.enter()
        if admitted := self._refusal_limit.admit(refusal):
            self.engine.record(admitted, now)
            self.loop.run_turn()

    def trigger(self, order: TriggerOrder) -> TriggerReceipt:
        """Send product events, now or at the order's pace. Raises UserError."""
        self.loop.enter()
        return self.add_order(order)

    def add_order(self, order: TriggerOrder) -> TriggerReceipt:
        """As `trigger`, at the present instant: the order belongs to the run itself."""
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

    def clock_state(self) -> ClockState:
        """Where emulated time stands."""
        return self.clock_control.clock_state()

    def _find_mistake(self, mistake: RetryMistake, function: str) -> str | None:
        return next(iter(find_mistake(self.summary_builder.places, mistake, function)), None)

    def set_clock(self, order: ClockOrder) -> ClockState:
        """Move, stop or change emulated time. Raises UserError."""
        self.loop.enter()
        self.clock_control.apply_order(order)
        return self.clock_state()

    def limits(self) -> Json:
        """Every setting with its value, unit and source, and the use of the limited resources."""
        return limits_as_json(self.settings, self.usage())

    def set_mocks(self, mocks: Sequence[Mock]) -> None:
        """From now on, answer requests to products and remotes with these."""
        self.loop.services.mocks = mocks

    def set_record_listener(self, listener: RecordListener) -> None:
        """Call `listener` with every record, from the first on: an app may log while it loads."""
        self._listener = listener
        unheard, self._unheard = self._unheard, []
        for batch in unheard:
            listener(batch)

    def usage(self) -> list[LimitUsage]:
        """How much of each limited resource is in use now."""
        return self.engine.usage(self.clock.now())

    def summary(self, *, ended_at: Instant | None = None) -> Summary:
        """What happened in the whole run, up to now or to `ended_at`, after which nothing did."""
        now = self.clock.now() if ended_at is None else ended_at
        return self.summary_builder.summary(now=now, usage=self.usage())

    async def drain(self) -> None:
        """Take no more orders, start nothing more, and wait for what is running."""
        if message := self._refusal_limit.unrecorded_message:
            self.engine.record(Log(level="warn", message=message), self.clock.now())
        self.trigger_batches.close()
        self.calls.close()
        self.loop.drain()
        await self.loop.wait_until(lambda: not self.engine.running)
        self.calls.end_all()

    def _resume(self, state: OpenState, stored: StoredState) -> None:
        """Go on from what the state holds."""
        now, header = self.clock.now(), stored.header
        readers = self.timeline, self.summary_builder, self.trigger_batches, self.engine.secrets
        with damage_reported(state.database.path), gc_paused(freeze=True):
            self.trigger_batches.numbers = header.thing_numbers
            for batch in self.trigger_batches.restore_orders(stored.orders):
                self.pending_batches.add(batch)
            resume_from(stored.saved, state.database, *readers)
            away = max(now - header.at, 0)
            self.engine.restore(stored.saved, now, away_ms=away, clean=header.clean)
        self.hub.last_seq = header.seq

    def _start_persistence(self, state: OpenState) -> Persistence:
        """Persist to the state from now on."""
        if state.stored is None:
            self.engine.snapshot_writer.start()
        persistence = Persistence(
            state,
            self.engine,
            self.trigger_batches,
            self.payload_collector,
            self.hub,
            self.clock.now,
            lambda: self.clock_control.stopped,
            self.app.id,
            self.seed,
            self.loop.schedule_turn,
            lambda: bool(self.loop.generations),
        )
        self.hub.read_archive = persistence.record_lines
        return persistence

    def _persist(self, batch: RecordBatch) -> None:
        if self.payload_collector is not None:
            self.payload_collector.add_records(batch.records)
        if self.persistence is not None:
            self.persistence.persist_batch(batch)

    def _publish(self, batch: RecordBatch) -> None:
        self._views.add_records(batch.records)
        if self._followed:
            self.hub.publish_batch(batch)
        (self._listener or self._unheard.append)(batch)
