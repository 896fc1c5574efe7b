"""What the runtimes of all languages share: one host process, its restarts and its messages."""

from __future__ import annotations

import asyncio
import contextlib
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
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
from forge_emu.runtime.host.environment import needed_variables
from forge_emu.runtime.host.exports import export_problems
from forge_emu.runtime.host.inbox import Inbox
from forge_emu.runtime.host.isolation import Isolation
from forge_emu.runtime.host.loading import Loads, LogLimits
from forge_emu.runtime.host.placement import PlacedInvocation, Placement
from forge_emu.runtime.host.process import HostProcess, Listener
from forge_emu.runtime.host.rounds import Rounds

LOAD_SECONDS = 15.0
"""Real seconds that the top level of all modules together may take."""

_RESTART_DELAYS = (0.0, 0.1, 0.5, 1.0, 2.0, 5.0)
"""Real seconds before a host is started again, by the number of crashes in a row."""

_MANY_CRASHES = 5

_MAX_OUTPUT_TAIL = 20_000
"""Characters that are kept of what a host's process itself prints."""

ABORT_GRACE_SECONDS = 0.5
"""Real seconds that a thread has to end an invocation whose deadline has passed."""


class HostRuntime(ABC):
    """Implements `ports.Runtime` but for what its language decides.

    Handlers see `environment`, without it what a process needs. `mask` takes secrets out of a
    text before it is shortened.
    `log_lines` (per minute of a function's timeout) and `log_kb` are what the platform keeps of
    the output of one invocation, None for everything. In virtual time a thread is given up after
    `stuck_seconds` without the end of a turn, and time stands still for `io_seconds` at most while
    something real is under way. `threads` answer a load; `placement` maps instances to threads.
    """

    language: ClassVar[str]
    program: ClassVar[str]
    """What the host's process is called where the user reads of it."""

    ends_rounds: ClassVar[bool]
    """Whether, in virtual time, a thread that ends takes the round with it."""

    def __init__(
        self,
        root: Path,
        sink: MessageSink,
        *,
        seed: int,
        epoch_ms: int,
        clock: Clock,
        threads: int,
        placement: Placement,
        environment: Mapping[str, str] | None = None,
        mask: Callable[[str], str] = str,
        log_lines: int | None = 100,
        log_kb: int | None = 200,
        stuck_seconds: float = 10.0,
        io_seconds: float = 60.0,
    ) -> None:
        self._root = root
        self._sink = sink
        self._seed = seed
        self._epoch_ms = epoch_ms
        self._clock = clock
        self._placement = placement
        self._environment = (
            needed_variables(os.environ) if environment is None else dict(environment)
        )
        self._mask = mask
        self._stuck_seconds = stuck_seconds if clock.virtual else ABORT_GRACE_SECONDS
        self._io_seconds = io_seconds
        self._rounds = Rounds()
        self._host: HostProcess | None = None
        self._restarting: asyncio.Task[None] | None = None
        self._hosts_started = 0
        self._crashes = 0
        self._closed = False
        self._loads = Loads(root, self.language, threads, LogLimits(log_lines, log_kb))
        self._isolation = Isolation(placement, self._send_order, self._send_start)
        self._inbox = Inbox(placement, self._loads.add_answer, self._isolation, clock.virtual)
        self._pending_invocations: list[Invocation] = []
        self._output_tail = ""
        self._last_output_line = ""

    @abstractmethod
    async def load_app(self, app: App, generation: int) -> BuildResult:
        """Build the app's code and evaluate it."""

    @abstractmethod
    async def _start_program(self, listener: Listener) -> HostProcess:
        """Start the host program. Raises OSError."""

    @abstractmethod
    def _load_problem(self, failure: wire.LoadFailure) -> Problem:
        """The problem of a module that does not load."""

    def _discard_build(self, generation: int) -> None:  # noqa: B027 - most have nothing to discard
        """Remove what `load` has made."""

    def invoke(self, invocation: Invocation) -> None:
        """Run a handler."""
        if self._host is None:
            self._pending_invocations.append(invocation)
            return
        self._send_start(self._placement.add_invocation(invocation))

    def _send_start(self, running: PlacedInvocation) -> None:
        invocation = running.invocation
        start = wire.Start(
            running.n,
            invocation.invocation_id,
            invocation.generation,
            invocation.instance,
            invocation.function,
            invocation.module_key,
            invocation.timeout_ms,
            invocation.event,
            invocation.context,
        )
        self._enqueue_line(wire.encode_for_thread(running.thread, start))

    def respond(self, request_id: int, response: AppResponse) -> None:
        """Answer a request of the app."""
        thread = self._placement.pop_request(request_id)
        if thread is not None and self._host is not None:
            answer = wire.Answer(
                request_id, response.status, response.body, response.headers, response.status_text
            )
            self._enqueue_line(wire.encode_for_thread(thread, answer))

    def abort_invocation(self, invocation_id: str) -> None:
        """Drop an invocation that the engine has timed out."""
        running = self._placement.remove_invocation(invocation_id)
        if running is None:
            self._pending_invocations = [
                w for w in self._pending_invocations if w.invocation_id != invocation_id
            ]
            return
        self._placement.forget_instance(running.invocation.generation, running.invocation.instance)
        if self._host is None or self._isolation.release_invocation(running):
            return
        abort_invocation = wire.encode_for_host(wire.Abort(running.thread, running.n))
        if self._clock.virtual:
            self._rounds.add_abort(abort_invocation)
        else:
            self._host.enqueue_line(abort_invocation)

    def retire_generation(self, generation: int) -> None:
        """Forget a generation."""
        if not self._loads.forget_generation(generation):
            return
        self._placement.forget_generation(generation)
        if self._host is not None:
            self._enqueue_line(wire.encode_for_host(wire.Retire(generation)))
        self._discard_build(generation)

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
        if self._host is not None and not self._clock.virtual:
            self._host.enqueue_line(self._time_line())

    def flush(self) -> None:
        """Send what has been collected."""
        if self._host is None:
            return
        if self._clock.virtual and not self._rounds.under_way:
            self._host.enqueue_line(self._rounds.start_round(self._clock.now()))
        self._host.flush()

    async def close(self) -> None:
        """End the host."""
        self._closed = True
        if self._restarting is not None:
            self._restarting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._restarting
        if self._host is not None:
            host, self._host = self._host, None
            await host.close()

    # --- loading

    async def _evaluate_modules(self, app: App, load: wire.Load) -> list[Problem]:
        """Have the host evaluate the modules; returns their problems."""
        if self._host is None:
            await self._start_host()
        self._loads.expect_answers(load)
        assert self._host is not None
        self._host.enqueue_line(wire.encode_for_host(load))
        self._host.flush()  # at once, whatever round is under way
        try:
            answers = await self._loads.wait_for_answers(load.generation, LOAD_SECONDS)
        except TimeoutError:
            if self._crashes:
                return [self._start_problem()]
            names = ", ".join(sorted({f.file for f in load.functions.values()}))
            message = f"{names} did not finish loading within {LOAD_SECONDS:.0f} s"
            hint = "Look for a loop or a wait at the top level of the module, outside functions."
            return [Problem(names.split(", ")[0], 1, 0, message, hint, rule="load")]
        for answer in answers:
            if answer.failure is not None:
                return [self._load_problem(answer.failure)]
        return export_problems(app, self.language, answers[0].modules)

    def _start_problem(self) -> Problem:
        """The problem of a host that crashes before it loads anything."""
        last_output = f": {self._last_output_line}" if self._last_output_line else ""
        message = f"the {self.program} process ends before it has loaded anything{last_output}"
        hint = "Look at the variables that are declared for the app, such as NODE_OPTIONS."
        return Problem("forge-emu.yml", 0, 0, message, hint, rule="load")

    async def _start_host(self) -> None:
        self._hosts_started += 1
        listener = Listener(self._receive, self._receive_output, self._on_host_exit, self._mask)
        self._rounds.reset()
        self._isolation.clear()
        self._host = await self._start_program(listener)
        self._host.enqueue_line(self._time_line())

    @property
    def _first_incarnation(self) -> int:
        """From here, ids of requests stay unique over all threads that ever run."""
        return self._hosts_started * 10_000

    def _time_line(self) -> bytes:
        now, speed = self._clock.now(), 0.0 if self._clock.virtual else 1.0
        return wire.encode_for_host(wire.Time(now, speed, self._clock.stop_at))

    def _enqueue_line(self, line: bytes) -> None:
        """Collect a line for the next flush."""
        if self._clock.virtual:
            self._rounds.add_line(line)
        elif self._host is not None:
            self._host.enqueue_line(line)

    def _send_order(self, order: wire.ToHost) -> None:
        """Send an order at once: later messages rely on its effect."""
        if self._host is not None:
            self._host.enqueue_line(wire.encode_for_host(order))
            self._host.flush()

    # --- messages of the host

    def _receive(self, messages: Sequence[wire.FromHost | str]) -> None:
        if self._clock.virtual:
            self._receive_round(messages)
        elif translated := self._inbox.translate_messages(messages):
            self._sink(translated)

    def _receive_round(self, messages: Sequence[wire.FromHost | str]) -> None:
        rounds, now = self._rounds, self._clock.now()
        was_busy = rounds.under_way
        translated = self._inbox.translate_messages(rounds.receive_messages(messages))
        if self.ends_rounds and any(isinstance(m, wire.ThreadEnded) for m in messages):
            rounds.abandon_round()
        if not rounds.under_way:
            delayed = self._inbox.translate_messages(
                rounds.take_delayed_messages(self._placement.start_order)
            )
            if rounds.ended_at > now:
                translated.append(DelayedMessages(rounds.ended_at, tuple(delayed)))
            else:
                translated += delayed
        if translated or was_busy != rounds.under_way:
            self._sink(translated)

    def _receive_output(self, text: str) -> None:
        self._output_tail = (self._output_tail + text)[-_MAX_OUTPUT_TAIL:]

    # --- when the host ends

    def _on_host_exit(self) -> None:
        """The process exited unasked: restart it and report."""
        self._host = None
        self._rounds.reset()
        self._crashes = 1 if self._inbox.invocation_ended else self._crashes + 1
        self._inbox.invocation_ended = False
        lost = [
            InvocationEnded(i, platform_error("the host process ended"))
            for i in self._placement.clear()
        ]
        notice = HostNotice(
            "warn", f"the {self.program} process ended and is started again{self._crash_reason()}"
        )
        if self._crashes % _MANY_CRASHES == 0:
            notice = HostNotice(
                "error",
                f"the {self.program} process ended {self._crashes} times in a row without "
                f"finishing one invocation; still trying{self._crash_reason()}",
            )
        output_lines = self._mask(self._output_tail).split("\n")
        self._last_output_line = next(
            (line[:200] for line in reversed(output_lines) if line.strip()), ""
        )
        self._output_tail = ""
        if not self._closed:
            self._restarting = asyncio.get_running_loop().create_task(self._restart())
            self._sink([notice, *lost])

    def _crash_reason(self) -> str:
        lines = [line.strip() for line in self._mask(self._output_tail).splitlines()]
        error_lines = [
            line for line in lines if "FATAL" in line or "Error" in line or "Fatal" in line
        ]
        return f" ({error_lines[0][:200]})" if error_lines else ""

    async def _restart(self) -> None:
        await asyncio.sleep(_RESTART_DELAYS[min(self._crashes, len(_RESTART_DELAYS)) - 1])
        while True:
            try:
                await self._start_host()
                break
            except OSError as e:
                reason = e.strerror or e
                self._sink([HostNotice("error", f"{self.program} cannot be started: {reason}")])
                await asyncio.sleep(_RESTART_DELAYS[-1])
        assert self._host is not None
        for load in self._loads.current_loads():
            self._host.enqueue_line(wire.encode_for_host(load))
        pending, self._pending_invocations = self._pending_invocations, []
        for invocation in pending:
            self.invoke(invocation)
        self.flush()
        if self._clock.virtual and not self._rounds.under_way:
            self._sink([])
