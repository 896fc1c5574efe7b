"""`forge-emu simulate`: play a burst to its end in virtual time, and judge what comes of it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import click

from forge_emu.cli import completions, values
from forge_emu.cli import options as o
from forge_emu.runtime.host.environment import needed_variables
from forge_emu.runtime.node.starting.early_host import EarlyHost, early_host

_FILE = click.Path(dir_okay=False, path_type=Path)


class _KeepsArguments(click.Command):
    """Remembers its arguments as they were given, for the line that repeats a run."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta["words"] = tuple(args)
        return super().parse_args(ctx, args)


@click.command(
    cls=_KeepsArguments,
    epilog="Example: forge-emu simulate my-app issue-created --count 1000 --fail-on 'dropped>0'",
)
@click.argument(
    "arguments",
    nargs=-1,
    metavar="[APP] [EVENT|SCENARIO.yml]",
    shell_complete=completions.app_then_event,
)
@o.app_option_of_argument
@click.option(
    "--event",
    multiple=True,
    metavar="EVENT[:N][@TIME]",
    shell_complete=completions.event_names,
    help="One more event, such as issue-updated:200@5m. May be repeated.",
)
@click.option(
    "--scenario",
    type=_FILE,
    metavar="FILE",
    help="Steps with times, rates, ramps and bursts, from a YAML file: events, calls of functions "
    "and web triggers, pushes, runs of schedules.",
)
@o.count_option("How many of each event that says no number.", None)
@o.rate_option
@o.spread_option
@o.payload_option("--payload")
@o.data_option
@o.preset_option
@o.latency_option
@o.set_option
@o.env_file_option
@o.remote_option
@o.order_option
@o.fault_option
@click.option(
    "--seed",
    type=click.IntRange(0),
    metavar="N",
    help="Order and chances of the run.  [default: 1]",
)
@click.option(
    "--seeds",
    type=click.IntRange(1, 1000),
    metavar="N",
    help="Run under N seeds, and show min, median and max of every figure.",
)
@click.option(
    "--shard",
    metavar="K/N",
    help="Play the K-th of N parts of the seeds, and write it for `forge-emu merge`.",
)
@click.option(
    "--shard-file",
    type=_FILE,
    metavar="FILE",
    help="Where the shard is written.  [default: forge-emu-shard-K-of-N.json]",
)
@click.option(
    "--compare",
    metavar="NAME=A,B",
    shell_complete=completions.setting_names,
    help="Run under each of several values of a setting or of env.NAME.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 1000),
    metavar="N",
    help="Make up to N of several runs at once, each in a process of its own; what comes of them "
    "is the same.  [default: as many as there are cores]",
)
@o.kvs_option
@o.site_option
@o.state_option
@click.option(
    "--until",
    type=values.spread,
    metavar="24h",
    help="End after so much emulated time.  [default: when all is over, or 720h]",
)
@o.fail_on_option("Exit with 1 when it holds: 'dropped>0', 'p95>5m', 'kvs.refused>100'.")
@o.junit_option
@click.option(
    "--records",
    type=_FILE,
    metavar="FILE|-",
    help="Write every record, and the summary as the last line; to stdout with -.",
)
@o.report_option
@o.with_payloads_option
@o.trace_option
@click.option(
    "--tries/--no-tries",
    default=None,
    help="Find out by further runs what delay or spread avoids a limit that was hit "
    "often.  [default: on a terminal, and with --report]",
)
@o.bundler_option
@o.layout_option
@click.option(
    "--network",
    is_flag=True,
    help="Let requests that no mock answers out to their addresses.  [default: hold them back]",
)
@o.install_option
@o.node_option
@click.option(
    "--watch",
    is_flag=True,
    help="Play again when a file of the app, its settings or the scenario changes, and show what "
    "changed against the last run. Ctrl-C ends it.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as one JSON object.")
@o.color_option
@click.pass_context
def simulate(ctx: click.Context, /, color: bool | None, watch: bool, **given: Any) -> None:
    """Play product events to their end in virtual time, and sum up.

    A day of retries takes seconds, and the same seed gives the same records every time. APP is the
    app's directory (default: here); EVENT is a name as `trigger` takes it, with a number and a time
    if you like: issue-created:1000@5m. Nothing is kept, and a running emulator is not disturbed.
    """
    if (app := o.app_of_option(ctx)) is not None:
        given["arguments"] = (str(app), *given["arguments"])
    with _early_host(given, watch=watch) as host:
        import asyncio

        from forge_emu.simulate.options import SimulateOptions

        options = SimulateOptions(argv=ctx.meta["words"], **given)
        terminal = o.terminal(color)
        if watch:
            from forge_emu.cli.output.errors import report_error
            from forge_emu.simulate.watching import watch as play_again

            sys.exit(asyncio.run(play_again(options, terminal, report_error)))
        from forge_emu.simulate.simulate import simulate as play

        sys.exit(asyncio.run(play(options, terminal, host)))


def _early_host(
    given: Mapping[str, Any], *, watch: bool
) -> AbstractContextManager[EarlyHost | None]:
    """Node.js for a single run; each of several has its own."""
    if watch or given["seeds"] or given["compare"] or given["shard"]:
        return nullcontext()
    folders = (Path(argument) for argument in given["arguments"])
    root = next((folder for folder in folders if folder.is_dir()), Path())
    needed = needed_variables(os.environ, network=given["network"])
    return early_host(root, needed, virtual=True, major=given["node"])
