"""Carries a schedule out, lets everything come to its end, and judges."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from forge_emu.control.contract import TriggerOrder
from forge_emu.errors import ForgeEmuError
from tests.torture import app as tortured
from tests.torture.schedule import Step
from tests.torture.verdict import Verdict
from tests.torture.victim import Victim

Say = Callable[[str], None]

_OPTIONS = (
    "--limits", "off", "--set", "state.records=100000000", "--set", "state.records_mb=100000",
)  # fmt: skip


class Torture:
    """`events` product events go through an app while `steps` happen to its emulator."""

    def __init__(self, root: Path, steps: list[Step], events: int, speed: int, say: Say) -> None:
        self._app = tortured.write(root)
        self._steps = steps
        self._left = events
        self._share = max(events // max(sum("kill" in s.pain for s in steps), 1), 1)
        self._speed = speed
        self._say = say
        self._version = 1
        self.pains: Counter[str] = Counter()
        self.receipts: dict[str, int] = {}
        self.ready_seconds: list[float] = []

    def run(self) -> Verdict:
        """All of it."""
        victim = self._start()
        for step in self._steps:
            if step.pain == "kill_starting":
                victim.kill()
                victim = self._start(wait=False)
                time.sleep(step.seconds)
            elif step.pain == "kill":
                victim.after(step.records)
            else:
                victim.after(step.records)
                self._hurt(victim, step)
                self.pains[step.pain] += 1
                continue
            victim.kill()
            self.pains["kill"] += 1
            self._say(f"{self.pains['kill']:>4} {step}, {self._left:,} events left to send")
            victim = self._start()
        self._order(victim, self._left)
        victim.after(500)
        victim.kill()
        self._finish()
        return Verdict(self._app, self.receipts)

    def _start(self, *, wait: bool = True) -> Victim:
        (self._app / "disk").unlink(missing_ok=True)
        victim = Victim(self._app, *_OPTIONS, "--speed", str(self._speed))
        if wait:
            if victim.until("app.loaded") is None:
                said = (self._app / "stderr.txt").read_text()[-2000:]
                raise AssertionError(f"the emulator did not start: {said}")
            self.ready_seconds.append(victim.ready_seconds)
            self._order(victim, min(self._share, self._left))
        return victim

    def _order(self, victim: Victim, count: int) -> None:
        if not count:
            return
        # An order that was not answered may or may not have been taken: it is not counted on.
        with suppress(ForgeEmuError), victim.client() as client:
            receipt = client.trigger(TriggerOrder("avi:jira:created:issue", count))
            self.receipts[receipt.batch] = count
            self._left -= count

    def _hurt(self, victim: Victim, step: Step) -> None:
        match step.pain:
            case "kill_hosts":
                victim.kill_hosts()
            case "reload":
                self._version += 1
                tortured.change(self._app, self._version)
            case "broken_reload":
                tortured.spoil(self._app)
                victim.until("app.rejected")
                self._version += 1
                tortured.change(self._app, self._version)
                victim.until("app.reloaded")
            case "slow":
                self._disk("slow")
            case "full":
                self._disk("full")
                # Something has to be written for the disk to be found full.
                with suppress(ForgeEmuError), victim.client() as client:
                    receipt = client.trigger(TriggerOrder("avi:jira:created:issue", 1))
                    self.receipts[receipt.batch] = 1
                victim.until("log", message="cannot be written")
                victim.after(200)
                self._disk("")
                victim.until("log", message="again")

    def _disk(self, mood: str) -> None:
        (self._app / "disk").write_text(mood)

    def _finish(self) -> None:
        """A last run, left alone until everything has ended."""
        victim = Victim(self._app, *_OPTIONS, "--speed", str(self._speed), "--until-idle")
        while victim.until("summary") is not None:
            pass
        victim.kill()
