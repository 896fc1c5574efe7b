"""One host process and its pipes, on asyncio. Knows lines, not what they mean."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from forge_emu.runtime.host.lines import decode_lines
from forge_emu.runtime.host.private_memory import close_memory_to_others
from forge_emu.runtime.host.wire import FromHost

_CLOSE_SECONDS = 2.0
_PIPE_BYTES = 1 << 20


class Listener(msgspec.Struct, frozen=True):
    """Callbacks for a host's messages in batches, its own output, and its exit."""

    on_messages: Callable[[Sequence[FromHost | str]], None]
    on_output: Callable[[str], None]
    on_exit: Callable[[], None]
    mask: Callable[[str], str] = str
    """Takes secrets out of a text before it is shortened."""


class SpawnedHost(msgspec.Struct, frozen=True):
    """A host's process to which nobody talks yet. `pipes` are the descriptors it reads from and
    writes to, the others our ends."""

    process: asyncio.subprocess.Process
    pipes: tuple[int, int]
    read_from: int
    write_to: int

    async def close(self) -> None:
        """End a process that nobody has talked to."""
        os.close(self.read_from)
        os.close(self.write_to)
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()


async def spawn_host(
    command: Sequence[str],
    argument: Callable[[tuple[int, int]], bytes],
    root: Path,
    environment: Mapping[str, str],
) -> SpawnedHost:
    """Start a host program, whose handlers see `environment` and nothing else; its last argument
    is made of its two descriptors. Raises OSError.
    """
    close_memory_to_others()
    child_in, ours_out = _large_pipe()
    ours_in, child_out = _large_pipe()
    pipes = child_in, child_out
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            argument(pipes).decode(),
            cwd=root,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            pass_fds=pipes,
            # The terminal's Ctrl-C is for the emulator, which lets handlers finish.
            start_new_session=True,
        )
    except BaseException:
        os.close(ours_in)
        os.close(ours_out)
        raise
    finally:
        os.close(child_in)
        os.close(child_out)
    return SpawnedHost(process, pipes, ours_in, ours_out)


class HostProcess:
    """A running host process. `enqueue_line` collects, `flush` writes."""

    def __init__(self, process: asyncio.subprocess.Process, listener: Listener) -> None:
        self._process = process
        self._listener = listener
        self._queued_lines: list[bytes] = []
        self._pipes: list[asyncio.BaseTransport] = []
        self._input: asyncio.WriteTransport | None = None
        self._closing = False
        self._tasks: list[asyncio.Task[None]] = []

    @classmethod
    async def start(cls, spawned: SpawnedHost, listener: Listener) -> HostProcess:
        """Talk to a process that has been spawned, from its first message on."""
        host = cls(spawned.process, listener)
        await host._connect(spawned.read_from, spawned.write_to)
        return host

    async def _connect(self, read_from: int, write_to: int) -> None:
        loop = asyncio.get_running_loop()
        reading, _ = await loop.connect_read_pipe(
            lambda: _LineProtocol(self._listener), os.fdopen(read_from, "rb", 0)
        )
        self._input, _ = await loop.connect_write_pipe(
            asyncio.BaseProtocol, os.fdopen(write_to, "wb", 0)
        )
        self._pipes = [reading]
        self._tasks = [
            loop.create_task(self._wait_for_exit()),
            loop.create_task(self._read_output()),
        ]

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
        try:
            await asyncio.wait_for(self._process.wait(), _CLOSE_SECONDS)
        except TimeoutError:
            self.kill()
            await self._process.wait()
        self._kill_children()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

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

    async def _wait_for_exit(self) -> None:
        await self._process.wait()
        if not self._closing:
            # Lines that were in the pipe when the process ended count.
            await asyncio.sleep(0)
            self._close_pipes()
            self._kill_children()
            self._listener.on_exit()

    async def _read_output(self) -> None:
        """Read what the program itself prints, such as a fatal error."""
        assert self._process.stdout is not None
        while chunk := await self._process.stdout.read(1 << 16):
            self._listener.on_output(chunk.decode(errors="replace"))


def _large_pipe() -> tuple[int, int]:
    """A pipe whose buffer holds a round's messages, where the system allows it."""
    ends = os.pipe()
    with contextlib.suppress(ImportError, AttributeError, OSError):
        import fcntl

        fcntl.fcntl(ends[1], fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    return ends


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
