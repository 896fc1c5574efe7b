"""A process from which instances are forked: the app's packages are imported, its modules not."""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import struct
import threading
from collections.abc import Sequence
from typing import Any, Final, NoReturn

from ..instance import lock_patch, random_patch, time_patch
from ..instance.application import Application
from ..instance.egress import sockets, tls
from ..instance.instance import Instance
from ..shared.process_limits import close_fds_except, die_with_parent

FORK_ORDER: Final = struct.Struct("<q")
"""An order to fork: the serial of the new instance, negative to evaluate the app's modules."""

FDS_PER_ORDER: Final = 3
"""File descriptors sent with an order: the instance's connection, its stdout and its stderr."""

NOT_FORKABLE: Final = 3
"""Exit status of a fork server whose packages have started threads."""

Json = Any


def run_forkserver(
    connection: socket.socket,
    load: dict[str, Json],
    settings: dict[str, Json],
    packages: Sequence[str],
    host: int,
) -> NoReturn:
    """Run a fork server until the host closes the connection; never returns."""
    try:
        ForkServerProcess(connection, load, settings, host).serve(packages)
    except BaseException:
        os._exit(1)


class ForkServerProcess:
    """Forks instances on the host's orders, and tells it of their processes and their ends."""

    def __init__(
        self,
        connection: socket.socket,
        load: dict[str, Json],
        settings: dict[str, Json],
        host: int,
    ) -> None:
        self._connection = connection
        self._load = load
        self._settings = settings
        self._host = host

    def serve(self, packages: Sequence[str]) -> NoReturn:
        """Import the packages, then fork on order."""
        close_fds_except(self._connection.fileno())
        os.setpgid(0, 0)
        die_with_parent(self._host)
        self._import_packages(packages)
        gc.collect()
        gc.freeze()
        wake_in, wake_out = os.pipe()
        os.set_blocking(wake_out, False)
        os.set_blocking(wake_in, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake_out)
        selector = selectors.DefaultSelector()
        selector.register(self._connection, selectors.EVENT_READ)
        selector.register(wake_in, selectors.EVENT_READ)
        self._send({"ready": True})
        while True:
            ready = {key.fileobj for key, _ in selector.select()}
            if wake_in in ready:
                with contextlib.suppress(BlockingIOError):
                    os.read(wake_in, 4096)
                self._reap()
            if self._connection in ready:
                self._execute_order()

    def _import_packages(self, packages: Sequence[str]) -> None:
        # Packages, too, import the functions whose clock and randomness are the instance's.
        random_patch.install()
        time_patch.install()
        lock_patch.install(virtual=self._settings["virtual"])
        # No package reaches the network by being imported.
        sockets.install()
        tls.install()
        if not packages:
            return
        # Only for finding packages: the app's own modules are not among them.
        Application(self._load).extend_sys_path()
        for name in packages:
            with contextlib.suppress(BaseException):
                importlib.import_module(name)
        if threading.active_count() > 1:
            os._exit(NOT_FORKABLE)

    def _execute_order(self) -> None:
        message, fds, _, _ = socket.recv_fds(self._connection, FORK_ORDER.size, FDS_PER_ORDER)
        if len(message) < FORK_ORDER.size:
            os._exit(0)
        (serial,) = FORK_ORDER.unpack(message)
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            try:
                self._run_instance(serial, fds, parent)
            finally:
                os._exit(1)
        for fd in fds:
            os.close(fd)
        self._send({"serial": serial, "pid": pid})

    def _run_instance(self, serial: int, fds: list[int], parent: int) -> NoReturn:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.setpgid(0, 0)
        connection, out, err = fds
        os.dup2(out, 1)
        os.dup2(err, 2)
        close_fds_except(connection)
        die_with_parent(parent)
        # Programs that a handler starts do not get it: with it they could speak for the handler.
        os.set_inheritable(connection, False)
        sock = socket.socket(fileno=connection)
        instance = Instance(self._load, self._settings, abs(serial), sock)
        instance.patch_process([parent, self._host])
        if serial < 0:
            instance.evaluate_app()
        instance.serve_invocations()

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            self._send({"exited": pid, "status": status})

    def _send(self, message: Json) -> None:
        self._connection.sendall(json.dumps(message).encode() + b"\n")
