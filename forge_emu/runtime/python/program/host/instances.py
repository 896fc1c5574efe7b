"""The processes of all instances: starting them, their messages, and their exits."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterable
from typing import Any, Final

from .exit_causes import cause_of
from .forkservers import Nursery, Template
from .instance_process import Run, Seat
from .log_limits import LogAccount
from .poller import Ears, Voice

Json = Any
_MOST_STARTS: Final = 3


class Instances:
    """The processes of all generations."""

    def __init__(self, settings: dict[str, Json], ears: Ears, voice: Voice) -> None:
        self._settings = settings
        self._ears = ears
        self._voice = voice
        self._serial: int = settings["first_incarnation"]
        self._turns = 0
        self._time: bytes | None = None
        self._nurseries: dict[int, Nursery] = {}
        self._seats: dict[int, Seat] = {}
        self._by_serial: dict[int, Seat] = {}
        self._by_pid: dict[int, Seat] = {}
        self.departed: list[tuple[tuple[int, int], list[bytes]]] = []
        """In virtual time: last lines of processes that ended in this round, with sort keys."""

    def all(self) -> Iterable[Seat]:
        """Every process, including those without an invocation."""
        return list(self._by_serial.values())

    def running(self) -> list[Seat]:
        """The processes that run an invocation."""
        return [seat for seat in self._by_serial.values() if seat.run is not None]

    # --- orders of forge-emu

    def load(self, order: dict[str, Json]) -> None:
        """Start a generation's fork server, and an instance that evaluates the modules."""
        nursery = Nursery(order, self._settings, self._ears, self)
        self._nurseries[order["generation"]] = nursery
        nursery.spare = self._new_seat(nursery, trial=True)

    def retire(self, generation: int) -> None:
        """End everything of a generation."""
        nursery = self._nurseries.pop(generation, None)
        if nursery is None:
            return
        for seat in self.all():
            if seat.generation == generation:
                self.drop(seat)
        nursery.close()

    def abort(self, index: int) -> None:
        """End an instance with whatever it runs."""
        if (seat := self._seats.get(index)) is not None:
            self.drop(seat)

    def start(self, index: int, text: bytes) -> None:
        """Start an invocation; its instance is made if there is none."""
        message = json.loads(text)
        nursery = self._nurseries[message["generation"]]
        function = nursery.load["functions"][message["fn"]]
        log = LogAccount(message["id"], function["log_lines"], nursery.load["log_bytes"])
        run = Run(message["n"], message["id"], text, function["memory_mb"], log)
        seat = self._seats.get(index) or self._seat_for(index, nursery)
        self._take_turn(seat)
        seat.start(run)

    def answer(self, index: int, text: bytes) -> None:
        """Send an answer to an instance, if it still exists."""
        if (seat := self._seats.get(index)) is not None:
            self._take_turn(seat)
            seat.writer.write(b"M", text, b"\n")

    def _take_turn(self, seat: Seat) -> None:
        """In virtual time: a round's first message decides the order of the instances' lines."""
        self._turns += 1
        if seat.rounds_sent == seat.rounds_done and not seat.addressed:
            seat.addressed = True
            seat.turn = (1, self._turns)

    def tell_time(self, line: bytes) -> None:
        """Send the clock's state to every instance, and to those started later."""
        self._time = line
        for seat in self.all():
            seat.writer.write(line)

    def leave(self) -> None:
        """End all generations."""
        for generation in list(self._nurseries):
            self.retire(generation)

    # --- starting and ending processes

    def _seat_for(self, index: int, nursery: Nursery) -> Seat:
        seat, nursery.spare = nursery.spare, None
        if seat is None:
            seat = self._new_seat(nursery, trial=False)
        seat.index = index
        self._seats[index] = seat
        seat.writer.write(b"I%d\n" % index)
        return seat

    def _new_seat(self, nursery: Nursery, *, trial: bool) -> Seat:
        self._serial += 1
        seat = Seat(self._serial, nursery.load["generation"])
        while seat.template is None:
            template = nursery.best()
            try:
                template.order(seat, trial=trial)
                seat.template = template
            except OSError:
                self.template_ended(nursery, template)
        self._by_serial[seat.serial] = seat
        for fd in seat.fds:
            self._ears.listen(fd, self._hearing(seat))
        if self._time is not None:
            seat.writer.write(self._time)
        return seat

    def drop(self, seat: Seat) -> None:
        """End a process and forget it."""
        self._ears.forget(seat.fds)
        seat.kill()
        seat.close()
        del self._by_serial[seat.serial]
        if seat.pid is not None:
            self._by_pid.pop(seat.pid, None)
        if self._seats.get(seat.index) is seat:
            del self._seats[seat.index]
        nursery = self._nurseries.get(seat.generation)
        if nursery is not None and nursery.spare is seat:
            nursery.spare = None

    # --- messages of instances

    def _hearing(self, seat: Seat) -> Callable[[], None]:
        return lambda: self._hear(seat)

    def _hear(self, seat: Seat) -> None:
        for line in seat.read():
            _SAYINGS[line[:1]](self, seat, line[1:])
        seat.read_outputs()
        self._ears.forget(fd for fd, reader in seat.fds.items() if reader.ended)
        if not self._settings["virtual"]:
            self.pass_on(seat)

    def pass_on(self, seat: Seat) -> None:
        """Forward an instance's pending lines to forge-emu."""
        self._voice.pass_on(seat.said)
        seat.said.clear()

    def _begun(self, seat: Seat, _: bytes) -> None:
        if seat.run is not None:
            seat.run.begun = True

    def _ended(self, seat: Seat, text: bytes) -> None:
        seat.finish_outputs()
        seat.said.append(text)
        seat.run = None

    def _requested(self, seat: Seat, text: bytes) -> None:
        seat.said.append(text)

    def _logged(self, seat: Seat, text: bytes) -> None:
        seat.read_outputs()
        line = json.loads(text)
        seat.log(line["level"], line["message"])

    def _waits(self, seat: Seat, text: bytes) -> None:
        state = json.loads(text)
        seat.rounds_done, seat.due_at, seat.now = state["rounds"], state["at"], state["now"]

    def _evaluated(self, seat: Seat, text: bytes) -> None:
        answer = json.loads(text)
        nursery = self._nurseries[seat.generation]
        self.pass_on(seat)
        self._loaded(nursery, answer["loaded"])
        if answer["packages"]:
            nursery.add(answer["packages"])

    def _loaded(self, nursery: Nursery, answer: Json) -> None:
        nursery.loaded = True
        generation = nursery.load["generation"]
        self._voice.say({"type": "loaded", "thread": 0, "generation": generation, **answer})

    # --- messages of fork servers

    def forked(self, serial: int, pid: int) -> None:
        """A fork server has forked a process."""
        seat = self._by_serial.get(serial)
        if seat is None:
            # It was ended before it was forked.
            os.kill(pid, signal.SIGKILL)
            return
        seat.pid = pid
        self._by_pid[pid] = seat

    def exited(self, pid: int, status: int) -> None:
        """A process has exited, killed or by itself."""
        seat = self._by_pid.pop(pid, None)
        if seat is None:
            return
        self._hear(seat)
        seat.finish_outputs()
        run, index = seat.run, seat.index
        cause, message = cause_of(seat, status)
        nursery = self._nurseries[seat.generation]
        if seat is nursery.spare and not nursery.loaded:
            error = {"name": "ProcessExit", "message": message}
            file = next(iter(nursery.load["functions"].values()))["file"]
            self.pass_on(seat)
            self._loaded(nursery, {"failure": {"file": file, "error": error}})
        self.drop(seat)
        if run is None:
            self._take_leave(seat, seat.said)
        elif not self._start_again(nursery, index, run):
            self._lost(seat, run, cause, message)

    def _start_again(self, nursery: Nursery, index: int, run: Run) -> bool:
        """Start an invocation again whose process exited before it had begun; False if lost."""
        if run.begun or run.starts >= _MOST_STARTS:
            return False
        run.starts += 1
        self._seat_for(index, nursery).start(run)
        return True

    def template_ended(self, nursery: Nursery, template: Template) -> None:
        """Replace a fork server that has exited, and restart the invocations of its instances."""
        nursery.remove(template)
        for seat in self.all():
            if seat.template is template:
                run = seat.run
                self.drop(seat)
                if run is not None and not self._start_again(nursery, seat.index, run):
                    self._lost(seat, run, "stuck", "the process it was forked from ended")

    def _lost(self, seat: Seat, run: Run, cause: str, message: str) -> None:
        ended = {
            "type": "thread_ended",
            "thread": seat.index,
            "cause": cause,
            "slot": run.n,
            "message": message,
        }
        self._take_leave(seat, [*seat.said, json.dumps(ended).encode()])

    def _take_leave(self, seat: Seat, words: list[bytes]) -> None:
        """Forward the last lines of a process; in virtual time when the round is over."""
        if self._settings["virtual"]:
            self.departed.append((seat.turn, words))
        else:
            self._voice.pass_on(words)


_SAYINGS: Final[dict[bytes, Callable[[Instances, Seat, bytes], None]]] = {
    b"B": Instances._begun,
    b"E": Instances._ended,
    b"Q": Instances._requested,
    b"L": Instances._logged,
    b"O": Instances._evaluated,
    b"W": Instances._waits,
}
