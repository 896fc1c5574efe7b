"""An instance's connection to the host: outgoing and incoming messages.

A line begins with the letter of its kind. In: `I` index, `M` message of forge-emu, `T` time,
`R` round. Out: `B` begun, `E` ended, `Q` request, `L` log, `O` loaded, `W` waiting, `G` gives up
waiting for what is real.
"""

from __future__ import annotations

import json
import math
import os
import select
import socket
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from forge_emu.sdk.json_text import json_text

from ..shared.line_pipes import LineReader
from .clock import InstanceClock
from .waiting import WaitCoordinator

_UNREACHABLE: Final = 74
_LONGEST_POLL_MS: Final = 3_600_000
Json = Any


class Channel:
    """The connection, and the callbacks for the answers that are expected on it."""

    def __init__(
        self, connection: socket.socket, clock: InstanceClock, waits: WaitCoordinator
    ) -> None:
        self.index = -1
        self.answers_delivered = 0
        """Counts answers given to code on event loops."""
        self.pending_starts: deque[dict[str, Json]] = deque()
        self.on_start: Callable[[], object] = lambda: None
        """Called when an invocation is to start."""
        self.on_lost: Callable[[int], None] = lambda request_id: None
        """Called with a request that gets no answer."""
        self.timers_end: float = math.inf
        """In virtual time: waits that end later than this emulated instant hold no time."""
        self._connection = connection
        self._fd = connection.fileno()
        self._clock = clock
        self._waits = waits
        self._reader = LineReader(self._receive)
        self._write_lock = threading.Lock()
        self._pid = os.getpid()
        self._inbox: deque[bytes] = deque()
        self._answers: dict[int, Callable[[dict[str, Json]], None]] = {}
        self._rounds_received = 0
        waits.source = self
        waits.on_io_given_up = lambda: self.send(b"G")

    @property
    def fd(self) -> int:
        """The descriptor that becomes readable when something comes in."""
        return self._fd

    @property
    def is_instance(self) -> bool:
        """Whether this process is the instance, and no child that a handler has forked."""
        return os.getpid() == self._pid

    def send(self, kind: bytes, message: Json = None) -> None:
        """Send a message to the host, at once."""
        text = b"" if message is None else json_text(message).encode()
        with self._write_lock:
            if not self.is_instance:
                return
            try:
                self._connection.sendall(b"%b%b\n" % (kind, text))
            except OSError:
                # The handler has closed it: this instance cannot be reached any more.
                os._exit(_UNREACHABLE)

    def expect_answer(self, request_id: int, callback: Callable[[dict[str, Json]], None]) -> None:
        """Call `callback` with the answer to a request."""
        self._answers[request_id] = callback

    def wait_for_start(self) -> dict[str, Json]:
        """Wait for the next invocation."""
        self._waits.wait_until(lambda: bool(self.pending_starts))
        return self.pending_starts.popleft()

    def close_in_child(self) -> None:
        """In a child that a handler has forked: close the connection to the host."""
        self._write_lock = threading.Lock()
        os.close(self._fd)

    # --- MessageSource

    def poll(self, seconds: float) -> bool:
        """Read what there is, waiting up to `seconds`."""
        if seconds > 0:
            waiter = select.poll()
            waiter.register(self._fd, select.POLLIN)
            waiter.poll(min(seconds * 1000, _LONGEST_POLL_MS))
        lines = self._reader.read_lines()
        for line in lines:
            self._handle_line(line)
        if self._reader.ended:
            os._exit(0)
        return bool(lines)

    def wait_for_round(self, at: float | None) -> None:
        """In virtual time: report that all threads wait, and wait for the next round."""
        before = self._rounds_received
        now = math.ceil(self._clock.now())
        if at is not None and at > self.timers_end:
            at = None
        self.send(b"W", {"at": None if at is None else int(at), "rounds": before, "now": now})
        while self._rounds_received == before:
            self.poll(_LONGEST_POLL_MS / 1000)

    def deliver_round(self) -> bool:
        """In virtual time: deliver the messages of the round."""
        lines, self._inbox = self._inbox, deque()
        for line in lines:
            self._handle_message(json.loads(line))
        return bool(lines)

    def _receive(self, size: int) -> bytes:
        return self._connection.recv(size, socket.MSG_DONTWAIT)

    def _handle_line(self, line: bytes) -> None:
        kind, text = line[:1], line[1:]
        if kind == b"M" and self._clock.virtual:
            self._inbox.append(text)
        elif kind == b"M":
            self._handle_message(json.loads(text))
        elif kind == b"T":
            self._clock.set_time(json.loads(text))
        elif kind == b"R":
            self._clock.round_target = float(text)
            self._rounds_received += 1
        elif kind == b"I":
            self.index = int(text)

    def _handle_message(self, message: dict[str, Json]) -> None:
        if message["type"] == "start":
            self.pending_starts.append(message)
            self.on_start()
        elif message["type"] == "lost":
            self._answers.pop(message["id"], None)
            self.on_lost(message["id"])
        elif (callback := self._answers.pop(message["id"], None)) is not None:
            callback(message)
