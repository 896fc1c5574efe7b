"""What the runtimes of all languages share: one host process and the messages to and from it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from forge_emu.errors import Problem
from forge_emu.model import App, Instant, Invocation
from forge_emu.ports import (
    AppResponse,
    BuildResult,
    Clock,
    DelayedMessages,
    HostNotice,
    InvocationEnded,
    MessageSink,
)
from forge_emu.runtime.host import wire
from forge_emu.runtime.host.crash_outcomes import platform_error
from forge_emu.runtime.host.exports import load_result, unfinished_problem
from forge_emu.runtime.host.inbox import Inbox
from forge_emu.runtime.host.isolation import isolation_on
from forge_emu.runtime.host.lines import encode_for_host, encode_for_thread, encode_start
from forge_emu.runtime.host.loading import LOAD_SECONDS, Loads, LogLimits
from forge_emu.runtime.host.options import HostOptions
from forge_emu.runtime.host.patience import Patience
from forge_emu.runtime.host.placement import PlacedInvocation, Placement
from forge_emu.runtime.host.process import HostProcess, Listener
from forge_emu.runtime.host.rounds import Rounds
from forge_emu.runtime.host.settings import HostSettings
from forge_emu.runtime.host.supervisor import HostCallbacks, HostSupervisor
from forge_emu.runtime.host.threads import Threads


class HostRuntime(ABC):
    """Implements `ports.Runtime` but for what its language decides.

    `threads` answer a load; `placed_on` says which thread runs what.
    """

    language: ClassVar[str]
    program: ClassVar[str]
    """What the host's process is called where the user reads of it."""

    def __init__(
        self,
        root: Path,
        sink: MessageSink,
        *,
        clock: Clock,
        threads: int,
        placed_on: Threads,
        options: HostOptions,
    ) -> None:
        self._root = root
        self._sink = sink
        self._clock = clock
        self._placement = placement = Placement(placed_on)
        self._options = options
        self._environment = options.process_environment()
        self.tells_begin = not clock.virtual
        self._rounds = Rounds()
        limits = LogLimits(options.log_lines, options.log_kb)
        self._loads = Loads(root, self.language, threads, limits)
        self._isolation = isolation_on(
            placement, placed_on, self._send_order, self._send_start, virtual=clock.virtual
        )
        self._code_patience = Patience(
            options.stuck_seconds * 1000, options.stuck_again_seconds * 1000
        )
        self._io_patience = Patience(options.io_seconds * 1000, options.io_again_seconds * 1000)
        self._inbox = Inbox(
            placement,
            self._loads.add_answer,
            self._isolation,
            self._code_patience,
            self._io_patience,
            clock.virtual,
        )
        callbacks = HostCallbacks(
            on_messages=self._receive_round if clock.virtual else self._receive,
            on_exit=self._on_host_exit,
            on_start_failure=lambda notice: self._sink([notice]),
            on_restart=self._on_host_restart,
            take_progress=self._inbox.take_invocation_ended,
            mask=options.mask,
        )
        self._supervisor = HostSupervisor(self.program, self._start_program, callbacks)
        self._pending_invocations: list[Invocation] = []

    @abstractmethod
    async def load_app(self, app: App, generation: int) -> BuildResult:
        """Build the app's code and evaluate it."""

    @abstractmethod
    async def _start_program(self, listener: Listener) -> HostProcess:
        """Start the host program. Raises OSError."""

    @abstractmethod
    def _host_settings(self) -> HostSettings:
        """The settings of the host program that is about to start."""

    @abstractmethod
    def _load_problem(self, failure: wire.LoadFailure) -> Problem:
        """The problem of a module that does not load."""

    def _discard_build(self, generation: int) -> None:  # noqa: B027 - most have nothing to discard
        """Remove what `load` has made."""

    def invoke(self, invocation: Invocation) -> None:
        """Run a handler; its outcome comes as a message."""
        if self._host is None:
            self._pending_invocations.append(invocation)
            return
        start = self._send_start if self._isolation is None else self._isolation.start
        start(self._placement.add_invocation(invocation))

    def _send_start(self, running: PlacedInvocation) -> None:
        invocation = running.invocation
        # Code that computes longer than its timeout would not have met it on the platform either.
        code_ms = min(self._code_patience.ms_for(invocation), invocation.timeout_ms)
        self._enqueue_line(encode_start(running, code_ms, self._io_patience.ms_for(invocation)))

    def respond(self, request_id: int, response: AppResponse) -> None:
        """Answer a request of the app."""
        thread = self._placement.pop_request(request_id)
        if thread is not None and self._host is not None:
            r = response
            answer = wire.Answer(request_id, r.status, r.body, r.headers, r.reason, r.network)
            self._enqueue_line(encode_for_thread(thread, answer))

    def lose_request(self, request_id: int) -> None:
        """Have the host forget a request."""
        thread = self._placement.pop_request(request_id)
        if thread is not None and self._host is not None:
            self._enqueue_line(encode_for_thread(thread, wire.Lost(request_id)))

    def abort_invocation(self, invocation_id: str) -> None:
        """Drop an invocation that the engine has timed out."""
        running = self._placement.remove_invocation(invocation_id)
        if running is None:
            pending = self._pending_invocations
            self._pending_invocations = [w for w in pending if w.invocation_id != invocation_id]
            return
        self._placement.forget_instance(running.invocation)
        if self._host is None:
            return
        if self._isolation is None or not self._isolation.abort_invocation(running):
            self._send_order(wire.Abort(running.thread, running.n))

    def retire_generation(self, generation: int) -> None:
        """Unload a generation of the code, on which nothing runs any more."""
        if not self._loads.forget_generation(generation):
            return
        (self._isolation or self._placement).forget_generation(generation)
        if self._host is not None:
            self._enqueue_line(encode_for_host(wire.Retire(generation)))
        self._discard_build(generation)

    def renew_instances(self, generation: int) -> None:
        """Drop every instance of a generation on which nothing runs; its code stays loaded."""
        (self._isolation or self._placement).forget_generation(generation)
        self._send_at_once(wire.Renew(generation))

    @property
    def busy(self) -> bool:
        """Whether a round is under way, or no host is running."""
        return self._clock.virtual and (self._rounds.under_way or self._host is None)

    @property
    def next_timer_due(self) -> Instant | None:
        """When the first timer of a running handler is due, in virtual time."""
        return self._rounds.next_timer

    def sync_clock(self) -> None:
        """Send the clock's state to the host; in virtual time every round carries it."""
        if not self._clock.virtual:
            self._enqueue_time()

    def flush(self) -> None:
        """Send what has been collected."""
        if self._host is None:
            return
        if self._clock.virtual and not self._rounds.under_way:
            self._host.enqueue_line(self._rounds.start_round(self._clock.now()))
        self._host.flush()

    async def close(self) -> None:
        """End the host process, and all that runs in it."""
        await self._supervisor.close()

    @property
    def _host(self) -> HostProcess | None:
        return self._supervisor.process

    # --- loading

    async def _evaluate_modules(self, app: App, load: wire.Load, built: BuildResult) -> BuildResult:
        """Have the host evaluate the modules of what was `built`.

        Functions that do not load fail alone; if none does, nothing was loaded.
        """
        build = load_result(app, load, built, await self._load_answers(load), self._load_problem)
        if not build.ok:
            self.retire_generation(load.generation)
            self.flush()
        return build

    async def _load_answers(self, load: wire.Load) -> Sequence[wire.Loaded] | Problem:
        """What the threads answer to a load, or why they do not."""
        await self._start_host()
        self._loads.expect_answers(load)
        self._send_at_once(load)
        try:
            return await self._loads.wait_for_answers(load.generation, LOAD_SECONDS)
        except TimeoutError:
            if self._supervisor.has_crashed:
                return self._supervisor.start_problem()
            return unfinished_problem(load, LOAD_SECONDS)

    async def _start_host(self) -> None:
        """Start the host's process where there is none; it gets ready later. Raises OSError."""
        if self._host is None and not self._supervisor.restarting:
            await self._supervisor.start()
            self._enqueue_time()

    def _enqueue_time(self) -> None:
        if self._host is not None:
            now, speed = self._clock.now(), 0.0 if self._clock.virtual else 1.0
            self._host.enqueue_line(encode_for_host(wire.Time(now, speed, self._clock.stop_at)))

    def _enqueue_line(self, line: bytes) -> None:
        """Collect a line for the next flush."""
        if self._clock.virtual:
            self._rounds.add_line(line)
        elif self._host is not None:
            self._host.enqueue_line(line)

    def _send_order(self, order: wire.ToHost) -> None:
        """Send an order before all later messages, which rely on its effect."""
        if self._clock.virtual:
            self._rounds.add_order(encode_for_host(order))
        else:
            self._send_at_once(order)

    def _send_at_once(self, order: wire.ToHost) -> None:
        """Send an order that belongs to no round. A host that starts again gets every load then."""
        if self._host is not None:
            self._host.enqueue_line(encode_for_host(order))
            self._host.flush()

    # --- messages of the host

    def _receive(self, messages: Sequence[wire.FromHost | str]) -> None:
        if translated := self._inbox.translate_messages(messages):
            self._sink(translated)
        # An invocation may have been moved to another thread, of which the loop need not know.
        self.flush()

    def _receive_round(self, messages: Sequence[wire.FromHost | str]) -> None:
        rounds, now = self._rounds, self._clock.now()
        was_busy = rounds.under_way
        translated = self._inbox.translate_messages(rounds.receive_messages(messages))
        if not rounds.under_way:
            at_once, late = rounds.take_sorted_messages(now, self._placement.start_order)
            translated += self._inbox.translate_messages(at_once)
            for instant, late_messages in late.items():
                delayed = self._inbox.translate_messages(late_messages)
                translated.append(DelayedMessages(instant, tuple(delayed)))
        if translated or was_busy != rounds.under_way:
            self._sink(translated)

    # --- when the host ends

    def _on_host_exit(self, notice: HostNotice) -> None:
        self._rounds.reset()
        self._loads.note_crash()
        if self._isolation is not None:
            self._isolation.clear()
        outcome = platform_error("the host process ended")
        lost = [InvocationEnded(id, outcome) for id in self._placement.clear()]
        self._sink([notice, *lost])

    def _on_host_restart(self) -> None:
        """Load everything again and start what has waited."""
        self._enqueue_time()
        assert self._host is not None
        for load in self._loads.current_loads():
            self._host.enqueue_line(encode_for_host(load))
        pending, self._pending_invocations = self._pending_invocations, []
        for invocation in pending:
            self.invoke(invocation)
        self.flush()
        if self._clock.virtual and not self._rounds.under_way:
            self._sink([])
