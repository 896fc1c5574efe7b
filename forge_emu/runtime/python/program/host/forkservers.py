"""The templates of one generation, and the processes forked from them."""

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
    """One template process."""

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
        """What it has said."""
        return [json.loads(line) for line in self._reader.lines()]

    @property
    def ended(self) -> bool:
        """Whether it is gone."""
        return self._reader.ended

    def close(self) -> None:
        """End it, if it has not ended."""
        self.connection.close()
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


class Parent(Protocol):
    """Who hears of the processes that templates fork."""

    def forked(self, serial: int, pid: int) -> None:
        """A process is there."""
        ...

    def exited(self, pid: int, status: int) -> None:
        """A process has ended; `status` is as of `os.waitpid`."""
        ...

    def template_ended(self, nursery: Nursery, template: Template) -> None:
        """A template has ended, and with it everything forked from it."""
        ...


class Nursery:
    """What a load needs to make instances: a bare template, and one with packages imported."""

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
        """Prepare another template, with `packages`."""
        template = Template(self.load, self._settings, packages)
        self._templates.append(template)
        self._ears.listen(template.connection.fileno(), lambda: self._hear(template))

    def best(self) -> Template:
        """The template to fork from."""
        ready = [t for t in self._templates if t.ready]
        return ready[-1] if ready else self._templates[0]

    def remove(self, template: Template) -> None:
        """Let go of a template; there is always another one."""
        self._ears.forget([template.connection.fileno()])
        template.close()
        self._templates.remove(template)
        if not self._templates:
            self.add([])

    def close(self) -> None:
        """End every template."""
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
