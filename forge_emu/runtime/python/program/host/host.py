"""The host process: forwards lines between forge-emu and the instances, and enforces their limits.

A line in is `[index, message]` or `["host", order]`, a line out a message of an instance or of the
host. It runs no code of the app, and every instance is a process of its own, forked from a fork
server, so that an instance cannot affect another.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
from typing import Any, Final, NoReturn

from ..instance import instance  # noqa: F401 - imported before the first fork, for all to share
from ..shared import real_clock
from ..shared.line_pipes import LineReader
from ..shared.process_limits import disable_core_dumps, raise_fd_limit
from .instance_process import InstanceProcess
from .instances import InstanceProcesses
from .memory import CHECK_SECONDS, cpu_ms, processor_wait_ms, resident_bytes
from .poller import MessageWriter, Poller, nonblocking_reader

Json = Any
_MB: Final = 1024 * 1024
_WAIT_TOLD_MS: Final = 50
"""The wait for a processor that forge-emu is told of."""
_RETRY_SECONDS: Final = 0.001
"""Until writing to a full pipe is tried again."""


def serve(settings_text: str) -> NoReturn:
    """Run the host until forge-emu closes its pipes."""
    disable_core_dumps()
    raise_fd_limit()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Host(json.loads(settings_text)).run()


class Host:
    """Executes orders and enforces the limits of instances."""

    def __init__(self, settings: dict[str, Json]) -> None:
        self._settings = settings
        reading, writing = settings["pipes"]
        self._reader = LineReader(nonblocking_reader(reading))
        self._poller = Poller()
        self._poller.register(reading, self._read_orders)
        self._writer = MessageWriter(writing, self._shut_down)
        self._instances = InstanceProcesses(settings, self._poller, self._writer)
        self._round: int | None = None
        self._checked_at = real_clock.now_ms()

    def run(self) -> NoReturn:
        """Work until the pipe from forge-emu ends."""
        gc.collect()
        gc.freeze()
        self._writer.write_message({"type": "ready", "version": f"Python {sys.version.split()[0]}"})
        while True:
            self._flush()
            self._poller.poll(self._poll_timeout())
            self._check_limits()
            self._finish_round()

    def _read_orders(self) -> None:
        for line in self._reader.read_lines():
            if line.startswith(b'["host",'):
                self._execute_order(json.loads(line)[1])
                continue
            index, _, rest = line[1:].partition(b",")
            if rest.startswith(b'{"type":"start"'):
                self._instances.start_invocation(int(index), rest[:-1])
            else:
                self._instances.send_answer(int(index), rest[:-1])
        if self._reader.ended:
            self._shut_down()

    def _execute_order(self, order: dict[str, Json]) -> None:
        match order["type"]:
            case "load":
                self._instances.load_generation(order)
            case "retire":
                self._instances.retire_generation(order["generation"])
            case "renew":
                self._instances.renew_instances(order["generation"])
            case "abort":
                self._instances.abort_instance(order["thread"])
            case "time":
                stamped = {**order, "at": real_clock.now_ms()}
                self._instances.send_time(b"T%b\n" % json.dumps(stamped).encode())
            case "round":
                self._start_round(order["now"])

    # --- virtual time

    def _start_round(self, now: int) -> None:
        """Start a round: the messages since the last one take effect at `now`."""
        self._round = now
        for process in self._instances.processes_of_round(now):
            process.start_round(now, cpu_ms(process.pid) if process.pid else None)

    def _finish_round(self) -> None:
        if self._round is None:
            return
        processes = self._instances.all_processes()
        if not all(process.is_idle for process in processes):
            return
        began, self._round = self._round, None
        now = max([began, *(process.now for process in processes)])
        if now > began:
            # Code that kept looking at the clock has taken time.
            self._writer.write_message({"type": "racing"})
        outputs = [
            *self._instances.final_lines,
            *((process.output_order, process.pending_lines) for process in processes),
        ]
        self._instances.final_lines = []
        for _, lines in sorted(outputs, key=lambda entry: entry[0]):
            self._writer.write_lines(lines)
            lines.clear()
        due = [process.due_at for process in processes if process.due_at is not None]
        self._writer.write_message({"type": "idle", "now": now, "at": min(due, default=None)})

    def _check_stuck(self, now: float) -> None:
        """In virtual time no deadline comes while code runs."""
        for process in self._instances.all_processes():
            if process.is_idle or process.pid is None:
                continue
            invocation = process.invocation
            patience, io_patience = self._settings["patience_ms"], self._settings["io_patience_ms"]
            if invocation is not None:
                patience, io_patience = invocation.patience_ms, invocation.io_patience_ms
            cpu = cpu_ms(process.pid)
            idle = cpu is not None and cpu - process.cpu_ms_at_start < patience
            if now - process.active_at > (2 * io_patience if idle else patience):
                _kill_for(process, "stuck")

    # --- limits

    def _poll_timeout(self) -> float | None:
        if self._writer.has_unwritten or self._instances.writers:
            return _RETRY_SECONDS
        return CHECK_SECONDS if self._instances.busy_processes() else None

    def _check_limits(self) -> None:
        now = real_clock.now_ms()
        if now - self._checked_at < CHECK_SECONDS * 1000:
            return
        self._checked_at = now
        running = {
            process.pid: process for process in self._instances.busy_processes() if process.pid
        }
        for pid, size in resident_bytes(running.keys()).items():
            invocation = running[pid].invocation
            if invocation is not None and size > invocation.memory_mb * _MB:
                _kill_for(running[pid], "out_of_memory")
        if self._round is not None:
            self._check_stuck(now)
        if not self._settings["virtual"]:
            self._tell_waits(running)

    def _tell_waits(self, running: dict[int, InstanceProcess]) -> None:
        """In real time: tell of the time that handlers have lost to other work of this machine."""
        for pid, process in running.items():
            if waited := process.take_wait(processor_wait_ms(pid), worth=_WAIT_TOLD_MS):
                message = {"type": "thread_waited", "thread": process.index, "ms": waited}
                self._writer.write_message(message)

    def _flush(self) -> None:
        self._writer.flush()
        self._instances.writers.flush()

    def _shut_down(self) -> NoReturn:
        self._instances.close()
        os._exit(0)


def _kill_for(process: InstanceProcess, why: str) -> None:
    process.kill_cause = why
    process.kill()
