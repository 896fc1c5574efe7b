"""How the commands talk to a running emulator."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec

from forge_emu.control.contract import BatchStatus, TriggerOrder, TriggerReceipt
from forge_emu.control.session import Session, find
from forge_emu.errors import ForgeEmuError, NoEmulatorError, UserError
from forge_emu.model import Json

_ANSWER_SECONDS = 30.0


class Client:
    """Speaks to the emulator of one session. Close it, or use it in a `with`."""

    def __init__(self, session: Session, transport: httpx.BaseTransport | None = None) -> None:
        self.session = session
        self._http = httpx.Client(
            base_url=session.url,
            headers={"authorization": f"Bearer {session.token}"},
            timeout=httpx.Timeout(_ANSWER_SECONDS, connect=5.0),
            # A proxy of the machine has no business with 127.0.0.1.
            trust_env=False,
            transport=transport,
        )

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    def status(self) -> Json:
        """Who the emulator is and how it is going."""
        return self._call("GET", "/v1/status")

    def trigger(self, order: TriggerOrder) -> TriggerReceipt:
        """Send product events."""
        answer = self._call("POST", "/v1/trigger", msgspec.json.encode(order))
        return msgspec.convert(answer, TriggerReceipt)

    def batch(self, batch: str) -> BatchStatus:
        """How far an order is."""
        return msgspec.convert(self._call("GET", f"/v1/batches/{batch}"), BatchStatus)

    def batch_summary(self, batch: str) -> Json:
        """The summary of an order."""
        return self._call("GET", f"/v1/batches/{batch}/summary")

    @contextmanager
    def records(self, query: dict[str, Any]) -> Iterator[Iterator[str]]:
        """A stream of lines, one record each, that ends when the emulator does."""
        try:
            timeout = httpx.Timeout(_ANSWER_SECONDS, read=None)
            with self._http.stream("GET", "/v1/records", params=query, timeout=timeout) as answer:
                if answer.status_code != 200:
                    answer.read()
                    raise _refusal(answer)
                yield answer.iter_lines()
        except httpx.TransportError:
            raise _gone(self.session) from None

    def _call(self, method: str, path: str, content: bytes | None = None) -> Json:
        try:
            answer = self._http.request(method, path, content=content)
        except httpx.TransportError:
            raise _gone(self.session) from None
        if answer.status_code != 200:
            raise _refusal(answer)
        return msgspec.json.decode(answer.content)


def connect(start: Path) -> Client:
    """A client for the app at `start` or above it, whose emulator answers.

    Raises NoEmulatorError, UserError.
    """
    if not start.is_dir():
        raise UserError(f"there is no directory {str(start)!r}", "Give the app's directory.")
    client = Client(find(start.resolve()))
    try:
        client.status()
    except BaseException:
        client.close()
        raise
    return client


def _gone(session: Session) -> NoEmulatorError:
    return NoEmulatorError(
        f"no emulator answers at {session.url} (pid {session.pid})",
        "Start one with: forge-emu run",
    )


def _refusal(answer: httpx.Response) -> ForgeEmuError:
    try:
        error = msgspec.json.decode(answer.content)["error"]
        message, hint = str(error["message"]), error.get("hint")
    except (msgspec.DecodeError, KeyError, TypeError):
        message, hint = f"the emulator answered with status {answer.status_code}", None
    if answer.status_code == 401:
        return NoEmulatorError(f"another program answers at {answer.url.host}: {message}", hint)
    return (ForgeEmuError if answer.status_code >= 500 else UserError)(message, hint)
