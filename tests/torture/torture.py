"""Carries a schedule out, lets everything come to its end, and checks the state."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from forge_emu.control.contract import TriggerOrder
from forge_emu.errors import ForgeEmuError
from tests.torture import app as tortured
from tests.torture.emulator_under_test import EmulatorUnderTest
from tests.torture.schedule import DisruptionStep
from tests.torture.state_check import StateCheck

Say = Callable[[str], None]

# fmt: off
_OPTIONS = (
    "--limits", "off", "--set", "state.records=100000000", "--set", "state.records_mb=100000",
    "--set", "state.waiting_mb=0",
    # A loop that never ends says nothing meanwhile, and a busy machine takes long over it.
    "--set", "delivery.stuck_real_seconds=15",
)
# fmt: on


class Torture:
    """`events` product events go through an app while `steps` happen to its emulator."""

    def __init__(
        self, root: Path, steps: list[DisruptionStep], events: int, speed: int, say: Say
    ) -> None:
        self._app = tortured.write_app(root)
        self._steps = steps
        self._events_left = events
        self._events_per_kill = max(events // max(sum("kill" in s.disruption for s in steps), 1), 1)
        self._speed = speed
        self._say = say
        self._version = 1
        self.disruptions: Counter[str] = Counter()
        self.receipts: dict[str, int] = {}
        self.ready_seconds: list[float] = []

    def run(self) -> StateCheck:
        """All of it."""
        victim = self._start()
        for step in self._steps:
            if step.disruption == "kill_starting":
                victim.kill()
                victim = self._start(wait=False)
                time.sleep(step.seconds)
            elif step.disruption == "kill":
                victim.wait_for_records(step.records)
            else:
                victim.wait_for_records(step.records)
                self._disrupt(victim, step)
                self.disruptions[step.disruption] += 1
                continue
            victim.kill()
            self.disruptions["kill"] += 1
            self._say(
                f"{self.disruptions['kill']:>4} {step}, {self._events_left:,} events left to send"
            )
            victim = self._start()
        self._send_events(victim, self._events_left)
        victim.wait_for_records(500)
        victim.kill()
        self._run_until_idle()
        return StateCheck(self._app, self.receipts)

    def _start(self, *, wait: bool = True) -> EmulatorUnderTest:
        (self._app / "disk").unlink(missing_ok=True)
        victim = EmulatorUnderTest(self._app, *_OPTIONS, "--speed", str(self._speed))
        if wait:
            if victim.wait_for("app.loaded") is None:
                said = (self._app / "stderr.txt").read_text()[-2000:]
                raise AssertionError(f"the emulator did not start: {said}")
            self.ready_seconds.append(victim.ready_seconds)
            self._send_events(victim, min(self._events_per_kill, self._events_left))
        return victim

    def _send_events(self, victim: EmulatorUnderTest, count: int) -> None:
        if not count:
            return
        # An order that was not answered may or may not have been taken: it is not counted on.
        with suppress(ForgeEmuError), victim.client() as client:
            receipt = client.trigger(TriggerOrder("avi:jira:created:issue", count))
            self.receipts[receipt.batch] = count
            self._events_left -= count

    def _disrupt(self, victim: EmulatorUnderTest, step: DisruptionStep) -> None:
        match step.disruption:
            case "kill_hosts":
                victim.kill_hosts()
            case "reload":
                self._version += 1
                tortured.write_version(self._app, self._version)
            case "broken_reload":
                tortured.break_code(self._app)
                victim.wait_for("app.rejected")
                self._version += 1
                tortured.write_version(self._app, self._version)
                victim.wait_for("app.reloaded")
            case "slow":
                self._set_disk_mode("slow")
            case "full":
                self._set_disk_mode("full")
                # Something has to be written for the disk to be found full.
                with suppress(ForgeEmuError), victim.client() as client:
                    receipt = client.trigger(TriggerOrder("avi:jira:created:issue", 1))
                    self.receipts[receipt.batch] = 1
                victim.wait_for("log", message="cannot be written")
                victim.wait_for_records(200)
                self._set_disk_mode("")
                victim.wait_for("log", message="again")

    def _set_disk_mode(self, mode: str) -> None:
        (self._app / "disk").write_text(mode)

    def _run_until_idle(self) -> None:
        """A last run, left alone until everything has ended."""
        victim = EmulatorUnderTest(
            self._app, *_OPTIONS, "--speed", str(self._speed), "--until-idle"
        )
        while victim.wait_for("summary") is not None:
            pass
        victim.kill()
