"""`--speed N`: virtual time that waits, with real handlers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e import apps
from tests.e2e.emulator_process import EmulatorProcess, run_command

pytestmark = pytest.mark.node

COMPUTING = """\
export function created() {
  let x = 0;
  for (let i = 0; i < 4e8; i++) x = (x + i) | 0;
  return x;
}
export const store = () => {};
"""
LEFT_BEHIND = """\
export function created() { setTimeout(() => {}, 700); }
export const store = () => {};
"""


def test_a_seed_gives_the_same_bytes_at_every_speed(tmp_path: Path) -> None:
    """Simulated, in virtual time, and at two speeds: with refusals, retries and waits."""
    arguments = ("--seed", "7", "--set", "limits.push.events_per_minute=15")
    app = apps.queued_app(tmp_path / "app")
    file = tmp_path / "records.jsonl"
    done = run_command(
        "simulate", app, "issue-created:40", *arguments, "--records", str(file), "--json"
    )
    assert done.returncode == 0, done.stderr
    expected = file.read_text("utf-8").splitlines()

    run = ("run", app, "--ephemeral", "--trigger", "issue-created", "--count", "40", "--until-idle")
    for mode in ("--virtual", "--speed=200", "--speed=5000"):
        done = run_command(*run, mode, "--json", *arguments)
        assert done.returncode == 0, done.stderr
        assert done.stdout.splitlines() == expected, mode


def test_a_timer_that_does_nothing_makes_no_run_longer(tmp_path: Path) -> None:
    """The summary has the instant of what happened last, in each kind of run."""
    app = apps.app_without_packages(tmp_path, LEFT_BEHIND)
    file = tmp_path / "records.jsonl"
    done = run_command("simulate", app, "issue-created", "--records", str(file), "--json")
    assert done.returncode == 0, done.stderr
    expected = file.read_text("utf-8").splitlines()
    assert '"ended_at":0,' in expected[-1]

    run = ("run", app, "--ephemeral", "--trigger", "issue-created", "--until-idle")
    for mode in ("--virtual", "--speed=5000"):
        done = run_command(*run, mode, "--json", "--seed", "1")
        assert done.stdout.splitlines() == expected, mode


def test_computing_takes_no_emulated_time(tmp_path: Path) -> None:
    """What is computed here in half a second would be a minute at this speed, and a timeout."""
    app = apps.app_without_packages(tmp_path, COMPUTING)
    run = EmulatorProcess(
        app,
        *("--ephemeral", "--speed", "120", "--trigger", "issue-created", "--until-idle"),
        *("--set", "delivery.stuck_real_seconds=60"),
    )
    run.wait_for_summary()

    [finished] = run.records_of("invocation.finished")
    assert (finished["outcome"], finished["duration_ms"]) == ("success", 0)


def test_the_state_of_a_paced_run_goes_on(tmp_path: Path) -> None:
    """What waits is there for the next run, at another speed."""
    app = apps.queued_app(tmp_path / "app")
    first = EmulatorProcess(
        app,
        "--speed",
        "50",
        "--trigger",
        "issue-created",
        "--set",
        "delivery.push_spread_seconds=900",
    )
    first.wait_for_type("product_event.succeeded")
    first.close()
    second = EmulatorProcess(app, "--speed", "5000", "--until-idle")
    summary = second.wait_for_summary()

    [restarted] = second.records_of("emulator.restarted")
    assert restarted["pending"] == 1
    assert summary["events"]["succeeded"] == 1
