"""How a run looks on a terminal: readable lines, or the live console and its keys."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from forge_emu.control.contract import ClockOrder, TriggerOrder
from forge_emu.emulator.shutdown import Stop
from forge_emu.emulator.startup import loaded_fields
from forge_emu.errors import Problem
from forge_emu.model import RetryRequested
from forge_emu.records import AnyBody, AppRejected, AppReloaded, Log, Record, RecordBatch
from forge_emu.report.summary import Summary
from forge_emu.run.outputs import (
    ConsoleOutput,
    LinesOutput,
    ProgressOutput,
    QuietOutput,
)
from forge_emu.run.progress_lines import progress_line
from tests.emulator.emulator_harness import EmulatorHarness, text_of, text_terminal
from tests.emulator.harness import in_event_loop
from tests.engine.world import CREATED, app
from tests.run.test_progress_lines import FIGURES


def batch(*messages: str) -> RecordBatch:
    """Records of so many lines."""
    return RecordBatch(
        [
            Record(n, 0, "2026-01-01T00:00:00.000Z", Log(level="info", message=message))
            for n, message in enumerate(messages, 1)
        ]
    )


@in_event_loop
async def test_lines_are_read_by_people() -> None:
    """One for each record; brackets in what an app prints are no markup."""
    terminal = text_terminal(width=40)
    output = LinesOutput(terminal.stdout, Stop())
    output.start()
    long = "[red]" + "x" * 60
    output.show_batch(batch("one", long))
    await output.stop()
    first, second = text_of(terminal.stdout).splitlines()
    assert first.endswith("one")
    assert long in second
    output.show_summary(Summary())
    assert "Summary" in text_of(terminal.stdout)


class Keys:
    """The keys of the live console of an emulator."""

    def __init__(self) -> None:
        self.harness = EmulatorHarness()
        self.stop = Stop()
        self.screen = Console(file=StringIO(), force_terminal=True, width=80, color_system=None)
        self.output = ConsoleOutput(self.harness.emulator, self.screen, self.stop)

    def show(self, body: AnyBody) -> None:
        """A record comes."""
        self.output.show_batch(RecordBatch([Record(1, 0, "", body)]))

    async def first_frame(self) -> str:
        """What the screen shows at first."""
        self.output.start()
        await self.output.stop()
        return text_of(self.screen)


@in_event_loop
async def test_space_holds_delivery_and_lets_it_go_on() -> None:
    """Where the clock alone stands still, it lets that go on."""
    keys = Keys()
    emulator = keys.harness.emulator
    keys.output.toggle_pause()
    assert (emulator.engine.paused, emulator.clock.paused) == (True, False)
    keys.output.toggle_pause()
    assert not emulator.engine.paused
    emulator.set_clock(ClockOrder("pause"))
    keys.output.toggle_pause()
    assert (emulator.engine.paused, emulator.clock.paused) == (False, False)


@in_event_loop
async def test_a_key_delivers_one_event() -> None:
    """While the others are held."""
    keys = Keys()
    keys.output.toggle_pause()
    keys.harness.push()
    keys.harness.push()
    keys.output.deliver_one()
    assert len(keys.harness.runtime.invoked) == 1


@in_event_loop
async def test_keys_skip_waits() -> None:
    """Of everything, by the clock, or of one event."""
    keys = Keys()
    keys.harness.emulator.trigger(TriggerOrder(CREATED, 2, spread_ms=120_000))
    keys.harness.turn()
    keys.harness.end_invocation()
    keys.output.skip_to_next()
    assert keys.harness.clock.instant == 60_000
    keys.harness.end_invocation()
    keys.harness.push()
    keys.harness.end_invocation(RetryRequested(600))
    (track,) = keys.harness.emulator.timeline.tracks.values()
    keys.output.retry_now(track.id)
    assert len(keys.harness.runtime.invoked) == 1
    assert keys.harness.clock.instant == 60_000
    keys.harness.stop()


@pytest.mark.parametrize("mended", [False, True])
@in_event_loop
async def test_a_broken_app_is_shown_until_it_is_mended(mended: bool) -> None:
    """The last sound one runs meanwhile."""
    keys = Keys()
    problem = Problem("src/index.py", 3, 1, "no such name")
    keys.show(AppRejected(app_id="app", problems=[problem]))
    if mended:
        fields = loaded_fields(app())
        keys.show(AppReloaded(**fields, generation=2, problems=[]))
    assert ("no such name" in await keys.first_frame()) is not mended


@in_event_loop
async def test_q_is_a_ctrl_c() -> None:
    """The second one forces the end."""
    keys = Keys()
    keys.output.quit()
    assert (keys.stop.draining.is_set(), keys.stop.force.is_set()) == (True, False)
    keys.output.quit()
    assert keys.stop.force.is_set()


def test_quiet_leaves_the_messages_of_the_emulator() -> None:
    """What handlers print is left out, as the events are."""
    terminal = text_terminal(width=120)
    output = QuietOutput(terminal.stdout, Stop())
    bodies: list[AnyBody] = [
        Log(level="warn", message="of the emulator"),
        Log(level="info", message="an address"),
        Log(level="error", message="of a handler", invocation_id="i"),
        AppRejected(app_id="app", problems=[Problem("src/index.py", 3, 1, "no such name")]),
    ]
    records = [Record(n, 0, "2026-01-01T00:00:00.000Z", body) for n, body in enumerate(bodies)]
    output.show_batch(RecordBatch(records))
    output.show_summary(Summary())
    said = text_of(terminal.stdout)
    assert "of the emulator" in said
    assert "no such name" in said
    assert "Summary" in said
    assert "of a handler" not in said
    assert "an address" not in said


def test_progress_is_said_where_the_records_pass_an_instant() -> None:
    """Once, however far they go at a time, and not where nothing has changed."""
    terminal = text_terminal(width=120)
    figures = {"now": FIGURES}
    output = ProgressOutput(terminal.stdout, Stop(), lambda: figures["now"])
    later = {**FIGURES, "succeeded": 601}
    for at in (0, 9_999, 10_000, 29_999, 30_000, 3_600_000, 3_600_001):
        figures["now"] = FIGURES if at < 3_600_000 else later
        body = Log(level="info", message="x", invocation_id="i")
        output.show_batch(RecordBatch([Record(1, at, "2026-01-01T00:00:00.000Z", body)]))
    output.show_batch(RecordBatch([]))
    assert text_of(terminal.stdout).splitlines() == [
        progress_line(10_000, FIGURES),
        progress_line(3_600_000, later),
    ]


@in_event_loop
async def test_enter_reads_what_is_in_the_selected_event() -> None:
    """Also in a product event on its way to a trigger; the rest is why there is nothing."""
    harness = EmulatorHarness(keeps_payloads=True)
    console = ConsoleOutput(harness.emulator, Console(file=StringIO()), Stop())
    harness.emulator.trigger(TriggerOrder("issue-created", key="EMU-7"))
    harness.turn()
    id = harness.runtime.invoked[0].product_event_id
    found = console.read_payload(f"{id}/listen")

    assert isinstance(found, dict)
    assert found["body"]["issue"]["key"] == "EMU-7"
    assert console.read_payload("nobody-at-all") == "nothing is kept of an event 'nobody-at-all'"
