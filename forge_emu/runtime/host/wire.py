"""What goes over the pipes to a host and back, as data. `lines.py` writes and reads it. Pure."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from forge_emu.model import AuthProvider, ErrorReport, Instant, Json, Outcome, UnansweredRequest
from forge_emu.ports import SentRequestAnswered, SentRequestEnded

# --- to a thread


class Start(msgspec.Struct, frozen=True, tag="start", omit_defaults=True):
    """Run a handler. `n` is what the thread writes into its slot while the handler's code runs.

    In virtual time, where no timeout comes meanwhile, its code may go on for `patience_ms` of the
    processor's time without letting go, and for `io_patience_ms` of real time emulated time stands
    still for its files, connections and processes.
    `want_result` asks for the JSON text of what it returns, as its answer; `keep_result` asks for
    that text beside the outcome, `want_places` for the places of requests without an answer.
    """

    n: int
    id: str
    generation: int
    instance: str
    fn: str
    module_key: str
    timeout_ms: int
    patience_ms: int
    io_patience_ms: int
    event: Json
    context: Json
    want_result: bool = False
    keep_result: bool = False
    want_places: bool = False


class Lost(msgspec.Struct, frozen=True, tag="lost"):
    """A request that was made too late: it gets no answer, and nobody waits for one."""

    id: int


class Answer(msgspec.Struct, frozen=True, tag="answer"):
    """The answer to a request, as `ports.AppResponse`; `text` is the status text."""

    id: int
    status: int
    body: str
    headers: dict[str, str]
    text: str
    network: str = ""


# --- to the host


class HostFunction(msgspec.Struct, frozen=True):
    """Where a function's handler is; `log_lines` is how many lines the platform keeps of it."""

    file: str
    export: str
    log_lines: int
    memory_mb: int


class HostApp(msgspec.Struct, frozen=True):
    """What an app may learn about itself."""

    id: str
    version: str
    environment_id: str
    scopes: tuple[str, ...]
    external: dict[str, Json] = {}
    auth_providers: tuple[AuthProvider, ...] = ()


class Load(msgspec.Struct, frozen=True, tag="load"):
    """Evaluate the app's code: in every thread a bundle of scripts, or a folder of modules.

    `packaged` says that `bundle` is the folder of a manual package. Handlers run in the folder
    `deployed`; without one, in that of the app. `shared` are the names that the two parts of a
    bundle share. `entries` are the scripts that Forge's bundler made of handler files.
    """

    generation: int
    bundle: str
    root: str
    app: HostApp
    functions: dict[str, HostFunction]
    log_bytes: int
    packaged: bool = False
    deployed: str | None = None
    shared: tuple[str, ...] = ()
    entries: dict[str, str] = {}


class Retire(msgspec.Struct, frozen=True, tag="retire"):
    """Unload a generation of the code."""

    generation: int


class Renew(msgspec.Struct, frozen=True, tag="renew"):
    """Drop the instances of a generation, on which nothing runs; its code stays loaded."""

    generation: int


class Abort(msgspec.Struct, frozen=True, tag="abort"):
    """Drop an invocation and its instance."""

    thread: int
    n: int


class Time(msgspec.Struct, frozen=True, tag="time"):
    """The emulated instant, how fast it moves on by itself (0: not at all), and how far at most."""

    now: Instant
    speed: float
    stop_at: Instant | None = None


class Round(msgspec.Struct, frozen=True, tag="round"):
    """Virtual time: what was sent since the last one happens at `now`. Answered by `Idle`."""

    now: Instant


class Open(msgspec.Struct, frozen=True, tag="open"):
    """Start a thread for one instance."""

    thread: int


class TakeOver(msgspec.Struct, frozen=True, tag="take_over"):
    """The thread of an instance of `generation`, on which nothing runs, is for another one now."""

    thread: int
    generation: int


class Isolate(msgspec.Struct, frozen=True, tag="isolate"):
    """Leave a thread to the invocation that blocks it, as `apart`; a new one takes its place."""

    thread: int
    apart: int


class Release(msgspec.Struct, frozen=True, tag="release"):
    """End a thread: its invocation is over, or its instance is not needed any more."""

    thread: int


class EndHeard(msgspec.Struct, frozen=True, tag="end_heard"):
    """forge-emu has heard that a thread has ended; in real time only.

    Lines for the thread that came before were sent to one that was gone: the host has dropped them,
    and what they were to start is started again after this.
    """

    thread: int


ToThread: TypeAlias = Start | Answer | Lost
ToHost: TypeAlias = (
    Load | Retire | Renew | Abort | Time | Round | Open | TakeOver | Isolate | Release | EndHeard
)

# --- from the host


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """The host runs, in this version of its language."""

    version: str


class LoadFailure(msgspec.Struct, frozen=True):
    """A module's top level threw. `source` is the place in the app's files, where known."""

    file: str
    error: ErrorReport
    source: str | None = None
    line: int = 0
    column: int = 0


class Loaded(msgspec.Struct, frozen=True, tag="loaded"):
    """A thread has evaluated every module once.

    `modules` maps the files that load to their exports and these to their kinds.
    """

    thread: int
    generation: int
    modules: dict[str, dict[str, str]] = {}
    failures: tuple[LoadFailure, ...] = ()


class Begun(msgspec.Struct, frozen=True, tag="begun"):
    """A handler begins to run; said in real time only."""

    id: str


class Ended(msgspec.Struct, frozen=True, tag="ended"):
    """A handler has ended.

    `unanswered` has the first of the requests that were unanswered then, of which there are
    `unanswered_requests`.
    """

    id: str
    outcome: Outcome
    unanswered: tuple[UnansweredRequest, ...] = ()
    unanswered_requests: int = 0


class Request(msgspec.Struct, frozen=True, tag="request"):
    """The app called `__forge_fetch__`.

    `late` marks a request made after the invocation had ended; of such a one, and of one that
    writes to a product, `place` is the app's call as `file:line`, where known.
    """

    id: int
    thread: int
    invocation: str | None
    options: dict[str, Json]
    path: str
    method: str
    headers: dict[str, str]
    body: str | None
    late: bool = False
    place: str | None = None


class Printed(msgspec.Struct, frozen=True, tag="log"):
    """The app printed something."""

    id: str | None
    level: str
    message: str


class ThreadEnded(msgspec.Struct, frozen=True, tag="thread_ended"):
    """A thread is gone and has been replaced.

    `cause` is `stuck`, `out_of_memory`, `loading`, `error` or `exit`; `slot` the number of the
    invocation whose code ran last, 0 for none; `started` that of the one that began last.
    """

    thread: int
    cause: str
    slot: int
    message: str
    started: int = 0


class ThreadWaited(msgspec.Struct, frozen=True, tag="thread_waited"):
    """In real time: a thread was ready to run for `ms`, and this machine did other work.

    With `held_by` it was at work for that invocation, for `turn_ms` without a turn for the others.
    """

    thread: int
    ms: int
    held_by: int = 0
    turn_ms: int = 0


class IoGivenUp(msgspec.Struct, frozen=True, tag="io_given_up"):
    """In virtual time: what these invocations have under way outside was waited for in vain, and
    emulated time goes on."""

    invocations: tuple[str, ...]


class NeedsOwnThread(msgspec.Struct, frozen=True, tag="needs_own_thread"):
    """A function came near its memory, or keeps state in `globalThis`: others would share that.

    The instance of the invocation `stays` keeps the thread, on which it is alone. `keeps_state`
    says that there is something in `globalThis`.
    """

    fn: str
    stays: str | None = None
    keeps_state: bool = False


class Returned(msgspec.Struct, frozen=True, tag="returned"):
    """An invocation has not begun: its function needs a thread of its own."""

    id: str


class Parts(msgspec.Struct, frozen=True, tag="parts"):
    """Several threads take part in the round, one after the other."""


class PartEnded(msgspec.Struct, frozen=True, tag="part_ended"):
    """A thread has finished its part of the round, whose code took until `now`."""

    now: Instant


class Idle(msgspec.Struct, frozen=True, tag="idle"):
    """Nothing moves any more in the round, whose code took until `now`.

    `at` is when the first timer of a running invocation is due.
    """

    now: Instant
    at: Instant | None = None


class Racing(msgspec.Struct, frozen=True, tag="racing"):
    """Something real has begun in the round, or its code has taken time.

    From here to the end of the round, what comes first is chance, and `now` is not what it was.
    """


class ThreadBlocked(msgspec.Struct, frozen=True, tag="thread_blocked"):
    """The invocation `slot` has kept a thread from ending its turn for `ms`, told each second.

    `started` is the invocation that began there last.
    """

    thread: int
    slot: int = 0
    started: int = 0
    ms: int = 0


class Isolated(msgspec.Struct, frozen=True, tag="isolated"):
    """The old `thread` is `apart` now, with the invocation `slot`; `started` began there last."""

    thread: int
    apart: int
    slot: int
    started: int


FromHost: TypeAlias = (
    Ready
    | Loaded
    | Begun
    | Ended
    | Request
    | SentRequestEnded
    | SentRequestAnswered
    | Printed
    | ThreadEnded
    | ThreadBlocked
    | ThreadWaited
    | IoGivenUp
    | Isolated
    | NeedsOwnThread
    | Returned
    | Parts
    | PartEnded
    | Idle
    | Racing
)
