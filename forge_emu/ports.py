"""What the emulator's loop needs of a clock and of a runtime."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Final, Literal, Protocol, TypeAlias

import msgspec

from forge_emu.errors import Problem
from forge_emu.model import (
    App,
    Instant,
    Invocation,
    Json,
    Millis,
    Outcome,
    RemoteCall,
    UnansweredRequest,
)


class Clock(Protocol):
    """Emulated time, in milliseconds since the run began."""

    @property
    def virtual(self) -> bool:
        """Whether time moves only by `skip_to`, which the emulator's loop calls."""
        ...

    @property
    def speed(self) -> float | None:
        """Emulated milliseconds per real millisecond; None in virtual time that never waits."""
        ...

    @property
    def stop_at(self) -> Instant | None:
        """The instant beyond which time does not move by itself."""
        ...

    @property
    def paused(self) -> bool:
        """Whether time stands still until it is moved or resumed."""
        ...

    def now(self) -> Instant:
        """The present instant; never goes back."""
        ...

    @property
    def measured_speed(self) -> float | None:
        """The speed that this machine reaches, where `speed` asks for more; None while unknown."""
        ...

    def shown(self) -> Instant:
        """The present for people: between two moves it flows, where `now` stands."""
        ...

    def catch_up(self) -> None:
        """Move the present to where it is shown, because something comes from outside."""
        ...

    def flow_until(self, instant: Instant | None) -> None:
        """Nothing happens before `instant`; None where nothing is due at all."""
        ...

    def real_delay(self, deadline: Instant) -> float:
        """Real seconds until `deadline`; 0 when it has come, infinite where it never comes."""
        ...

    def skip_to(self, instant: Instant) -> None:
        """Move the present forward to `instant`; does nothing when that has passed."""
        ...

    def stop(self, at: Instant) -> None:
        """Let time stand still from `at` on, which may be the present."""
        ...

    def resume(self) -> None:
        """Let time go on from the present."""
        ...

    def change_speed(self, speed: float) -> None:
        """Go on from the present at another speed. Raises ValueError where there is none."""
        ...


class AppRequest(msgspec.Struct, frozen=True):
    """One call through `__forge_fetch__`, as the host saw it.

    `request_id` is the host's, unique per host. `service` is `options.type/provider/remote` as
    given. `late` marks a call made after its invocation had ended; of such a one, and of one that
    writes to a product, `place` is the app's own call as `file:line`, where the stack says.
    """

    request_id: int
    invocation_id: str | None
    options: dict[str, Json]
    path: str
    method: str
    headers: dict[str, str]
    body: str | None
    late: bool = False
    place: str | None = None


_WORDS: Final = {int(status): status.phrase for status in HTTPStatus}


class AppResponse(msgspec.Struct, frozen=True):
    """The answer to an `AppRequest`: what the app's `Response` object will hold.

    `status_text` None stands for the words of HTTP for the status.
    `network` is for requests to the outside: `send` lets the host send it to its address, for at
    most as many seconds as `body` says, and say how that ended; `fail` fails it with `body` as the
    message; `remote` has forge-emu itself make the call `remote`, and answer with what comes of it.
    """

    status: int
    body: str = ""
    headers: dict[str, str] = {}
    status_text: str | None = None
    network: Literal["", "send", "fail", "remote"] = ""
    remote: RemoteCall | None = None

    @property
    def reason(self) -> str:
        """`status_text`, or the words of HTTP; empty for a status that has none."""
        return _WORDS.get(self.status, "") if self.status_text is None else self.status_text


class SentRequestEnded(msgspec.Struct, frozen=True, tag="sent_ended"):
    """A request that a host has sent to its address was answered, or failed; as the host says it.

    `duration_ms` is emulated time; `timed_out` says that the platform's limit ended it.
    """

    invocation_id: str | None
    method: str
    url: str
    status: int | None
    duration_ms: int
    error: str | None = None
    timed_out: bool = False


class SentRequestAnswered(msgspec.Struct, frozen=True, tag="sent_answered"):
    """The body of the answer to a request that a host has sent to its address, for an invocation of
    which payloads are kept. `body` is its text; that of a long one is `cut`."""

    invocation_id: str | None
    method: str
    url: str
    body: str
    cut: bool = False


class RemoteAnswered(msgspec.Struct, frozen=True):
    """A remote has answered a request of a function, or not: what the function gets."""

    request_id: int
    response: AppResponse


class InvocationBegun(msgspec.Struct, frozen=True):
    """A handler begins to run now, in real time: this machine had a thread for it."""

    invocation_id: str


class InvocationHeldUp(msgspec.Struct, frozen=True):
    """In real time: a handler was ready to run for `ms`, and this machine did other work."""

    invocation_id: str
    ms: Millis


class InvocationEnded(msgspec.Struct, frozen=True):
    """A handler's run ended, as the host saw it.

    `unanswered` has the first of the requests that were unanswered then, of which there are
    `unanswered_requests`.
    """

    invocation_id: str
    outcome: Outcome
    unanswered: tuple[UnansweredRequest, ...] = ()
    unanswered_requests: int = 0


class LogLine(msgspec.Struct, frozen=True):
    """A line of `console.*`, stdout or stderr. `level` is debug, info, warn or error."""

    invocation_id: str | None
    level: str
    message: str


class HostNotice(msgspec.Struct, frozen=True):
    """Something about the runtime itself that the user should read (a host was restarted)."""

    level: str
    message: str


class DelayedMessages(msgspec.Struct, frozen=True):
    """Virtual time: messages sent by code that kept its thread busy until `at`."""

    at: Instant
    messages: tuple[RuntimeMessage, ...]


RuntimeMessage: TypeAlias = (
    AppRequest
    | SentRequestEnded
    | SentRequestAnswered
    | RemoteAnswered
    | InvocationBegun
    | InvocationHeldUp
    | InvocationEnded
    | LogLine
    | HostNotice
    | DelayedMessages
)
MessageSink: TypeAlias = Callable[[Sequence[RuntimeMessage]], None]
"""Receives the messages of a runtime, on the loop's thread, in order, in batches."""


class BuildResult(msgspec.Struct, frozen=True):
    """The outcome of building and loading an app's code once.

    `unloaded` are the functions that do not load, each with the one of `problems` that is to blame,
    where others do. With an error and none of these nothing was loaded, and the previous generation
    goes on. `inputs` are the paths of all files that the code was made of, `sources` the app's own
    among them, relative to the app; None where that is not known.
    """

    generation: int
    problems: tuple[Problem, ...]
    unloaded: dict[str, Problem] = {}
    inputs: tuple[str, ...] | None = None
    sources: tuple[str, ...] | None = None

    @property
    def ok(self) -> bool:
        """Whether code was loaded."""
        return bool(self.unloaded) or not any(p.severity == "error" for p in self.problems)


class Runtime(Protocol):
    """Runs handlers. Everything but `load` and `close` returns at once and is sent in batches.

    In virtual time a flush begins a round: the runtime is busy until nothing moves any more in its
    handlers, and then says everything they said in one go, if only an empty batch. Nothing is
    flushed while it is busy.
    """

    @property
    def busy(self) -> bool:
        """Whether, in virtual time, a round is under way; never otherwise."""
        ...

    @property
    def tells_begin(self) -> bool:
        """Whether the sink gets an InvocationBegun for every invocation, as in real time.

        In virtual time an invocation begins when it is started.
        """
        ...

    @property
    def next_timer_due(self) -> Instant | None:
        """When, in virtual time, the first timer of a running handler is due.

        A flush at that instant lets it fire.
        """
        ...

    async def load_app(self, app: App, generation: int) -> BuildResult:
        """Build the app's code and evaluate it once in every host; the old one stays loaded.

        Reports syntax errors, missing modules and missing exports as problems.
        """
        ...

    def invoke(self, invocation: Invocation) -> None:
        """Run a handler on the instance named in `invocation`, creating the instance if need be.

        The sink gets exactly one InvocationEnded for it, whatever happens, unless it is aborted.
        """
        ...

    def respond(self, request_id: int, response: AppResponse) -> None:
        """Answer a request of the app. Answers to a vanished invocation are ignored."""
        ...

    def lose_request(self, request_id: int) -> None:
        """A request of the app is lost: it gets no answer, and the host may forget it."""
        ...

    def abort_invocation(self, invocation_id: str) -> None:
        """End an invocation that the engine has timed out; no InvocationEnded follows for it.

        Its instance is gone with it. If its thread does not answer, the thread is ended and its
        other invocations end with PlatformError.
        """
        ...

    def retire_generation(self, generation: int) -> None:
        """Forget a generation's code and instances once nothing runs on them."""
        ...

    def renew_instances(self, generation: int) -> None:
        """Drop the instances of a generation on which nothing runs; its code stays loaded."""
        ...

    def sync_clock(self) -> None:
        """The clock was moved, stopped or given another speed: update the handlers' clocks."""
        ...

    def flush(self) -> None:
        """Send what has been collected since the last call."""
        ...

    async def close(self) -> None:
        """End the hosts. Returns when their processes are gone."""
        ...
