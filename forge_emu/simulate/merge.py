"""`forge-emu merge`: the shards of a simulation, as one simulation."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
from msgspec.structs import replace

from forge_emu import __version__
from forge_emu.emulator.starting.terminal import Terminal
from forge_emu.errors import ExitCode, UserError
from forge_emu.reporting import check_writable
from forge_emu.simulate.github_actions import GitHubActions
from forge_emu.simulate.options import SimulateOptions
from forge_emu.simulate.output import judge_results, print_result
from forge_emu.simulate.plan.conditions import parse_conditions
from forge_emu.simulate.shards.app_notes import with_missing_mocks_of_app
from forge_emu.simulate.shards.combining import combine_shards
from forge_emu.simulate.shards.shard_file import read_shard


class MergeOptions(msgspec.Struct, frozen=True):
    """The options of `merge` as given."""

    files: tuple[Path, ...]
    fail_on: tuple[str, ...] = ()
    as_json: bool = False
    junit: Path | None = None
    report: Path | None = None


def merge(options: MergeOptions, terminal: Terminal) -> ExitCode:
    """Print and write what one command would have that plays all shards. Raises UserError."""
    conditions = parse_conditions(options.fail_on)
    outputs = SimulateOptions(as_json=options.as_json, junit=options.junit, report=options.report)
    for option, file in (("--junit", options.junit), ("--report", options.report)):
        if file is not None:
            check_writable(file, option)
    shards = [(file, read_shard(file, __version__)) for file in options.files]
    results = combine_shards(shards, conditions, outputs)
    # What is said of the app is the same of every shard.
    notes = shards[0][1].notes
    notes.print_before(terminal)
    runs = with_missing_mocks_of_app(results.plan.root, results.runs, terminal)
    results = replace(results, runs=runs)
    if options.junit is not None and not results.plan.conditions:
        raise UserError("--junit needs a condition", "Add --fail-on 'dropped>0'.")
    print_result(results, terminal)
    notes.print_after(results.runs, terminal)
    app = shards[0][1].simulation.app
    return judge_results(results, app, terminal, GitHubActions.of(os.environ))
