"""A whole emulator with a fake runtime, in memory or with a state on disk."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import TypeVar

from rich.console import Console

from forge_emu.emulator.emulator import Emulator
from forge_emu.emulator.payloads.runtime import runtime_with_payloads
from forge_emu.emulator.starting.terminal import Terminal
from forge_emu.emulator.state import chance_for_run, open_state
from forge_emu.engine.faults.rules import parse_fault
from forge_emu.engine.journal.secrets import Secrets
from forge_emu.model import App, Instant, Json, Outcome, Success
from forge_emu.ports import AppRequest, InvocationEnded, MessageSink, RuntimeMessage
from forge_emu.records import Body, Log, Record, decode_record
from forge_emu.settings import Settings, SettingValue
from tests.emulator.harness import FakeRuntime, ManualClock, push_text
from tests.engine.world import app

B = TypeVar("B", bound=Body)


def text_terminal(confirm: Callable[[str], bool] | None = None, width: int = 80) -> Terminal:
    """A terminal whose output is plain text, for `text_of`."""
    stdout, stderr = (Console(file=StringIO(), width=width, color_system=None) for _ in range(2))
    return Terminal(lambda: stdout, lambda: stderr, confirm)


def text_of(console: Console) -> str:
    """What was printed on a console of `text_terminal`."""
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


class EmulatorHarness:
    """An emulator with a fake runtime, at `now`. Make it inside a running asyncio loop.

    `folder` holds its state; None is in memory alone. `loaded` says whether the app's code is,
    `keeps_payloads` whether what is in events is kept.
    """

    def __init__(
        self,
        *,
        the_app: App | None = None,
        settings: Mapping[str, SettingValue] | None = None,
        folder: Path | None = None,
        seed: int | None = 1,
        now: Instant = 0,
        virtual: bool = False,
        followed: bool = True,
        secrets: Secrets | None = None,
        faults: Sequence[str] = (),
        loaded: bool = True,
        keeps_payloads: bool = False,
    ) -> None:
        effective = Settings("off", settings)
        self.state = open_state(folder, effective) if folder else None
        self.clock = ManualClock(virtual=virtual)
        self.clock.instant = now
        self.runtime = FakeRuntime()
        self.runtime.clock = self.clock
        self.failures: list[Exception] = []
        self.emulator = Emulator(
            the_app or app(),
            effective,
            self.clock,
            chance_for_run(seed, self.state),
            token="sesame",
            on_failure=self.failures.append,
            faults=[parse_fault(text, "test") for text in faults],
            followed=followed,
            keeps_payloads=keeps_payloads,
            state=self.state,
            secrets=secrets,
        )
        self.engine = self.emulator.engine
        self.emulator.loop.attach_runtime(
            runtime_with_payloads(
                self._runtime_for,
                self.emulator.loop.receive_messages,
                self.emulator.payload_collector,
            )
        )
        if loaded:
            self.emulator.loop.add_generation(self.engine.generation)
            self.engine.start_app(now)

    def turn(self, now: Instant | None = None) -> None:
        """Run a turn, at `now` if it is given."""
        if now is not None:
            self.clock.instant = now
        self.emulator.loop.run_turn()

    def end_invocation(self, outcome: Outcome = Success()) -> None:  # noqa: B008
        """End the first invocation that has not ended."""
        invocation = self.runtime.invoked.pop(0)
        self.receive([InvocationEnded(invocation.invocation_id, outcome)])

    def push(
        self, delay_seconds: int = 0, *, by: str | None = None, body: dict[str, Json] | None = None
    ) -> None:
        """An invocation pushes one event to the queue `work`."""
        text = push_text({"body": body or {}, "delayInSeconds": delay_seconds})
        path = "/webhook/queue/publish/x/y"
        request = AppRequest(1, by, {}, path, "POST", {}, text)
        self.receive([request])

    def receive(self, messages: Sequence[RuntimeMessage]) -> None:
        """The runtime says something."""
        self._sink(messages)

    def _runtime_for(self, sink: MessageSink) -> FakeRuntime:
        self._sink = sink
        return self.runtime

    def bodies_of(self, kind: type[B]) -> list[B]:
        """The bodies of the records of one kind that followers could read."""
        return [record.body for record in self.records if isinstance(record.body, kind)]

    @property
    def record_types(self) -> list[str]:
        """The types of all records that followers could read."""
        return [record.type for record in self.records]

    @property
    def records(self) -> list[Record]:
        """All records that followers could read."""
        history = self.emulator.hub.history()
        return [decode_record(line) for retained in history for line in retained.lines]

    @property
    def messages(self) -> list[str]:
        """What was logged."""
        return [body.message for body in self.bodies_of(Log)]

    def stop(self) -> str | None:
        """End the run as a stop does; answers why its end could not be written."""
        self.emulator.loop.stop()
        persistence = self.emulator.persistence
        return persistence.close() if persistence else None
