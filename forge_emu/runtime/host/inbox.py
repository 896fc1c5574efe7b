"""Translates the messages of a host to those of the ports."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from forge_emu.ports import (
    AppRequest,
    HostNotice,
    InvocationEnded,
    LogLine,
    RuntimeMessage,
)
from forge_emu.runtime.host import wire
from forge_emu.runtime.host.crash_outcomes import blameless, deed
from forge_emu.runtime.host.isolation import Isolation
from forge_emu.runtime.host.placement import Books


class Hearing:
    """Updates the placement from the host's messages; `on_loaded` gets the answers to loads.

    `invocation_ended` is whether an invocation has ended since it was set to False.
    """

    def __init__(
        self,
        books: Books,
        loaded: Callable[[wire.Loaded], None],
        isolation: Isolation,
        virtual: bool,
    ) -> None:
        self._books = books
        self._loaded = loaded
        self._isolation = isolation
        self._virtual = virtual
        self.finished = False

    def understand(self, messages: Sequence[wire.FromHost | str]) -> list[RuntimeMessage]:
        """The messages for the emulator's loop."""
        heard: list[RuntimeMessage] = []
        for message in messages:
            match message:
                case wire.Ended(invocation_id, outcome):
                    if (running := self._books.leave(invocation_id)) is not None:
                        self._isolation.let_go(running)
                        self.finished = True
                        heard.append(InvocationEnded(invocation_id, outcome))
                case wire.Request():
                    heard.append(self._request(message))
                case wire.Printed(invocation_id, level, text):
                    heard.append(LogLine(invocation_id, level, text))
                case wire.Loaded():
                    self._loaded(message)
                case wire.ThreadEnded():
                    heard += self._thread_ended(message)
                case wire.ThreadBlocked():
                    self._isolation.blocked(message)
                case wire.Isolated():
                    heard += self._isolation.isolated(message)
                case wire.Ready() | wire.Idle() | wire.Racing():
                    pass
                case str():
                    heard.append(HostNotice("warn", f"not understood from the host: {message}"))
        return heard

    def _request(self, request: wire.Request) -> AppRequest:
        self._books.ask(request.id, request.thread, request.invocation)
        return AppRequest(
            request.id,
            request.invocation,
            request.options,
            request.path,
            request.method,
            request.headers,
            request.body,
            request.late,
        )

    def _thread_ended(self, ended: wire.ThreadEnded) -> list[InvocationEnded]:
        """End the thread's invocations: only the culprit gets a crash outcome, the others retry."""
        heard = []
        culprit = self._books.numbered(ended.slot)
        for running in self._books.on_thread(ended.thread):
            outcome = blameless("another invocation brought its thread down")
            if running is culprit:
                outcome = deed(ended)
            self._books.leave(running.invocation.invocation_id)
            if running is culprit and self._virtual and ended.cause == "stuck":
                # Its deadline will come in its own time, and end it.
                continue
            heard.append(InvocationEnded(running.invocation.invocation_id, outcome))
        self._books.forget_thread(ended.thread)
        self._isolation.ended(ended.thread)
        return heard
