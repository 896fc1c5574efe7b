"""`forge-emu clock` on a running emulator, in every time mode."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import apps
from tests.e2e.emulator_process import EmulatorProcess, run_command, running_emulator

pytestmark = pytest.mark.node

RETRYING = """\
import { InvocationError, Queue } from '@forge/events';

const queue = new Queue({ key: 'store-later' });

export const created = (event) => queue.push({ body: {}, delayInSeconds: 60 });

export async function store(event) {
  console.log(`handled at ${new Date().getTime()}`);
  if ((event.retryContext?.retryCount ?? 0) < 2) return new InvocationError({ retryAfter: 300 });
}
"""
MINUTE = 60_000


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """One event, due after a minute, and twice again after five more."""
    made = apps.queued_app(tmp_path)
    (made / "src" / "index.js").write_text(RETRYING)
    return made


def clock(run: EmulatorProcess, *words: str) -> dict[str, Any]:
    """A clock command, and where time stands after it."""
    done = run_command("clock", *words, "--app", run.app, "--json")
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def starts(run: EmulatorProcess) -> list[int]:
    """When the consumer was started."""
    return [r["at"] for r in run.records_of("invocation.started") if r["function"] == "store"]


@pytest.mark.parametrize("mode", ["--virtual", "--speed=1"])
def test_held_time_moves_step_by_step(app: Path, mode: str) -> None:
    """A quarter of an hour in one go: each attempt at its own time, handlers' clocks included."""
    with running_emulator(app, mode) as run:
        from_ = clock(run, "pause")["now"]
        assert run_command("trigger", "issue-created", "--app", app).returncode == 0
        run.wait_for_type("event.pushed")
        assert clock(run, "show")["next_due"] == from_ + MINUTE
        assert clock(run, "next")["now"] == from_ + MINUTE
        run.wait_for_type("retry.scheduled")
        state = clock(run, "advance", "15m")
        assert state["now"] == from_ + 16 * MINUTE
        assert state["paused"]
        assert (state["pending"], state["next_due"], state["goal"]) == (0, None, None)
        run.wait_for_type("event.succeeded")
        due = [
            r["due_at"] for r in run.records_of("event.pushed") + run.records_of("retry.scheduled")
        ]
        assert starts(run) == due
        if mode == "--virtual":
            assert due == [from_ + n * MINUTE for n in (1, 6, 11)]
        assert clock(run, "show")["now"] == from_ + 16 * MINUTE
        seen = [
            int(r["message"].split()[-1])
            for r in run.records_of("log")
            if "handled" in r["message"]
        ]
        # Handlers' clocks went along, to the accuracy of a message's way in real time.
        assert [round((b - a) / MINUTE) for a, b in pairwise(seen)] == [5, 5]


@pytest.mark.parametrize("mode", ["--virtual", "--speed=1", "--speed=600"])
def test_until_idle_moves_time_until_all_has_settled(app: Path, mode: str) -> None:
    """Eleven minutes of waiting, and none of it real."""
    with running_emulator(app, mode) as run:
        clock(run, "pause")
        assert run_command("trigger", "issue-created", "--app", app).returncode == 0
        run.wait_for_type("event.pushed")
        state = clock(run, "until-idle")
        assert state["pending"] == state["running"] == state["planned"] == 0
        assert state["paused"]
        run.wait_for_type("event.succeeded")
        assert len(starts(run)) == 3
        assert not clock(run, "resume")["paused"]


def test_the_speed_can_be_changed(app: Path) -> None:
    """Paced time takes any; real time and virtual time have none."""
    with running_emulator(app, "--speed=60") as run:
        assert clock(run, "speed", "6000")["speed"] == 6000
        assert run_command("trigger", "issue-created", "--app", app).returncode == 0
        run.wait_for_type("event.succeeded")
        seen = [r["message"] for r in run.records_of("log")]
        assert "time runs at speed x6000" in seen
    for mode, why in (
        ("--virtual", "virtual time has no speed"),
        ("--speed=1", "real time has no other speed"),
    ):
        with running_emulator(app, mode):
            done = run_command("clock", "speed", "60", "--app", app)
            assert done.returncode == 2
            assert why in done.stderr
            assert "--speed 60" in done.stderr


def test_without_an_emulator_there_is_no_clock(app: Path) -> None:
    """As for every command that needs one."""
    done = run_command("clock", "show", "--app", app)
    assert done.returncode == 3
    assert "forge-emu run" in done.stderr


def test_what_cannot_be_understood_is_explained(app: Path) -> None:
    """Before anybody is asked."""
    done = run_command("clock", "advance", "soon", "--app", app)
    assert done.returncode == 2
    assert "'soon' is no span of time" in done.stderr
    assert run_command("run", app, "--virtual", "--speed", "2").returncode == 2
