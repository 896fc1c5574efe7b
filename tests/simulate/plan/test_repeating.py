"""The command line that repeats one run of many."""

from __future__ import annotations

import shlex

from forge_emu.simulate.plan.repeating import repeat_command


def test_the_line_that_repeats_a_run() -> None:
    """Quoted for a shell, with the seed and the value in place of those that were many."""
    words = [
        "my app",
        "issue-created",
        "--seeds",
        "20",
        "--compare=env.X=1,2",
        "--fail-on",
        "dropped>0",
        "--seed",
        "4",
    ]
    line = repeat_command(words, seed=7, change=("env.X", "it's"))
    assert shlex.split(line) == [
        "forge-emu",
        "simulate",
        "my app",
        "issue-created",
        "--fail-on",
        "dropped>0",
        "--seed",
        "7",
        "--set",
        "env.X=it's",
    ]
    assert "'dropped>0'" in line


def test_options_stand_before_the_end_of_options() -> None:
    """What follows `--` are arguments."""
    line = repeat_command(["--", "app", "issue-created"], seed=1)
    assert line == "forge-emu simulate --seed 1 -- app issue-created"
