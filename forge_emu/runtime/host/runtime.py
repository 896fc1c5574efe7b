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
    HostNotice,
    InvocationEnded,
    DelayedMessages,
    MessageSink,
)
from forge_emu.runtime.host import wire
from forge_emu.runtime.host.crash_outcomes import blameless
from forge_emu.runtime.host.environment import needed
from forge_emu.runtime.host.exports import export_problems
from forge_emu.runtime.host.inbox import Hearing
from forge_emu.runtime.host.isolation import Isolation
from forge_emu.runtime.host.loading import Loads, LogLimits
from forge_emu.runtime.host.placement import Books, Running
from forge_emu.runtime.host.process import Host, Listener
from forge_emu.runtime.host.rounds import Rounds

LOAD_SECONDS = 15.0
"""Real seconds that the top level of all modules together may take."""

_RESTART_DELAYS = (0.0, 0.1, 0.5, 1.0, 2.0, 5.0)
"""Real seconds before a host is started again, by the number of crashes in a row."""

_MANY_CRASHES = 5

_LAST_WORDS = 20_000
"""Characters that are kept of what a host's process itself prints."""

PATIENCE_SECONDS = 0.5
"""Real seconds that a thread has to end an invocation whose deadline has passed."""


class HostedRuntime(ABC):
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
        books: Books,
        environment: Mapping[str, str] | None = None,
        masked: Callable[[str], str] = str,
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
        self._books = books
        self._environment = needed(os.environ) if environment is None else dict(environment)
        self._masked = masked
        self._stuck_seconds = stuck_seconds if clock.virtual else PATIENCE_SECONDS
        self._io_seconds = io_seconds
        self._rounds = Rounds()
        self._host: Host | None = None
        self._restarting: asyncio.Task[None] | None = None
        self._hosts_started = 0
        self._crashes = 0
        self._closed = False
        self._loads = Loads(root, self.language, threads, LogLimits(log_lines, log_kb))
        self._isolation = Isolation(books, self._order, self._start)
        self._hearing = Hearing(books, self._loads.hear, self._isolation, clock.virtual)
        self._waiting: list[Invocation] = []
        self._last_words = ""
        self._last_line = ""

    @abstractmethod
    async def load_app(self, app: App, generation: int) -> BuildResult:
        """Build the app's code and evaluate it."""

    @abstractmethod
    async def _start_program(self, listener: Listener) -> Host:
        """Start the host program. Raises OSError."""

    @abstractmethod
    def _load_failure(self, failure: wire.LoadFailure) -> Problem:
        """The problem of a module that does not load."""

    def _discard(self, generation: int) -> None:  # noqa: B027 - most have nothing to discard
        """Remove what `load` has made."""

    def invoke(self, invocation: Invocation) -> None:
        """Run a handler."""
        if self._host is None:
            self._waiting.append(invocation)
            return
        self._start(self._books.enter(invocation))

    def _start(self, running: Running) -> None:
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
        self._post(wire.for_thread(running.thread, start))

    def respond(self, request_id: int, response: AppResponse) -> None:
        """Answer a request of the app."""
        thread = self._books.answer(request_id)
        if thread is not None and self._host is not None:
            answer = wire.Answer(
                request_id, response.status, response.body, response.headers, response.status_text
            )
            self._post(wire.for_thread(thread, answer))

    def abort_invocation(self, invocation_id: str) -> None:
        """Drop an invocation that the engine has timed out."""
        running = self._books.leave(invocation_id)
        if running is None:
            self._waiting = [w for w in self._waiting if w.invocation_id != invocation_id]
            return
        self._books.forget_instance(running.invocation.generation, running.invocation.instance)
        if self._host is None or self._isolation.let_go(running):
            return
        abort = wire.for_host(wire.Abort(running.thread, running.n))
        if self._clock.virtual:
            self._rounds.collect_abort(abort)
        else:
            self._host.send(abort)

    def retire_generation(self, generation: int) -> None:
        """Forget a generation."""
        if not self._loads.forget(generation):
            return
        self._books.forget_generation(generation)
        if self._host is not None:
            self._post(wire.for_host(wire.Retire(generation)))
        self._discard(generation)

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
            self._host.send(self._time())

    def flush(self) -> None:
        """Send what has been collected."""
        if self._host is None:
            return
        if self._clock.virtual and not self._rounds.under_way:
            self._host.send(self._rounds.begin(self._clock.now()))
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

    async def _evaluate(self, app: App, load: wire.Load) -> list[Problem]:
        """Have the host evaluate the modules; returns their problems."""
        if self._host is None:
            await self._start_host()
        self._loads.begin(load)
        assert self._host is not None
        self._host.send(wire.for_host(load))
        self._host.flush()  # at once, whatever round is under way
        try:
            answers = await self._loads.answers(load.generation, LOAD_SECONDS)
        except TimeoutError:
            if self._crashes:
                return [self._no_start()]
            names = ", ".join(sorted({f.file for f in load.functions.values()}))
            message = f"{names} did not finish loading within {LOAD_SECONDS:.0f} s"
            hint = "Look for a loop or a wait at the top level of the module, outside functions."
            return [Problem(names.split(", ")[0], 1, 0, message, hint, rule="load")]
        for answer in answers:
            if answer.failure is not None:
                return [self._load_failure(answer.failure)]
        return export_problems(app, self.language, answers[0].modules)

    def _no_start(self) -> Problem:
        """The problem of a host that crashes before it loads anything."""
        said = f": {self._last_line}" if self._last_line else ""
        message = f"the {self.program} process ends before it has loaded anything{said}"
        hint = "Look at the variables that are declared for the app, such as NODE_OPTIONS."
        return Problem("forge-emu.yml", 0, 0, message, hint, rule="load")

    async def _start_host(self) -> None:
        self._hosts_started += 1
        listener = Listener(self._receive, self._hear_output, self._host_ended, self._masked)
        self._rounds.restart()
        self._isolation.clear()
        self._host = await self._start_program(listener)
        self._host.send(self._time())

    @property
    def _first_incarnation(self) -> int:
        """From here, ids of requests stay unique over all threads that ever run."""
        return self._hosts_started * 10_000

    def _time(self) -> bytes:
        now, speed = self._clock.now(), self._clock.speed or 0.0
        return wire.for_host(wire.Time(now, speed, self._clock.stop_at))

    def _post(self, line: bytes) -> None:
        """Collect a line for the next flush."""
        if self._clock.virtual:
            self._rounds.collect(line)
        elif self._host is not None:
            self._host.send(line)

    def _order(self, order: wire.ToHost) -> None:
        """Send an order at once: later messages rely on its effect."""
        if self._host is not None:
            self._host.send(wire.for_host(order))
            self._host.flush()

    # --- messages of the host

    def _receive(self, messages: Sequence[wire.FromHost | str]) -> None:
        if self._clock.virtual:
            self._receive_round(messages)
        elif heard := self._hearing.understand(messages):
            self._sink(heard)

    def _receive_round(self, messages: Sequence[wire.FromHost | str]) -> None:
        rounds, now = self._rounds, self._clock.now()
        was_busy = rounds.under_way
        heard = self._hearing.understand(rounds.hear(messages))
        if self.ends_rounds and any(isinstance(m, wire.ThreadEnded) for m in messages):
            rounds.give_up()
        if not rounds.under_way:
            kept = self._hearing.understand(rounds.take(self._books.rank))
            if rounds.ended_at > now:
                heard.append(DelayedMessages(rounds.ended_at, tuple(kept)))
            else:
                heard += kept
        if heard or was_busy != rounds.under_way:
            self._sink(heard)

    def _hear_output(self, text: str) -> None:
        self._last_words = (self._last_words + text)[-_LAST_WORDS:]

    # --- when the host ends

    def _host_ended(self) -> None:
        """The process exited unasked: restart it and report."""
        self._host = None
        self._rounds.restart()
        self._crashes = 1 if self._hearing.finished else self._crashes + 1
        self._hearing.finished = False
        lost = [
            InvocationEnded(i, blameless("the host process ended")) for i in self._books.clear()
        ]
        notice = HostNotice(
            "warn", f"the {self.program} process ended and is started again{self._reason()}"
        )
        if self._crashes % _MANY_CRASHES == 0:
            notice = HostNotice(
                "error",
                f"the {self.program} process ended {self._crashes} times in a row without "
                f"finishing one invocation; still trying{self._reason()}",
            )
        said = self._masked(self._last_words).split("\n")
        self._last_line = next((line[:200] for line in reversed(said) if line.strip()), "")
        self._last_words = ""
        if not self._closed:
            self._restarting = asyncio.get_running_loop().create_task(self._restart())
            self._sink([notice, *lost])

    def _reason(self) -> str:
        lines = [line.strip() for line in self._masked(self._last_words).splitlines()]
        telling = [line for line in lines if "FATAL" in line or "Error" in line or "Fatal" in line]
        return f" ({telling[0][:200]})" if telling else ""

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
        for load in self._loads.all():
            self._host.send(wire.for_host(load))
        waiting, self._waiting = self._waiting, []
        for invocation in waiting:
            self.invoke(invocation)
        self.flush()
        if self._clock.virtual and not self._rounds.under_way:
            self._sink([])
