"""One instance's process as the host sees it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
from dataclasses import dataclass
from typing import Any, Final

from ..shared import real_clock
from ..shared.line_pipes import BufferedLineWriter, LineReader, WaitingWriters
from .log_limits import LogLimit

Json = Any
_STREAMS: Final = ("info", "error")


@dataclass
class StartedInvocation:
    """The invocation that a process runs; `text` is the message that started it."""

    n: int
    id: str
    fn: str
    text: bytes
    patience_ms: int
    io_patience_ms: int
    memory_mb: int
    log_limit: LogLimit
    begun: bool = False
    io_given_up: bool = False
    starts: int = 1

    @classmethod
    def of_message(
        cls, message: dict[str, Json], text: bytes, memory_mb: int, log_limit: LogLimit
    ) -> StartedInvocation:
        """The invocation that the message `text` starts."""
        return cls(
            message["n"],
            message["id"],
            message["fn"],
            text,
            message["patience_ms"],
            message["io_patience_ms"],
            memory_mb,
            log_limit,
        )


def start_head(text: bytes) -> dict[str, Json]:
    """What a message that starts an invocation says before the event, which is long and for the
    instance alone."""
    head, _, _ = text.partition(b',"event":')
    message: dict[str, Json] = json.loads(head + b"}")
    return message


class InstanceProcess:
    """A process, its pipes, its invocation, and its lines that are not yet forwarded."""

    def __init__(self, serial: int, generation: int, waiting: WaitingWriters) -> None:
        host_end, child_end = socket.socketpair()
        self.serial = serial
        self.generation = generation
        self.forkserver: object | None = None
        self.index = -1
        self.pid: int | None = None
        self.invocation: StartedInvocation | None = None
        self.kill_cause: str | None = None
        self.pending_lines: list[bytes] = []
        self.rounds_sent = 0
        self.rounds_done = 0
        self.due_at: int | None = None
        self.now = 0
        self.sent_this_round = False
        """In virtual time: whether something was sent since the last round."""
        self.output_order = (1, 0)
        """In virtual time: sort key of its lines among those of the round's other processes."""
        self.cpu_ms_at_start = 0.0
        """CPU milliseconds used when the round began."""
        self.active_at = real_clock.now_ms()
        self._wait_told_ms: float | None = None
        self.connection = host_end
        self.child_fds: tuple[int, ...] = ()
        self._child_end = child_end
        self._reader = LineReader(host_end.recv)
        host_end.setblocking(False)
        self.writer = BufferedLineWriter(host_end.fileno(), waiting)
        self.closed = False
        self._outputs: list[tuple[int, LineReader]] = []
        self._open_outputs()
        self._log_limit = LogLimit(None, 1_000, 1 << 20)

    def _open_outputs(self) -> None:
        child_fds = [self._child_end.fileno()]
        for _ in _STREAMS:
            out, into = os.pipe()
            os.set_blocking(out, False)
            child_fds.append(into)
            self._outputs.append((out, LineReader(lambda size, fd=out: os.read(fd, size))))  # type: ignore[misc]
        self.child_fds = tuple(child_fds)

    def close_child_fds(self) -> None:
        """Close the child's ends of the pipes here, once the process has them."""
        self._child_end.close()
        for fd in self.child_fds[1:]:
            os.close(fd)

    @property
    def fds(self) -> dict[int, LineReader]:
        """The descriptors to poll, with their readers."""
        return {self.connection.fileno(): self._reader, **dict(self._outputs)}

    @property
    def is_idle(self) -> bool:
        """In virtual time: whether it has finished every round."""
        return self.rounds_done >= self.rounds_sent

    def has_to_do(self, now: int) -> bool:
        """In virtual time: whether it has an invocation, a message, or a timer that is due."""
        due = self.due_at is not None and self.due_at <= now
        return due or self.sent_this_round or self.invocation is not None

    def start_invocation(self, invocation: StartedInvocation) -> None:
        """Send the process an invocation to run."""
        self.invocation = invocation
        self._log_limit = invocation.log_limit
        self.active_at = real_clock.now_ms()
        self.writer.write(b"M", invocation.text, b"\n")

    def give_up_io(self) -> None:
        """What its invocation has under way outside was waited for in vain: say so once."""
        invocation = self.invocation
        if invocation is not None and not invocation.io_given_up:
            invocation.io_given_up = True
            given_up = {"type": "io_given_up", "invocations": [invocation.id]}
            self.pending_lines.append(json.dumps(given_up).encode())

    def start_round(self, now: int, cpu_ms: float | None) -> None:
        """In virtual time: start a round at `now` with the messages sent before."""
        self.rounds_sent += 1
        self.sent_this_round = False
        if self.due_at is not None and self.due_at <= now:
            # Timers come before what is sent.
            self.output_order = (0, self.due_at)
        self.active_at = real_clock.now_ms()
        self.cpu_ms_at_start = cpu_ms or 0.0
        self.writer.write(b"R%d\n" % now)

    def read_lines(self) -> list[bytes]:
        """The lines of the connection, for the host or forge-emu."""
        lines = self._reader.read_lines()
        if lines:
            self.active_at = real_clock.now_ms()
        return lines

    def read_outputs(self) -> None:
        """Turn what was written to stdout and stderr into log lines."""
        for (_, reader), level in zip(self._outputs, _STREAMS, strict=True):
            for line in reader.read_lines():
                self.add_log_line(level, line.decode(errors="replace"))

    def read_partial_outputs(self) -> None:
        """At the end of an invocation, log output without a final newline too."""
        self.read_outputs()
        for (_, reader), level in zip(self._outputs, _STREAMS, strict=True):
            if rest := reader.take_partial_line():
                self.add_log_line(level, rest.decode(errors="replace"))

    def add_log_line(self, level: str, message: str) -> None:
        """Add a log line of the invocation, if the platform would keep it."""
        line = self._log_limit.log_record(level, message)
        if line is not None:
            self.pending_lines.append(json.dumps(line).encode())

    def begin_invocation(self, *, told: bool) -> None:
        """Its invocation has begun, which forge-emu is `told` in real time."""
        if self.invocation is None:
            return
        self.invocation.begun = True
        if told:
            begun = {"type": "begun", "id": self.invocation.id}
            self.pending_lines.append(json.dumps(begun).encode())

    def take_wait(self, wait_ms: float | None, *, worth: int) -> int:
        """Of its waits for a processor, `wait_ms` until now: the whole milliseconds that nobody was
        told of, once they are `worth` it."""
        if wait_ms is None or self._wait_told_ms is None:
            self._wait_told_ms = wait_ms
            return 0
        untold = int(wait_ms - self._wait_told_ms)
        if untold < worth:
            return 0
        self._wait_told_ms += untold
        return untold

    def kill(self) -> None:
        """Kill the process and its process group."""
        if self.pid is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(self.pid, signal.SIGKILL)

    def close(self) -> None:
        """Close the pipes to the process."""
        self.closed = True
        self.writer.close()
        self.connection.close()
        for fd, _ in self._outputs:
            os.close(fd)
