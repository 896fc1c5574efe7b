"""The fork servers of one generation, and the processes forked from them."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
from typing import Any, Protocol

from ..shared.line_pipes import LineReader
from .forkserver import ORDER, run_template
from .instance_process import Seat
from .poller import Ears
from .process_limits import close_all_but

Json = Any


class Template:
    """One fork server process, as the host sees it."""

    def __init__(
        self, load: dict[str, Json], settings: dict[str, Json], packages: list[str]
    ) -> None:
        self.ready = False
        self.connection, theirs = socket.socketpair()
        host = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                close_all_but(theirs.fileno())
                run_template(theirs, load, settings, packages, host)
            finally:
                os._exit(1)
        theirs.close()
        self.connection.setblocking(False)
        self._reader = LineReader(self.connection.recv)

    def order(self, seat: Seat, *, trial: bool) -> None:
        """Fork a process for `seat`. Raises OSError."""
        serial = -seat.serial if trial else seat.serial
        self.connection.setblocking(True)
        socket.send_fds(self.connection, [ORDER.pack(serial)], list(seat.given))
        self.connection.setblocking(False)
        seat.hand_over()

    def messages(self) -> list[dict[str, Json]]:
        """The messages it has sent."""
        return [json.loads(line) for line in self._reader.lines()]

    @property
    def ended(self) -> bool:
        """Whether the process has exited."""
        return self._reader.ended

    def close(self) -> None:
        """Kill the process and reap it."""
        self.connection.close()
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


class Parent(Protocol):
    """Called about the processes that fork servers start."""

    def forked(self, serial: int, pid: int) -> None:
        """A process was forked."""
        ...

    def exited(self, pid: int, status: int) -> None:
        """A process has ended; `status` is as of `os.waitpid`."""
        ...

    def template_ended(self, nursery: Nursery, template: Template) -> None:
        """A fork server has exited, and with it everything forked from it."""
        ...


class Nursery:
    """A generation's fork servers: one without packages, one with packages imported."""

    def __init__(
        self, load: dict[str, Json], settings: dict[str, Json], ears: Ears, parent: Parent
    ) -> None:
        self.load = load
        self.spare: Seat | None = None
        self.loaded = False
        self._settings = settings
        self._ears = ears
        self._parent = parent
        self._templates: list[Template] = []
        self.add([])

    def add(self, packages: list[str]) -> None:
        """Start another fork server, with `packages` imported."""
        template = Template(self.load, self._settings, packages)
        self._templates.append(template)
        self._ears.listen(template.connection.fileno(), lambda: self._hear(template))

    def best(self) -> Template:
        """The fork server to fork from: the last that is ready."""
        ready = [t for t in self._templates if t.ready]
        return ready[-1] if ready else self._templates[0]

    def remove(self, template: Template) -> None:
        """Close a fork server; a new one is started when none is left."""
        self._ears.forget([template.connection.fileno()])
        template.close()
        self._templates.remove(template)
        if not self._templates:
            self.add([])

    def close(self) -> None:
        """Close every fork server."""
        for template in self._templates:
            self._ears.forget([template.connection.fileno()])
            template.close()
        self._templates.clear()

    def _hear(self, template: Template) -> None:
        for message in template.messages():
            if "serial" in message:
                self._parent.forked(abs(message["serial"]), message["pid"])
            elif "exited" in message:
                self._parent.exited(message["exited"], message["status"])
            else:
                template.ready = True
        if template.ended:
            self._parent.template_ended(self, template)
