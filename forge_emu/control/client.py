"""The HTTP client of the commands for a running emulator's control API."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from forge_emu.control.calls.contract import WebTriggerState
from forge_emu.control.contract import (
    BatchStatus,
    ClockOrder,
    ClockState,
    TriggerOrder,
    TriggerReceipt,
)
from forge_emu.control.local_http import httpx, local_http_client
from forge_emu.control.schedules.contract import (
    ScheduleOrder,
    SchedulePause,
    SchedulePauseReceipt,
    ScheduleState,
    StartedCall,
)
from forge_emu.control.session import Session, find_session, start_command
from forge_emu.errors import ForgeEmuError, NoEmulatorError, NotFoundError, UserError
from forge_emu.model import Instant, Json

_ANSWER_SECONDS = 30.0
_Answer = TypeVar("_Answer")


class Status(msgspec.Struct, frozen=True):
    """What the commands read of the emulator's status."""

    app_id: str
    now: Instant
    last_seq: int
    journal: str = ""
    """Emulators with the same one number their records in one sequence."""
    triggers: dict[str, list[str]] = {}


class Client:
    """A client for the emulator of one session. Close it, or use it in a `with`."""

    def __init__(self, session: Session, transport: httpx.BaseTransport | None = None) -> None:
        self.session = session
        self._http = local_http_client(
            base_url=session.url,
            headers={"authorization": f"Bearer {session.token}"},
            answer_seconds=_ANSWER_SECONDS,
            transport=transport,
        )

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection to the emulator."""
        self._http.close()

    def status(self) -> Status:
        """Who the emulator is and how it is going."""
        return self._call("GET", "/v1/status", Status)

    def triggers(self) -> dict[str, list[str]]:
        """The events that the app listens to, with the keys of their triggers."""
        return self.status().triggers

    def trigger(self, order: TriggerOrder) -> TriggerReceipt:
        """Send product events. Raises UserError for what cannot be said in JSON."""
        content = encode_order(order, "the payload", "--set and --data")
        return self._call("POST", "/v1/trigger", TriggerReceipt, content)

    def batch_status(self, batch: str) -> BatchStatus:
        """How far an order is."""
        return self._call("GET", f"/v1/batches/{batch}", BatchStatus)

    def batch_summary(self, batch: str) -> Any:
        """The summary of an order."""
        return self._call("GET", f"/v1/batches/{batch}/summary", dict[str, Json])

    def schedules(self) -> list[ScheduleState]:
        """The scheduled triggers of the app."""
        return self._call("GET", "/v1/schedules", list[ScheduleState])

    def run_schedule(self, key: str) -> StartedCall:
        """Run a scheduled trigger now. Raises UserError where there is none of this key."""
        order = msgspec.json.encode(ScheduleOrder(key))
        return self._call("POST", "/v1/schedules", StartedCall, order)

    def pause_schedules(self, order: SchedulePause) -> SchedulePauseReceipt:
        """Pause or resume scheduled triggers. Raises UserError where there is none of its key."""
        text = msgspec.json.encode(order)
        return self._call("POST", "/v1/schedules/pause", SchedulePauseReceipt, text)

    def web_triggers(self) -> list[WebTriggerState]:
        """The web triggers of the app, with their addresses."""
        return self._call("GET", "/v1/web-triggers", list[WebTriggerState])

    def clock_state(self) -> ClockState:
        """Where emulated time stands."""
        return self._call("GET", "/v1/clock", ClockState)

    def set_clock(self, order: ClockOrder) -> ClockState:
        """Move, stop or change emulated time; moving goes on after the answer."""
        return self._call("POST", "/v1/clock", ClockState, msgspec.json.encode(order))

    def request(
        self,
        method: str,
        path: str,
        kind: type[_Answer],
        *,
        query: dict[str, Any] | None = None,
        content: bytes | None = None,
        waits: bool = False,
    ) -> _Answer:
        """Send any other request; `waits`: the answer may take any time. Raises UserError for what
        the emulator refuses."""
        return self._call(method, path, kind, content, query, waits=waits)

    @contextmanager
    def stream_records(self, query: dict[str, Any]) -> Iterator[Iterator[bytes]]:
        """A stream of lines, one record each. Raises NoEmulatorError when it breaks off."""
        try:
            timeout = httpx.Timeout(_ANSWER_SECONDS, read=None)
            with self._http.stream("GET", "/v1/records", params=query, timeout=timeout) as answer:
                if answer.status_code != 200:
                    answer.read()
                    raise self._refusal_error(answer)
                yield _iter_lines(answer)
        except httpx.HTTPError:
            raise self._no_answer_error() from None

    def _call(
        self,
        method: str,
        path: str,
        kind: type[_Answer],
        content: bytes | None = None,
        query: dict[str, Any] | None = None,
        *,
        waits: bool = False,
    ) -> _Answer:
        timeout = httpx.Timeout(_ANSWER_SECONDS, read=None) if waits else httpx.USE_CLIENT_DEFAULT
        try:
            answer = self._http.request(
                method, path, content=content, params=query, timeout=timeout
            )
        except httpx.HTTPError:
            raise self._no_answer_error() from None
        if answer.status_code != 200:
            raise self._refusal_error(answer)
        try:
            return msgspec.json.decode(answer.content, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise self._wrong_emulator_error() from None

    def _refusal_error(self, answer: httpx.Response) -> ForgeEmuError:
        try:
            error = msgspec.json.decode(answer.content, type=_ErrorAnswer).error
        except (msgspec.DecodeError, UnicodeDecodeError):
            return self._wrong_emulator_error()
        if answer.status_code == 401:
            return self._wrong_emulator_error()
        kind = NotFoundError if answer.status_code == 404 else UserError
        return (ForgeEmuError if answer.status_code >= 500 else kind)(error.message, error.hint)

    def _no_answer_error(self) -> NoEmulatorError:
        return NoEmulatorError(
            f"no emulator answers at {self.session.url} (pid {self.session.pid})",
            f"Start one with: {start_command(Path(self.session.app))}",
        )

    def _wrong_emulator_error(self) -> NoEmulatorError:
        return NoEmulatorError(
            f"what answers at {self.session.url} is not the emulator of {self.session.app}",
            f"Start it with: {start_command(Path(self.session.app))}",
        )


def encode_order(order: msgspec.Struct, what: str, look_at: str | None = None) -> bytes:
    """`order` as JSON. Raises UserError for what of it, in words, cannot be said in JSON; `look_at`
    are the options that it came by."""
    try:
        return msgspec.json.encode(order)
    except (UnicodeError, OverflowError, RecursionError) as error:
        needs = "must be UTF-8, numbers within 64 bits, and the nesting not too deep."
        hint = f"Text {needs}" if look_at is None else f"Look at {look_at}: text {needs}"
        raise UserError(f"{what} cannot be sent as JSON: {error}", hint) from None


class _ErrorText(msgspec.Struct):
    message: str
    hint: str | None = None


class _ErrorAnswer(msgspec.Struct):
    error: _ErrorText


def _iter_lines(answer: httpx.Response) -> Iterator[bytes]:
    """Lines end at newlines alone; httpx would end them at U+2028 and the like as well."""
    rest = b""
    for chunk in answer.iter_bytes():
        *lines, rest = (rest + chunk).split(b"\n")
        yield from lines
    if rest:
        raise httpx.RemoteProtocolError("the stream broke off within a line")


def connect_client(start: Path) -> Client:
    """A client for the app at `start` or above it, whose emulator answers.

    Raises NoEmulatorError, UserError.
    """
    if not start.is_dir():
        raise UserError(f"there is no directory {str(start)!r}", "Give the app's directory.")
    client = Client(find_session(start.resolve()))
    try:
        client.status()
    except BaseException:
        client.close()
        raise
    return client
