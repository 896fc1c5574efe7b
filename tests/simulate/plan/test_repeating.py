"""The command line that repeats one run of many."""

from __future__ import annotations

import shlex

from forge_emu.simulate.plan.repeating import repeat_command, shared_arguments


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


def test_what_is_written_of_all_runs_is_not_repeated() -> None:
    """One run would overwrite it; a file of its own is named anew."""
    words = ["app", "--json", "--junit", "a.xml", "--report=a.html", "--shard", "1/2", "--jobs=3"]
    assert repeat_command(words, seed=2) == "forge-emu simulate app --seed 2"


def test_what_all_shards_share() -> None:
    """All but the shard and what it prints; the seeds are those of all."""
    words = ("app", "--seeds", "9", "--json", "--shard=1/2", "--shard-file", "x", "--", "--json")
    assert shared_arguments(words) == ("app", "--seeds", "9", "--", "--json")
