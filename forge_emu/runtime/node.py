"""The Node runtime: which invocation runs in which thread, and what becomes of it when one ends."""

from __future__ import annotations

import asyncio
import contextlib
import math
import shutil
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from forge_emu.errors import Problem
from forge_emu.model import (
    App,
    ErrorReport,
    Failed,
    Instant,
    Invocation,
    Outcome,
    OutOfMemory,
    PlatformError,
)
from forge_emu.ports import (
    AppRequest,
    AppResponse,
    Build,
    Clock,
    HostNotice,
    InvocationEnded,
    LogLine,
    Overtime,
    RuntimeMessage,
    Sink,
)
from forge_emu.runtime import wire
from forge_emu.runtime.bundle import bundle
from forge_emu.runtime.exports import export_problems, load_failure
from forge_emu.runtime.host import Host, HostSettings, Listener
from forge_emu.runtime.rounds import Rounds
from forge_emu.runtime.tools import Tools

LOAD_SECONDS = 15.0
"""Real seconds that the top level of all modules together may take."""

_HEAP_ALLOWANCE_MB = 256
"""Instances share the heap of their thread; this much is for what they share and for packages."""

_BUFFER_ALLOWANCE_MB = 512
_RESTART_DELAYS = (0.0, 0.1, 0.5, 1.0, 2.0, 5.0)
"""Real seconds before a host is started again, by the number of crashes in a row."""

_MANY_CRASHES = 5
_LAST = 1 << 31
"""Beyond every number of a running invocation."""

_PATIENCE_SECONDS = 0.5
"""Real seconds that a thread has to let go of an invocation whose deadline has come."""

_SIGKILL_MESSAGE = "Function was terminated with SIGKILL. This may indicate running out of memory."


@dataclass
class _Running:
    n: int
    invocation: Invocation
    thread: int


@dataclass
class _Loading:
    """A load under way: what each thread has answered."""

    done: asyncio.Future[None]
    answers: dict[int, wire.Loaded] = field(default_factory=dict)


class NodeRuntime:
    """Runs an app's JavaScript handlers. Implements `ports.Runtime`.

    `log_lines` (per minute of a function's timeout) and `log_kb` are what the platform keeps of
    the output of one invocation. In virtual time there is one thread, which is given up after
    `stuck_seconds` without the end of a turn, and for which time stands still for `io_seconds` at
    most while something real is under way.
    """

    def __init__(
        self,
        root: Path,
        tools: Tools,
        sink: Sink,
        *,
        build_dir: Path,
        seed: int,
        epoch_ms: int,
        clock: Clock,
        threads: int = 2,
        variables: Mapping[str, str] | None = None,
        log_lines: int = 100,
        log_kb: int = 200,
        stuck_seconds: float = 10.0,
        io_seconds: float = 60.0,
    ) -> None:
        self._root = root
        self._tools = tools
        self._sink = sink
        self._build_dir = build_dir
        self._seed = seed
        self._epoch_ms = epoch_ms
        self._clock = clock
        self._rounds = Rounds()
        self._threads = 1 if clock.virtual else threads
        self._stuck_seconds = stuck_seconds if clock.virtual else _PATIENCE_SECONDS
        self._io_seconds = io_seconds
        self._variables = dict(variables or {})
        self._log_lines = log_lines
        self._log_kb = log_kb
        self._memory_mb = 0
        self._host: Host | None = None
        self._restarting: asyncio.Task[None] | None = None
        self._hosts_started = 0
        self._crashes = 0
        self._closed = False
        self._loads: dict[int, wire.Load] = {}
        self._loading: dict[int, _Loading] = {}
        self._last_n = 0
        self._running: dict[str, _Running] = {}
        self._by_n: dict[int, _Running] = {}
        self._waiting: list[Invocation] = []
        self._instances: dict[tuple[int, str], int] = {}
        self._per_thread = [0] * self._threads
        self._request_threads: dict[int, int] = {}
        self._last_words = ""

    async def load(self, app: App, generation: int) -> Build:
        """Build the app's code and evaluate it in every thread."""
        folder = self._build_dir / f"g{generation}"
        built = await bundle(self._root, self._tools.esbuild.path, app, folder)
        if built.path is None:
            return Build(generation, built.problems)
        self._memory_mb = max(self._memory_mb, *(f.memory_mb for f in app.functions.values()))
        load = self._load_message(app, generation, built.path)
        problems = [*built.problems, *await self._load(app, load)]
        build = Build(generation, tuple(problems))
        if not build.ok:
            self.retire(generation)
            self.flush()
        return build

    def invoke(self, invocation: Invocation) -> None:
        """Run a handler."""
        if self._host is None:
            self._waiting.append(invocation)
            return
        thread = self._thread_for(invocation.generation, invocation.instance)
        self._last_n = self._last_n % (1 << 30) + 1
        running = _Running(self._last_n, invocation, thread)
        self._running[invocation.invocation_id] = running
        self._by_n[running.n] = running
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
        self._post(wire.for_thread(thread, start))

    def respond(self, request_id: int, response: AppResponse) -> None:
        """Answer a request of the app."""
        thread = self._request_threads.pop(request_id, None)
        if thread is not None and self._host is not None:
            answer = wire.Answer(
                request_id, response.status, response.body, response.headers, response.status_text
            )
            self._post(wire.for_thread(thread, answer))

    def abort(self, invocation_id: str) -> None:
        """Drop an invocation that the engine has timed out."""
        running = self._forget(invocation_id)
        if running is None:
            self._waiting = [w for w in self._waiting if w.invocation_id != invocation_id]
            return
        self._forget_instance(running.invocation.generation, running.invocation.instance)
        if self._host is None:
            return
        abort = wire.for_host(wire.Abort(running.thread, running.n))
        if self._clock.virtual:
            self._rounds.collect_abort(abort)
        else:
            self._host.send(abort)

    def retire(self, generation: int) -> None:
        """Forget a generation."""
        if self._loads.pop(generation, None) is None:
            return
        for key in [key for key in self._instances if key[0] == generation]:
            self._forget_instance(*key)
        if self._host is not None:
            self._post(wire.for_host(wire.Retire(generation)))
        shutil.rmtree(self._build_dir / f"g{generation}", ignore_errors=True)

    @property
    def busy(self) -> bool:
        """Whether a round is under way, or there is no host to begin one with."""
        return self._clock.virtual and (self._rounds.under_way or self._host is None)

    @property
    def next_timer(self) -> Instant | None:
        """When the first timer of a running handler is due, in virtual time."""
        return self._rounds.next_timer

    def retime(self) -> None:
        """Tell the handlers' clocks; those of virtual time hear of it with each round."""
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
        shutil.rmtree(self._build_dir, ignore_errors=True)

    # --- loading

    def _load_message(self, app: App, generation: int, path: Path) -> wire.Load:
        functions = {
            key: wire.HostFunction(f.file, f.export, self._lines_kept(f.timeout_ms))
            for key, f in app.functions.items()
            if f.language == "javascript"
        }
        # `@forge/api` makes the address out of the id again.
        app_id = app.id.rsplit("/", 1)[-1]
        # `@forge/api` up to 5 takes only UUIDs.
        environment = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{app.id}/environment/local"))
        about = wire.HostApp(app_id, f"{generation}.0.0", environment, app.scopes)
        return wire.Load(
            generation, str(path), str(self._root), about, functions, self._log_kb * 1024
        )

    def _lines_kept(self, timeout_ms: int | None) -> int:
        minutes = math.ceil((timeout_ms or 0) / 60_000) or 1
        return self._log_lines * minutes

    async def _load(self, app: App, load: wire.Load) -> list[Problem]:
        if self._host is None:
            await self._start_host()
        loading = _Loading(asyncio.get_running_loop().create_future())
        self._loads[load.generation] = load
        self._loading[load.generation] = loading
        assert self._host is not None
        self._host.send(wire.for_host(load))
        self._host.flush()  # at once, whatever round is under way
        try:
            await asyncio.wait_for(loading.done, LOAD_SECONDS)
        except TimeoutError:
            names = ", ".join(sorted({f.file for f in load.functions.values()}))
            message = f"{names} did not finish loading within {LOAD_SECONDS:.0f} s"
            hint = "Look for a loop or a wait at the top level of the module, outside functions."
            return [Problem(names.split(", ")[0], 1, 0, message, hint, rule="load")]
        finally:
            del self._loading[load.generation]
        answers = list(loading.answers.values())
        for answer in answers:
            if answer.failure is not None:
                return [load_failure(answer.failure)]
        return export_problems(app, "javascript", answers[0].modules)

    async def _start_host(self) -> None:
        self._hosts_started += 1
        timers = self._tools.fake_timers
        settings = HostSettings(
            threads=self._threads,
            heap_mb=self._memory_mb + _HEAP_ALLOWANCE_MB,
            resident_mb=self._threads * (self._memory_mb + _HEAP_ALLOWANCE_MB)
            + _BUFFER_ALLOWANCE_MB,
            # Ids of requests stay unique over all threads that ever run.
            first_incarnation=self._hosts_started * 10_000,
            seed=self._seed,
            epoch_ms=self._epoch_ms,
            virtual=self._clock.virtual,
            patience_ms=self._stuck_seconds * 1000,
            io_patience_ms=self._io_seconds * 1000,
            fake_timers=str(timers.path) if timers else None,
        )
        listener = Listener(self._receive, self._hear_output, self._host_ended)
        self._rounds.restart()
        self._host = await Host.start(
            self._tools.node.path, self._root, settings, listener, self._variables
        )
        self._host.send(self._time())

    def _time(self) -> bytes:
        now, speed = self._clock.now(), self._clock.speed or 0.0
        return wire.for_host(wire.Time(now, speed, self._clock.stop_at))

    def _post(self, line: bytes) -> None:
        """Collect a line for the next flush."""
        if self._clock.virtual:
            self._rounds.collect(line)
        elif self._host is not None:
            self._host.send(line)

    # --- what the host says

    def _receive(self, messages: Sequence[wire.FromHost | str]) -> None:
        if self._clock.virtual:
            self._receive_round(messages)
        elif heard := self._understand(messages):
            self._sink(heard)

    def _receive_round(self, messages: Sequence[wire.FromHost | str]) -> None:
        rounds, now = self._rounds, self._clock.now()
        was_busy = rounds.under_way
        heard = self._understand(rounds.hear(messages))
        if any(isinstance(m, wire.ThreadEnded) for m in messages):
            rounds.give_up()
        if not rounds.under_way:
            kept = self._understand(rounds.take(self._rank))
            if rounds.ended_at > now:
                heard.append(Overtime(rounds.ended_at, tuple(kept)))
            else:
                heard += kept
        if heard or was_busy != rounds.under_way:
            self._sink(heard)

    def _rank(self, invocation_id: str) -> int:
        running = self._running.get(invocation_id)
        return running.n if running is not None else _LAST

    def _understand(self, messages: Sequence[wire.FromHost | str]) -> list[RuntimeMessage]:
        heard: list[RuntimeMessage] = []
        for message in messages:
            match message:
                case wire.Ended(invocation_id, outcome):
                    self._ended(invocation_id, outcome, heard)
                case wire.Request():
                    self._requested(message, heard)
                case wire.Printed(invocation_id, level, text):
                    heard.append(LogLine(invocation_id, level, text))
                case wire.Loaded():
                    self._loaded(message)
                case wire.ThreadEnded():
                    self._thread_ended(message, heard)
                case wire.Ready() | wire.Idle() | wire.Racing():
                    pass
                case str():
                    heard.append(HostNotice("warn", f"not understood from the host: {message}"))
        return heard

    def _ended(self, invocation_id: str, outcome: Outcome, heard: list[RuntimeMessage]) -> None:
        if self._forget(invocation_id) is not None:
            self._crashes = 0
            heard.append(InvocationEnded(invocation_id, outcome))

    def _requested(self, request: wire.Request, heard: list[RuntimeMessage]) -> None:
        self._request_threads[request.id] = request.thread
        heard.append(
            AppRequest(
                request.id,
                request.invocation,
                request.options,
                request.path,
                request.method,
                request.headers,
                request.body,
                request.late,
            )
        )

    def _loaded(self, message: wire.Loaded) -> None:
        loading = self._loading.get(message.generation)
        if loading is None:
            return
        loading.answers[message.thread] = message
        if len(loading.answers) == self._threads and not loading.done.done():
            loading.done.set_result(None)

    def _thread_ended(self, ended: wire.ThreadEnded, heard: list[RuntimeMessage]) -> None:
        """The thread's invocations end with it: its culprit for its deed, the others blameless."""
        culprit = self._by_n.get(ended.slot)
        lost = [r for r in self._running.values() if r.thread == ended.thread]
        for running in lost:
            outcome = _blameless("another invocation brought its thread down")
            if running is culprit:
                outcome = _deed(ended)
            self._forget(running.invocation.invocation_id)
            if running is culprit and self._clock.virtual and ended.cause == "stuck":
                # Its deadline will come in its own time, and end it.
                continue
            heard.append(InvocationEnded(running.invocation.invocation_id, outcome))
        for key in [key for key, thread in self._instances.items() if thread == ended.thread]:
            self._forget_instance(*key)
        for request_id in [r for r, t in self._request_threads.items() if t == ended.thread]:
            del self._request_threads[request_id]

    def _hear_output(self, text: str) -> None:
        self._last_words = (self._last_words + text)[-2000:]

    def _host_ended(self) -> None:
        """The process is gone without having been asked: start another, and tell."""
        self._host = None
        self._rounds.restart()
        self._crashes += 1
        ended = [
            InvocationEnded(name, _blameless("the host process ended")) for name in self._running
        ]
        self._running.clear()
        self._by_n.clear()
        self._instances.clear()
        self._per_thread = [0] * self._threads
        self._request_threads.clear()
        notice = HostNotice("warn", f"the Node process ended and is started again{self._reason()}")
        if self._crashes % _MANY_CRASHES == 0:
            notice = HostNotice(
                "error",
                f"the Node process ended {self._crashes} times in a row without finishing one "
                f"invocation; still trying{self._reason()}",
            )
        self._last_words = ""
        if not self._closed:
            self._restarting = asyncio.get_running_loop().create_task(self._restart())
            self._sink([notice, *ended])

    def _reason(self) -> str:
        lines = [line.strip() for line in self._last_words.splitlines()]
        telling = [line for line in lines if "FATAL" in line or "Error" in line or "Fatal" in line]
        return f" ({telling[0][:200]})" if telling else ""

    async def _restart(self) -> None:
        await asyncio.sleep(_RESTART_DELAYS[min(self._crashes, len(_RESTART_DELAYS)) - 1])
        while True:
            try:
                await self._start_host()
                break
            except OSError as e:
                self._sink([HostNotice("error", f"Node cannot be started: {e.strerror or e}")])
                await asyncio.sleep(_RESTART_DELAYS[-1])
        assert self._host is not None
        for load in self._loads.values():
            self._host.send(wire.for_host(load))
        waiting, self._waiting = self._waiting, []
        for invocation in waiting:
            self.invoke(invocation)
        self.flush()
        if self._clock.virtual and not self._rounds.under_way:
            self._sink([])

    # --- books

    def _thread_for(self, generation: int, instance: str) -> int:
        key = (generation, instance)
        thread = self._instances.get(key)
        if thread is None:
            thread = min(range(self._threads), key=self._per_thread.__getitem__)
            self._instances[key] = thread
            self._per_thread[thread] += 1
        return thread

    def _forget_instance(self, generation: int, instance: str) -> None:
        thread = self._instances.pop((generation, instance), None)
        if thread is not None:
            self._per_thread[thread] -= 1

    def _forget(self, invocation_id: str) -> _Running | None:
        running = self._running.pop(invocation_id, None)
        if running is not None:
            del self._by_n[running.n]
        return running


def _blameless(why: str) -> Outcome:
    return PlatformError(ErrorReport("PlatformError", why))


def _deed(ended: wire.ThreadEnded) -> Outcome:
    """What the invocation whose code brought its thread down ends with."""
    if ended.cause == "out_of_memory":
        return OutOfMemory(ErrorReport("OutOfMemory", _SIGKILL_MESSAGE))
    if ended.cause in ("error", "exit"):
        first = ended.message.splitlines()[0] if ended.message else "its thread ended"
        return Failed(ErrorReport("Error", first))
    # Its own deadline has not come: it ends by itself when it is delivered again.
    return _blameless("it kept its thread from answering")
