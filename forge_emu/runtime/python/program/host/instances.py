"""The processes of all instances: starting them, their messages, and their exits."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterable
from typing import Any, Final

from ..shared.line_pipes import WaitingWriters
from .exit_causes import exit_cause
from .forkservers import ForkServer, ForkServers
from .instance_process import InstanceProcess, StartedInvocation, start_head
from .log_limits import LogLimit
from .poller import MessageWriter, Poller

Json = Any
_MAX_STARTS: Final = 3


class InstanceProcesses:
    """The processes of all generations."""

    def __init__(self, settings: dict[str, Json], poller: Poller, writer: MessageWriter) -> None:
        self._settings = settings
        self._poller = poller
        self._writer = writer
        self.writers = WaitingWriters()
        """Those of the processes that have something left to be written."""
        self._last_serial: int = settings["first_incarnation"]
        self._messages_sent = 0
        self._time_line: bytes | None = None
        self._forkservers: dict[int, ForkServers] = {}
        self._by_index: dict[int, InstanceProcess] = {}
        self._by_serial: dict[int, InstanceProcess] = {}
        self._by_pid: dict[int, InstanceProcess] = {}
        self.final_lines: list[tuple[tuple[int, int], list[bytes]]] = []
        """In virtual time: last lines of processes that ended in this round, with sort keys."""

    def all_processes(self) -> Iterable[InstanceProcess]:
        """Every process, including those without an invocation."""
        return list(self._by_serial.values())

    def busy_processes(self) -> list[InstanceProcess]:
        """The processes that run an invocation."""
        return [process for process in self._by_serial.values() if process.invocation is not None]

    def processes_of_round(self, now: int) -> list[InstanceProcess]:
        """The processes with an invocation, or with something to do for one that has ended."""
        return [process for process in self._by_serial.values() if process.has_to_do(now)]

    # --- orders of forge-emu

    def load_generation(self, order: dict[str, Json]) -> None:
        """Start a generation's fork server, and an instance that evaluates the modules."""
        forkservers = ForkServers(order, self._settings, self._poller, self)
        self._forkservers[order["generation"]] = forkservers
        forkservers.unassigned = self._fork_process(forkservers, evaluate=True)

    def retire_generation(self, generation: int) -> None:
        """End everything of a generation."""
        self.renew_instances(generation)
        if (forkservers := self._forkservers.pop(generation, None)) is not None:
            forkservers.close()

    def renew_instances(self, generation: int) -> None:
        """End the instances of a generation, and keep its code loaded."""
        for process in self.all_processes():
            if process.generation == generation:
                self.end_process(process)

    def abort_instance(self, index: int) -> None:
        """End an instance with whatever it runs."""
        if (process := self._by_index.get(index)) is not None:
            self.end_process(process)

    def start_invocation(self, index: int, text: bytes) -> None:
        """Start an invocation; its instance is made if there is none."""
        message = start_head(text)
        forkservers = self._forkservers[message["generation"]]
        function = forkservers.load["functions"][message["fn"]]
        log_limit = LogLimit(message["id"], function["log_lines"], forkservers.load["log_bytes"])
        memory_mb = function["memory_mb"]
        invocation = StartedInvocation.of_message(message, text, memory_mb, log_limit)
        process = self._by_index.get(index) or self._assign_process(index, forkservers)
        self._set_output_order(process)
        process.start_invocation(invocation)

    def send_answer(self, index: int, text: bytes) -> None:
        """Send an answer to an instance, if it still exists."""
        if (process := self._by_index.get(index)) is not None:
            self._set_output_order(process)
            process.writer.write(b"M", text, b"\n")

    def _set_output_order(self, process: InstanceProcess) -> None:
        """In virtual time: a round's first message decides the order of the instances' lines."""
        self._messages_sent += 1
        if process.rounds_sent == process.rounds_done and not process.sent_this_round:
            process.sent_this_round = True
            process.output_order = (1, self._messages_sent)

    def send_time(self, line: bytes) -> None:
        """Send the clock's state to every instance, and to those started later."""
        self._time_line = line
        for process in self.all_processes():
            process.writer.write(line)

    def close(self) -> None:
        """End the processes of all generations."""
        for generation in list(self._forkservers):
            self.retire_generation(generation)

    # --- starting and ending processes

    def _assign_process(self, index: int, forkservers: ForkServers) -> InstanceProcess:
        process, forkservers.unassigned = forkservers.unassigned, None
        if process is None:
            process = self._fork_process(forkservers, evaluate=False)
        process.index = index
        self._by_index[index] = process
        process.writer.write(b"I%d\n" % index)
        return process

    def _fork_process(self, forkservers: ForkServers, *, evaluate: bool) -> InstanceProcess:
        self._last_serial += 1
        generation = forkservers.load["generation"]
        process = InstanceProcess(self._last_serial, generation, self.writers)
        while process.forkserver is None:
            forkserver = forkservers.choose_forkserver()
            try:
                forkserver.fork(process, evaluate=evaluate)
                process.forkserver = forkserver
            except OSError:
                self.on_forkserver_exited(forkservers, forkserver)
        self._by_serial[process.serial] = process
        for fd in process.fds:
            self._poller.register(fd, self._read_callback(process))
        if self._time_line is not None:
            process.writer.write(self._time_line)
        return process

    def end_process(self, process: InstanceProcess) -> None:
        """End a process and forget it."""
        self._poller.unregister(process.fds)
        process.kill()
        process.close()
        del self._by_serial[process.serial]
        if process.pid is not None:
            self._by_pid.pop(process.pid, None)
        if self._by_index.get(process.index) is process:
            del self._by_index[process.index]
        forkservers = self._forkservers.get(process.generation)
        if forkservers is not None and forkservers.unassigned is process:
            forkservers.unassigned = None

    # --- messages of instances

    def _read_callback(self, process: InstanceProcess) -> Callable[[], None]:
        return lambda: self._read_process(process)

    def _read_process(self, process: InstanceProcess) -> None:
        for line in process.read_lines():
            _LINE_HANDLERS[line[:1]](self, process, line[1:])
        process.read_outputs()
        self._poller.unregister(fd for fd, reader in process.fds.items() if reader.ended)
        if not self._settings["virtual"]:
            self.forward_lines(process)

    def forward_lines(self, process: InstanceProcess) -> None:
        """Forward an instance's pending lines to forge-emu."""
        self._writer.write_lines(process.pending_lines)
        process.pending_lines.clear()

    def _on_begun(self, process: InstanceProcess, _: bytes) -> None:
        process.begin_invocation(told=not self._settings["virtual"])

    def _on_ended(self, process: InstanceProcess, text: bytes) -> None:
        process.read_partial_outputs()
        process.pending_lines.append(text)
        process.invocation = None

    def _on_request(self, process: InstanceProcess, text: bytes) -> None:
        process.pending_lines.append(text)

    def _on_log(self, process: InstanceProcess, text: bytes) -> None:
        process.read_outputs()
        line = json.loads(text)
        process.add_log_line(line["level"], line["message"])

    def _on_waiting(self, process: InstanceProcess, text: bytes) -> None:
        state = json.loads(text)
        process.rounds_done, process.due_at, process.now = (
            state["rounds"],
            state["at"],
            state["now"],
        )

    def _on_evaluated(self, process: InstanceProcess, text: bytes) -> None:
        answer = json.loads(text)
        forkservers = self._forkservers[process.generation]
        self.forward_lines(process)
        self._report_loaded(forkservers, answer["loaded"])
        if answer["packages"]:
            forkservers.add_forkserver(answer["packages"])

    def _report_loaded(self, forkservers: ForkServers, answer: Json) -> None:
        forkservers.load_reported = True
        generation = forkservers.load["generation"]
        self._writer.write_message(
            {"type": "loaded", "thread": 0, "generation": generation, **answer}
        )

    # --- messages of fork servers

    def on_forked(self, serial: int, pid: int) -> None:
        """A fork server has forked a process."""
        process = self._by_serial.get(serial)
        if process is None:
            # It was ended before it was forked.
            os.kill(pid, signal.SIGKILL)
            return
        process.pid = pid
        self._by_pid[pid] = process

    def on_exited(self, pid: int, status: int) -> None:
        """A process has exited, killed or by itself."""
        process = self._by_pid.pop(pid, None)
        if process is None:
            return
        self._read_process(process)
        process.read_partial_outputs()
        invocation, index = process.invocation, process.index
        cause, message = exit_cause(process, status)
        forkservers = self._forkservers[process.generation]
        if process is forkservers.unassigned and not forkservers.load_reported:
            error = {"name": "ProcessExit", "message": message}
            failures = [{"file": file, "error": error} for file in forkservers.handler_files]
            self.forward_lines(process)
            self._report_loaded(forkservers, {"failures": failures})
        self.end_process(process)
        if invocation is None:
            self._forward_final_lines(process, process.pending_lines)
        elif not self._restart_invocation(forkservers, index, invocation):
            self._report_lost(process, invocation, cause, message)

    def _restart_invocation(
        self, forkservers: ForkServers, index: int, invocation: StartedInvocation
    ) -> bool:
        """Start an invocation again whose process exited before it had begun; False if lost."""
        if invocation.begun or invocation.starts >= _MAX_STARTS:
            return False
        invocation.starts += 1
        self._assign_process(index, forkservers).start_invocation(invocation)
        return True

    def on_forkserver_exited(self, forkservers: ForkServers, forkserver: ForkServer) -> None:
        """Replace a fork server that has exited, and restart the invocations of its instances."""
        forkservers.remove_forkserver(forkserver)
        for process in self.all_processes():
            if process.forkserver is forkserver:
                invocation = process.invocation
                self.end_process(process)
                if invocation is not None and not self._restart_invocation(
                    forkservers, process.index, invocation
                ):
                    self._report_lost(
                        process, invocation, "stuck", "the process it was forked from ended"
                    )

    def _report_lost(
        self, process: InstanceProcess, invocation: StartedInvocation, cause: str, message: str
    ) -> None:
        ended = {
            "type": "thread_ended",
            "thread": process.index,
            "cause": cause,
            "slot": invocation.n,
            "message": message,
        }
        self._forward_final_lines(process, [*process.pending_lines, json.dumps(ended).encode()])

    def _forward_final_lines(self, process: InstanceProcess, lines: list[bytes]) -> None:
        """Forward the last lines of a process; in virtual time when the round is over."""
        if self._settings["virtual"]:
            self.final_lines.append((process.output_order, lines))
        else:
            self._writer.write_lines(lines)


_LINE_HANDLERS: Final[dict[bytes, Callable[[InstanceProcesses, InstanceProcess, bytes], None]]] = {
    b"B": InstanceProcesses._on_begun,
    b"E": InstanceProcesses._on_ended,
    b"Q": InstanceProcesses._on_request,
    b"L": InstanceProcesses._on_log,
    b"O": InstanceProcesses._on_evaluated,
    b"W": InstanceProcesses._on_waiting,
    b"G": lambda _, process, __: process.give_up_io(),
}
