"""The processes of all instances: starting them, their messages, and their exits."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterable
from typing import Any, Final

from .exit_causes import exit_cause
from .forkservers import ForkServers, ForkServer
from .instance_process import RunningInvocation, InstanceProcess
from .log_limits import LogLimit
from .poller import Poller, MessageWriter

Json = Any
_MAX_STARTS: Final = 3


class InstanceProcesses:
    """The processes of all generations."""

    def __init__(self, settings: dict[str, Json], ears: Poller, voice: MessageWriter) -> None:
        self._settings = settings
        self._poller = ears
        self._writer = voice
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
        return [seat for seat in self._by_serial.values() if seat.invocation is not None]

    # --- orders of forge-emu

    def load_generation(self, order: dict[str, Json]) -> None:
        """Start a generation's fork server, and an instance that evaluates the modules."""
        nursery = ForkServers(order, self._settings, self._poller, self)
        self._forkservers[order["generation"]] = nursery
        nursery.unassigned = self._fork_process(nursery, evaluate=True)

    def retire_generation(self, generation: int) -> None:
        """End everything of a generation."""
        nursery = self._forkservers.pop(generation, None)
        if nursery is None:
            return
        for seat in self.all_processes():
            if seat.generation == generation:
                self.end_process(seat)
        nursery.close()

    def abort_instance(self, index: int) -> None:
        """End an instance with whatever it runs."""
        if (seat := self._by_index.get(index)) is not None:
            self.end_process(seat)

    def start_invocation(self, index: int, text: bytes) -> None:
        """Start an invocation; its instance is made if there is none."""
        message = json.loads(text)
        nursery = self._forkservers[message["generation"]]
        function = nursery.load["functions"][message["fn"]]
        log_limit = LogLimit(message["id"], function["log_lines"], nursery.load["log_bytes"])
        invocation = RunningInvocation(message["n"], message["id"], text, function["memory_mb"], log_limit)
        seat = self._by_index.get(index) or self._assign_process(index, nursery)
        self._set_output_order(seat)
        seat.start_invocation(invocation)

    def send_answer(self, index: int, text: bytes) -> None:
        """Send an answer to an instance, if it still exists."""
        if (seat := self._by_index.get(index)) is not None:
            self._set_output_order(seat)
            seat.writer.write(b"M", text, b"\n")

    def _set_output_order(self, seat: InstanceProcess) -> None:
        """In virtual time: a round's first message decides the order of the instances' lines."""
        self._messages_sent += 1
        if seat.rounds_sent == seat.rounds_done and not seat.sent_this_round:
            seat.sent_this_round = True
            seat.output_order = (1, self._messages_sent)

    def send_time(self, line: bytes) -> None:
        """Send the clock's state to every instance, and to those started later."""
        self._time_line = line
        for seat in self.all_processes():
            seat.writer.write(line)

    def close(self) -> None:
        """End all generations."""
        for generation in list(self._forkservers):
            self.retire_generation(generation)

    # --- starting and ending processes

    def _assign_process(self, index: int, nursery: ForkServers) -> InstanceProcess:
        seat, nursery.unassigned = nursery.unassigned, None
        if seat is None:
            seat = self._fork_process(nursery, evaluate=False)
        seat.index = index
        self._by_index[index] = seat
        seat.writer.write(b"I%d\n" % index)
        return seat

    def _fork_process(self, nursery: ForkServers, *, evaluate: bool) -> InstanceProcess:
        self._last_serial += 1
        seat = InstanceProcess(self._last_serial, nursery.load["generation"])
        while seat.forkserver is None:
            template = nursery.choose_forkserver()
            try:
                template.fork(seat, evaluate=evaluate)
                seat.forkserver = template
            except OSError:
                self.on_forkserver_exited(nursery, template)
        self._by_serial[seat.serial] = seat
        for fd in seat.fds:
            self._poller.register(fd, self._read_callback(seat))
        if self._time_line is not None:
            seat.writer.write(self._time_line)
        return seat

    def end_process(self, seat: InstanceProcess) -> None:
        """End a process and forget it."""
        self._poller.unregister(seat.fds)
        seat.kill()
        seat.close()
        del self._by_serial[seat.serial]
        if seat.pid is not None:
            self._by_pid.pop(seat.pid, None)
        if self._by_index.get(seat.index) is seat:
            del self._by_index[seat.index]
        nursery = self._forkservers.get(seat.generation)
        if nursery is not None and nursery.unassigned is seat:
            nursery.unassigned = None

    # --- messages of instances

    def _read_callback(self, seat: InstanceProcess) -> Callable[[], None]:
        return lambda: self._read_process(seat)

    def _read_process(self, seat: InstanceProcess) -> None:
        for line in seat.read_lines():
            _LINE_HANDLERS[line[:1]](self, seat, line[1:])
        seat.read_outputs()
        self._poller.unregister(fd for fd, reader in seat.fds.items() if reader.ended)
        if not self._settings["virtual"]:
            self.forward_lines(seat)

    def forward_lines(self, seat: InstanceProcess) -> None:
        """Forward an instance's pending lines to forge-emu."""
        self._writer.write_lines(seat.pending_lines)
        seat.pending_lines.clear()

    def _on_begun(self, seat: InstanceProcess, _: bytes) -> None:
        if seat.invocation is not None:
            seat.invocation.begun = True

    def _on_ended(self, seat: InstanceProcess, text: bytes) -> None:
        seat.read_partial_outputs()
        seat.pending_lines.append(text)
        seat.invocation = None

    def _on_request(self, seat: InstanceProcess, text: bytes) -> None:
        seat.pending_lines.append(text)

    def _on_log(self, seat: InstanceProcess, text: bytes) -> None:
        seat.read_outputs()
        line = json.loads(text)
        seat.add_log_line(line["level"], line["message"])

    def _on_waiting(self, seat: InstanceProcess, text: bytes) -> None:
        state = json.loads(text)
        seat.rounds_done, seat.due_at, seat.now = state["rounds"], state["at"], state["now"]

    def _on_evaluated(self, seat: InstanceProcess, text: bytes) -> None:
        answer = json.loads(text)
        nursery = self._forkservers[seat.generation]
        self.forward_lines(seat)
        self._report_loaded(nursery, answer["loaded"])
        if answer["packages"]:
            nursery.add_forkserver(answer["packages"])

    def _report_loaded(self, nursery: ForkServers, answer: Json) -> None:
        nursery.load_reported = True
        generation = nursery.load["generation"]
        self._writer.write_message({"type": "loaded", "thread": 0, "generation": generation, **answer})

    # --- messages of fork servers

    def on_forked(self, serial: int, pid: int) -> None:
        """A fork server has forked a process."""
        seat = self._by_serial.get(serial)
        if seat is None:
            # It was ended before it was forked.
            os.kill(pid, signal.SIGKILL)
            return
        seat.pid = pid
        self._by_pid[pid] = seat

    def on_exited(self, pid: int, status: int) -> None:
        """A process has exited, killed or by itself."""
        seat = self._by_pid.pop(pid, None)
        if seat is None:
            return
        self._read_process(seat)
        seat.read_partial_outputs()
        run, index = seat.invocation, seat.index
        cause, message = exit_cause(seat, status)
        nursery = self._forkservers[seat.generation]
        if seat is nursery.unassigned and not nursery.load_reported:
            error = {"name": "ProcessExit", "message": message}
            file = next(iter(nursery.load["functions"].values()))["file"]
            self.forward_lines(seat)
            self._report_loaded(nursery, {"failure": {"file": file, "error": error}})
        self.end_process(seat)
        if run is None:
            self._forward_final_lines(seat, seat.pending_lines)
        elif not self._restart_invocation(nursery, index, run):
            self._report_lost(seat, run, cause, message)

    def _restart_invocation(self, nursery: ForkServers, index: int, invocation: RunningInvocation) -> bool:
        """Start an invocation again whose process exited before it had begun; False if lost."""
        if invocation.begun or invocation.starts >= _MAX_STARTS:
            return False
        invocation.starts += 1
        self._assign_process(index, nursery).start_invocation(invocation)
        return True

    def on_forkserver_exited(self, nursery: ForkServers, template: ForkServer) -> None:
        """Replace a fork server that has exited, and restart the invocations of its instances."""
        nursery.remove_forkserver(template)
        for seat in self.all_processes():
            if seat.forkserver is template:
                invocation = seat.invocation
                self.end_process(seat)
                if invocation is not None and not self._restart_invocation(nursery, seat.index, invocation):
                    self._report_lost(seat, invocation, "stuck", "the process it was forked from ended")

    def _report_lost(self, seat: InstanceProcess, invocation: RunningInvocation, cause: str, message: str) -> None:
        ended = {
            "type": "thread_ended",
            "thread": seat.index,
            "cause": cause,
            "slot": invocation.n,
            "message": message,
        }
        self._forward_final_lines(seat, [*seat.pending_lines, json.dumps(ended).encode()])

    def _forward_final_lines(self, seat: InstanceProcess, lines: list[bytes]) -> None:
        """Forward the last lines of a process; in virtual time when the round is over."""
        if self._settings["virtual"]:
            self.final_lines.append((seat.output_order, lines))
        else:
            self._writer.write_lines(lines)


_LINE_HANDLERS: Final[dict[bytes, Callable[[InstanceProcesses, InstanceProcess, bytes], None]]] = {
    b"B": InstanceProcesses._on_begun,
    b"E": InstanceProcesses._on_ended,
    b"Q": InstanceProcesses._on_request,
    b"L": InstanceProcesses._on_log,
    b"O": InstanceProcesses._on_evaluated,
    b"W": InstanceProcesses._on_waiting,
}
