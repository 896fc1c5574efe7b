"""Translates the messages of a host to those of the ports."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from forge_emu.ports import (
    AppRequest,
    HostNotice,
    InvocationBegun,
    InvocationEnded,
    InvocationHeldUp,
    LogLine,
    RuntimeMessage,
    SentRequestAnswered,
    SentRequestEnded,
)
from forge_emu.runtime.host import wire
from forge_emu.runtime.host.crash_outcomes import crash_outcome, interrupted
from forge_emu.runtime.host.isolation import Isolation
from forge_emu.runtime.host.patience import Patience
from forge_emu.runtime.host.placement import PlacedInvocation, Placement

IO_GIVEN_UP: Final = (
    "a file, a connection or a process has not answered in real time, so emulated time goes on "
    "without it (delivery.io_real_seconds)"
)


class Inbox:
    """Updates the placement from the host's messages; `on_loaded` gets the answers to loads."""

    def __init__(
        self,
        placement: Placement,
        on_loaded: Callable[[wire.Loaded], None],
        isolation: Isolation | None,
        code_patience: Patience,
        io_patience: Patience,
        virtual: bool,
    ) -> None:
        self._placement = placement
        self._on_loaded = on_loaded
        self._isolation = isolation
        self._code_patience = code_patience
        self._io_patience = io_patience
        self._virtual = virtual
        self._invocation_ended = False

    def take_invocation_ended(self) -> bool:
        """Whether an invocation has ended since the last call."""
        ended, self._invocation_ended = self._invocation_ended, False
        return ended

    def translate_messages(self, messages: Sequence[wire.FromHost | str]) -> list[RuntimeMessage]:
        """The messages for the emulator's loop."""
        translated: list[RuntimeMessage] = []
        for message in messages:
            match message:
                case wire.Ended(invocation_id, outcome, unanswered, unanswered_requests):
                    if (running := self._placement.remove_invocation(invocation_id)) is not None:
                        self._end_invocation(running)
                        self._invocation_ended = True
                        translated.append(
                            InvocationEnded(invocation_id, outcome, unanswered, unanswered_requests)
                        )
                case wire.Begun(invocation_id):
                    translated.append(InvocationBegun(invocation_id))
                case wire.Request():
                    translated.append(self._app_request(message))
                case SentRequestEnded() | SentRequestAnswered():
                    translated.append(message)
                case wire.Printed(invocation_id, level, text):
                    translated.append(LogLine(invocation_id, level, text))
                case wire.Loaded():
                    self._on_loaded(message)
                case wire.ThreadEnded():
                    translated += self._end_thread(message)
                case wire.ThreadWaited():
                    translated += self._hold_up(message)
                case wire.IoGivenUp(invocation_ids):
                    translated += self._give_up_io(invocation_ids)
                case wire.Ready():
                    pass
                case str():
                    translated.append(
                        HostNotice("warn", f"not understood from the host: {message}")
                    )
                case _ if self._isolation is not None:
                    translated += self._isolate(self._isolation, message)
        return translated

    def _app_request(self, request: wire.Request) -> AppRequest:
        self._placement.add_request(request.id, request.thread, request.invocation)
        return AppRequest(
            request.id,
            request.invocation,
            request.options,
            request.path,
            request.method,
            request.headers,
            request.body,
            request.late,
            request.place,
        )

    def _hold_up(self, wait: wire.ThreadWaited) -> list[InvocationHeldUp]:
        """What a thread's invocations have waited is not their own time."""
        on_thread = self._placement.invocations_on_thread(wait.thread)
        holder = self._placement.find_invocation(wait.held_by)
        if holder and self._isolation:
            self._isolation.note_turn(holder.invocation.function, wait.turn_ms)
        return [
            InvocationHeldUp(r.invocation.invocation_id, wait.ms)
            for r in on_thread
            if r is not holder
        ]

    def _give_up_io(self, invocation_ids: Sequence[str]) -> list[LogLine]:
        found = [r for id in invocation_ids if (r := self._placement.find_running(id)) is not None]
        for running in found:
            self._io_patience.note(running.invocation)
        return [LogLine(r.invocation.invocation_id, "warn", IO_GIVEN_UP) for r in found]

    def _isolate(self, isolation: Isolation, message: wire.FromHost) -> list[RuntimeMessage]:
        match message:
            case wire.NeedsOwnThread(function, stays, keeps_state):
                alone = None if stays is None else self._placement.find_running(stays)
                isolation.run_apart(function, alone, keeps_state=keeps_state)
            case wire.Returned(invocation_id):
                if (running := self._placement.find_running(invocation_id)) is not None:
                    isolation.return_invocation(running)
            case wire.ThreadBlocked():
                isolation.isolate_thread(message)
            case wire.Isolated():
                return isolation.reassign_invocations(message)
        return []

    def _end_invocation(self, running: PlacedInvocation) -> None:
        if self._isolation is not None:
            self._isolation.end_invocation(running)

    def _end_thread(self, ended: wire.ThreadEnded) -> list[InvocationEnded]:
        """End the thread's invocations: only the culprit gets a crash outcome.

        Those that had not begun start on another thread; the others are delivered again.
        """
        if self._isolation is not None:
            self._isolation.hear_end(ended.thread)
        ended_invocations = []
        on_thread = self._placement.invocations_on_thread(ended.thread)
        culprit = self._placement.find_invocation(ended.slot)
        self._placement.forget_thread(ended.thread)
        if culprit is not None and self._isolation is not None:
            self._isolation.run_apart(culprit.invocation.function)
        if culprit is not None and ended.cause == "stuck":
            self._code_patience.note(culprit.invocation)
        for running in on_thread:
            if running is culprit:
                outcome = crash_outcome(ended)
            elif self._isolation is not None and running.n > ended.started:
                self._isolation.return_invocation(running)
                continue
            else:
                outcome = interrupted("another invocation brought its thread down")
            self._placement.remove_invocation(running.invocation.invocation_id)
            self._end_invocation(running)
            if running is culprit and self._virtual and ended.cause == "stuck":
                # Its deadline will come in its own time, and end it.
                continue
            ended_invocations.append(InvocationEnded(running.invocation.invocation_id, outcome))
        return ended_invocations
