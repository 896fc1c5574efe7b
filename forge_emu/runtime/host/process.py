"""One host process and its pipes, on asyncio. Knows lines, not what they mean."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Sequence
from typing import IO

import msgspec

from forge_emu.runtime.host.lines import decode_lines
from forge_emu.runtime.host.spawning import SpawnedHost
from forge_emu.runtime.host.wire import FromHost

_CLOSE_SECONDS = 2.0

_LAST_TURNS = 5
"""Turns of the loop in which what was in the pipes when a process ended is read: 1 MB of lines, of
which a turn reads 256 KB, and what it has printed."""


class Listener(msgspec.Struct, frozen=True):
    """Callbacks for a host's messages in batches, its own output, and its exit."""

    on_messages: Callable[[Sequence[FromHost | str]], None]
    on_output: Callable[[str], None]
    on_exit: Callable[[], None]
    mask: Callable[[str], str] = str
    """Takes secrets out of a text before it is shortened."""


class HostProcess:
    """A running host process. `enqueue_line` collects, `flush` writes."""

    def __init__(self, process: subprocess.Popen[bytes], listener: Listener) -> None:
        self._process = process
        self._exited = _exit_of(process)
        self._listener = listener
        self._queued_lines: list[bytes] = []
        self._pipes: list[asyncio.BaseTransport] = []
        self._output: asyncio.BaseTransport | None = None
        self._input: asyncio.WriteTransport | None = None
        self._closing = False
        self._watching: asyncio.Task[None] | None = None

    @classmethod
    async def start(cls, spawned: SpawnedHost, listener: Listener) -> HostProcess:
        """Talk to a process that has been spawned, from its first message on."""
        host = cls(spawned.process, listener)
        reads, writes = os.fdopen(spawned.read_from, "rb", 0), os.fdopen(spawned.write_to, "wb", 0)
        output = spawned.process.stdout
        assert output is not None
        try:
            await host._connect(reads, writes, output)
        except BaseException:
            # The emulator ends while a host starts again.
            host.kill()
            for pipe in (reads, writes, output):
                pipe.close()
            raise
        return host

    async def _connect(self, reads: IO[bytes], writes: IO[bytes], output: IO[bytes]) -> None:
        loop = asyncio.get_running_loop()
        reading, _ = await loop.connect_read_pipe(lambda: _LineProtocol(self._listener), reads)
        self._pipes = [reading]
        self._input, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, writes)
        self._output, _ = await loop.connect_read_pipe(
            lambda: _OutputProtocol(self._listener), output
        )
        self._watching = loop.create_task(self._watch_for_exit())

    @property
    def pid(self) -> int:
        """The process id of the host."""
        return self._process.pid

    def enqueue_line(self, line: bytes) -> None:
        """Collect a line for the next flush."""
        self._queued_lines.append(line)

    def flush(self) -> None:
        """Write the queued lines at once."""
        if self._queued_lines and self._input is not None:
            self._input.write(b"".join(self._queued_lines))
        self._queued_lines.clear()

    def kill(self) -> None:
        """End the process now, as a crash would."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGKILL)

    async def close(self) -> None:
        """Let the process exit, and kill it if it does not; `on_exit` is not called."""
        self._closing = True
        self._close_pipes()
        await asyncio.wait([self._exited], timeout=_CLOSE_SECONDS)
        if not self._exited.done():
            self.kill()
            await asyncio.shield(self._exited)
        self._kill_children()
        self._close_output()
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)

    def _kill_children(self) -> None:
        """Kill processes that handlers have left behind; they are in the host's process group."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def _close_pipes(self) -> None:
        # What is still unwritten is of no use to anyone: abort, not close, gives it up.
        if self._input is not None and not self._input.is_closing():
            self._input.abort()
        self._input = None
        for pipe in self._pipes:
            pipe.close()
        self._pipes.clear()

    def _close_output(self) -> None:
        if self._output is not None:
            self._output.close()

    async def _watch_for_exit(self) -> None:
        await asyncio.shield(self._exited)
        if not self._closing:
            # Lines that were in the pipe when the process ended count.
            for _ in range(_LAST_TURNS):
                await asyncio.sleep(0)
            self._close_pipes()
            self._close_output()
            self._kill_children()
            self._listener.on_exit()


def _exit_of(process: subprocess.Popen[bytes]) -> asyncio.Future[None]:
    """Done once the process has ended, for which a thread waits: not every system tells a loop."""
    loop = asyncio.get_running_loop()
    exited = loop.create_future()

    def wait() -> None:
        process.wait()
        # A loop that is closed has nobody any more who wants to know.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(exited.set_result, None)

    threading.Thread(target=wait, name=f"exit of {process.pid}", daemon=True).start()
    return exited


class _OutputProtocol(asyncio.Protocol):
    """What the program itself prints, such as a fatal error."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener

    def data_received(self, data: bytes) -> None:
        self._listener.on_output(data.decode(errors="replace"))


class _LineProtocol(asyncio.Protocol):
    """Cuts what a pipe brings into whole lines."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._tail: list[bytes] = []

    def data_received(self, data: bytes) -> None:
        end = data.rfind(b"\n") + 1
        if end == 0:
            self._tail.append(data)
            return
        lines = b"".join([*self._tail, data[:end]])
        self._tail = [data[end:]] if end < len(data) else []
        self._listener.on_messages(list(decode_lines(lines, self._listener.mask)))
