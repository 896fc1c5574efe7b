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
from .instance_process import Seat
from .instances import Instances
from .memory import CHECK_SECONDS, computing_ms, resident_bytes
from .poller import Ears, Voice, reader_of
from .process_limits import leave_no_core, open_many_files

Json = Any
_MB: Final = 1024 * 1024
_ROOM_SECONDS: Final = 0.001
"""Until writing to a full pipe is tried again."""


def serve(settings_text: str) -> NoReturn:
    """Run the host until forge-emu closes its pipes."""
    leave_no_core()
    open_many_files()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Host(json.loads(settings_text)).run()


class Host:
    """Executes orders and enforces the limits of instances."""

    def __init__(self, settings: dict[str, Json]) -> None:
        self._settings = settings
        reading, writing = settings["pipes"]
        self._reader = LineReader(reader_of(reading))
        self._ears = Ears()
        self._ears.listen(reading, self._take_orders)
        self._voice = Voice(writing, self._leave)
        self._instances = Instances(settings, self._ears, self._voice)
        self._round: int | None = None
        self._checked_at = real_clock.now_ms()

    def run(self) -> NoReturn:
        """Work until the pipe from forge-emu ends."""
        gc.collect()
        gc.freeze()
        self._voice.say({"type": "ready", "version": f"Python {sys.version.split()[0]}"})
        while True:
            self._write()
            self._ears.hear(self._patience())
            self._check()
            self._finish_round()

    def _take_orders(self) -> None:
        for line in self._reader.lines():
            if line.startswith(b'["host",'):
                self._take_order(json.loads(line)[1])
                continue
            index, _, rest = line[1:].partition(b",")
            if rest.startswith(b'{"type":"start"'):
                self._instances.start(int(index), rest[:-1])
            else:
                self._instances.answer(int(index), rest[:-1])
        if self._reader.ended:
            self._leave()

    def _take_order(self, order: dict[str, Json]) -> None:
        match order["type"]:
            case "load":
                self._instances.load(order)
            case "retire":
                self._instances.retire(order["generation"])
            case "abort":
                self._instances.abort(order["thread"])
            case "time":
                told = {**order, "at": real_clock.now_ms()}
                self._instances.tell_time(b"T%b\n" % json.dumps(told).encode())
            case "round":
                self._play_round(order["now"])

    # --- virtual time

    def _play_round(self, now: int) -> None:
        """Start a round: the messages since the last one take effect at `now`."""
        self._round = now
        for seat in self._instances.running():
            seat.play(now, computing_ms(seat.pid) if seat.pid else None)

    def _finish_round(self) -> None:
        seats = self._instances.all()
        if self._round is None or not all(seat.waiting for seat in seats):
            return
        began, self._round = self._round, None
        now = max([began, *(seat.now for seat in seats)])
        if now > began:
            # Code that kept looking at the clock has taken time.
            self._voice.say({"type": "racing"})
        words = [*self._instances.departed, *((seat.turn, seat.said) for seat in seats)]
        self._instances.departed = []
        for _, said in sorted(words, key=lambda entry: entry[0]):
            self._voice.pass_on(said)
            said.clear()
        due = [s.due_at for s in self._instances.running() if s.due_at is not None]
        self._voice.say({"type": "idle", "now": now, "at": min(due, default=None)})

    def _check_stuck(self, now: float) -> None:
        """In virtual time no deadline comes while code runs."""
        patience = self._settings["patience_ms"]
        for seat in self._instances.all():
            if seat.waiting or seat.pid is None:
                continue
            used = computing_ms(seat.pid)
            idle = used is not None and used - seat.computed < patience
            if now - seat.moved_at > (2 * self._settings["io_patience_ms"] if idle else patience):
                _end(seat, "stuck")

    # --- limits

    def _patience(self) -> float | None:
        if self._voice.waiting or any(seat.writer.waiting for seat in self._instances.all()):
            return _ROOM_SECONDS
        return CHECK_SECONDS if self._instances.running() else None

    def _check(self) -> None:
        now = real_clock.now_ms()
        if now - self._checked_at < CHECK_SECONDS * 1000:
            return
        self._checked_at = now
        running = {seat.pid: seat for seat in self._instances.running() if seat.pid}
        for pid, size in resident_bytes(running.keys()).items():
            run = running[pid].run
            if run is not None and size > run.memory_mb * _MB:
                _end(running[pid], "out_of_memory")
        if self._round is not None:
            self._check_stuck(now)

    def _write(self) -> None:
        self._voice.flush()
        for seat in self._instances.all():
            seat.flush()

    def _leave(self) -> NoReturn:
        self._instances.leave()
        os._exit(0)


def _end(seat: Seat, why: str) -> None:
    seat.killed_for = why
    seat.kill()
