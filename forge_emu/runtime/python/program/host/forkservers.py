"""The fork servers of one generation, and the processes forked from them."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
from typing import Any, Protocol

from ..forkserver.forkserver import FORK_ORDER, run_forkserver
from ..shared.line_pipes import LineReader
from ..shared.process_limits import close_fds_except
from .instance_process import InstanceProcess
from .poller import Poller

Json = Any


class ForkServer:
    """One fork server process, as the host sees it."""

    def __init__(
        self, load: dict[str, Json], settings: dict[str, Json], packages: list[str]
    ) -> None:
        self.ready = False
        self.connection, child_end = socket.socketpair()
        host = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                close_fds_except(child_end.fileno())
                run_forkserver(child_end, load, settings, packages, host)
            finally:
                os._exit(1)
        child_end.close()
        self.connection.setblocking(False)
        self._reader = LineReader(self.connection.recv)

    def fork(self, process: InstanceProcess, *, evaluate: bool) -> None:
        """Fork a process for `process`. Raises OSError."""
        serial = -process.serial if evaluate else process.serial
        self.connection.setblocking(True)
        socket.send_fds(self.connection, [FORK_ORDER.pack(serial)], list(process.child_fds))
        self.connection.setblocking(False)
        process.close_child_fds()

    def read_messages(self) -> list[dict[str, Json]]:
        """The messages it has sent."""
        return [json.loads(line) for line in self._reader.read_lines()]

    @property
    def exited(self) -> bool:
        """Whether the process has exited."""
        return self._reader.ended

    def close(self) -> None:
        """Kill the process and reap it."""
        self.connection.close()
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


class ForkListener(Protocol):
    """Called about the processes that fork servers start."""

    def on_forked(self, serial: int, pid: int) -> None:
        """A process was forked."""
        ...

    def on_exited(self, pid: int, status: int) -> None:
        """A process has ended; `status` is as of `os.waitpid`."""
        ...

    def on_forkserver_exited(self, forkservers: ForkServers, forkserver: ForkServer) -> None:
        """A fork server has exited, and with it everything forked from it."""
        ...


class ForkServers:
    """A generation's fork servers: one without packages, one with packages imported."""

    def __init__(
        self,
        load: dict[str, Json],
        settings: dict[str, Json],
        poller: Poller,
        listener: ForkListener,
    ) -> None:
        self.load = load
        self.unassigned: InstanceProcess | None = None
        self.load_reported = False
        self._settings = settings
        self._poller = poller
        self._listener = listener
        self._forkservers: list[ForkServer] = []
        self.add_forkserver([])

    def add_forkserver(self, packages: list[str]) -> None:
        """Start another fork server, with `packages` imported."""
        forkserver = ForkServer(self.load, self._settings, packages)
        self._forkservers.append(forkserver)
        self._poller.register(
            forkserver.connection.fileno(), lambda: self._read_messages(forkserver)
        )

    @property
    def handler_files(self) -> list[str]:
        """The files with handlers."""
        return sorted({function["file"] for function in self.load["functions"].values()})

    def choose_forkserver(self) -> ForkServer:
        """The fork server to fork from: the last that is ready."""
        ready = [t for t in self._forkservers if t.ready]
        return ready[-1] if ready else self._forkservers[0]

    def remove_forkserver(self, forkserver: ForkServer) -> None:
        """Close a fork server; a new one is started when none is left."""
        self._poller.unregister([forkserver.connection.fileno()])
        forkserver.close()
        self._forkservers.remove(forkserver)
        if not self._forkservers:
            self.add_forkserver([])

    def close(self) -> None:
        """Close every fork server."""
        for forkserver in self._forkservers:
            self._poller.unregister([forkserver.connection.fileno()])
            forkserver.close()
        self._forkservers.clear()

    def _read_messages(self, forkserver: ForkServer) -> None:
        for message in forkserver.read_messages():
            if "serial" in message:
                self._listener.on_forked(abs(message["serial"]), message["pid"])
            elif "exited" in message:
                self._listener.on_exited(message["exited"], message["status"])
            else:
                forkserver.ready = True
        if forkserver.exited:
            self._listener.on_forkserver_exited(self, forkserver)
