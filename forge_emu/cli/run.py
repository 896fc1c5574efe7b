"""`forge-emu run`: load an app, watch it, serve it, and show what happens."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from forge_emu.cli import completions, values
from forge_emu.cli import options as o
from forge_emu.runtime.host.environment import needed_variables
from forge_emu.runtime.node.starting.early_host import early_host
from forge_emu.settings import DELIVERY_ORDER, LATENCY_PROFILE

if TYPE_CHECKING:
    from forge_emu.emulator.starting.terminal import Terminal
    from forge_emu.run.options import Judge, OutputKind, RunOptions


@click.command(epilog="Example: forge-emu run my-app --speed 60 --limits current")
@o.app_argument("[APP_DIR]")
@click.option(
    "--port",
    default=0,
    type=click.IntRange(0, 65535),
    metavar="PORT",
    help="Port of the control API.  [default: a free one]",
)
@click.option(
    "--host",
    metavar="ADDRESS",
    help="Serve the control API on this address too, such as 0.0.0.0, for other "
    "machines that have the token.  [default: this machine alone]",
)
@click.option(
    "--speed",
    type=values.speed,
    metavar="N",
    help="Emulated seconds per real second.  [default: 1]",
)
@click.option(
    "--virtual", is_flag=True, help="Never wait: go from one due time to the next, alike each time."
)
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
    help="Repeat the chances of an earlier run.  [default: a new one]",
)
@o.bundler_option
@o.layout_option
@o.install_option
@o.node_option
@click.option(
    "--watch/--no-watch",
    default=True,
    help="Reload the app when its files change.  [default: watch]",
)
@click.option(
    "--trigger",
    "event",
    metavar="EVENT",
    shell_complete=completions.event_names,
    help="Send product events as soon as the app is ready.",
)
@o.count_option("How many events --trigger sends.")
@click.option(
    "--until-idle", is_flag=True, help="Stop once every event has ended, retries included."
)
@o.fail_on_option("With --until-idle: exit with 1 when it holds: 'dropped>0', 'p95>5m'.")
@click.option(
    "--offline",
    is_flag=True,
    help="Let no request of a handler out: mocks answer, or nobody.",
)
@click.option(
    "--ephemeral", is_flag=True, help="Keep all in memory: begin anew, and leave nothing."
)
@o.kvs_option
@o.site_option
@o.state_option
@click.option(
    "--recover", is_flag=True, help="Save what can be read of a damaged state, and go on with that."
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print records to stdout, one JSON object per line."
)
@o.report_option
@o.with_payloads_option
@o.trace_option
@click.option("--plain", is_flag=True, help="Print a line for each record, on a terminal as well.")
@click.option(
    "--quiet",
    is_flag=True,
    help="Print no records: messages of the emulator, and the summary.",
)
@o.color_option
def run(
    app_dir: Path, as_json: bool, plain: bool, quiet: bool, color: bool | None, **given: Any
) -> None:
    """Run the Forge app in APP_DIR (default: here) with an emulated platform below it.

    Loads manifest.yml and the handlers as they are, delivers product events and queued events
    with the platform's delays, retries and limits, and shows what happens. Send it events from
    another terminal with `forge-emu trigger`, follow it with `forge-emu tail`. The first Ctrl-C
    lets running invocations finish and prints the summary; the second stops at once.
    """
    if given["virtual"] and given["speed"] is not None:
        raise click.UsageError("--virtual and --speed exclude each other.")
    if quiet and (as_json or plain):
        raise click.UsageError("--quiet excludes --json and --plain.")
    if given["fail_on"] and not given["until_idle"]:
        raise click.UsageError("--fail-on needs --until-idle: a run that goes on is not judged.")
    asked: OutputKind | None = (
        "json" if as_json else "lines" if plain else "quiet" if quiet else None
    )
    needed = needed_variables(os.environ, network=not given["offline"])
    with early_host(app_dir, needed, virtual=given["virtual"], major=given["node"]) as host:
        import asyncio

        from forge_emu.run.command import run as run_app

        terminal = o.terminal(color)
        output = asked or _usual_output(terminal, until_idle=given["until_idle"])
        options = _run_options(root=app_dir, output=output, **given)
        sys.exit(asyncio.run(run_app(options, terminal, host)))


def _usual_output(terminal: Terminal, *, until_idle: bool) -> OutputKind:
    """The console on a terminal that can move its cursor. Elsewhere lines; of a run that ends by
    itself, how far it is."""
    if terminal.stdout.is_terminal and not terminal.stdout.is_dumb_terminal:
        return "console"
    return "progress" if until_idle else "lines"


def _run_options(
    *,
    speed: float | None,
    virtual: bool,
    assignments: tuple[str, ...],
    latency: str | None,
    order: str | None,
    faults: tuple[str, ...],
    env_files: tuple[Path, ...],
    remotes: tuple[str, ...],
    event: str | None,
    count: int,
    fail_on: tuple[str, ...],
    **given: Any,
) -> RunOptions:
    """The options of the run; those in `given` are named there as here."""
    from forge_emu.appdir.env_files import read_env_files
    from forge_emu.appdir.remote_addresses import parse_remotes
    from forge_emu.control.contract import TriggerOrder
    from forge_emu.engine.faults.rules import parse_fault
    from forge_emu.run.options import RunOptions
    from forge_emu.simulate.plan.sweep import read_assignments

    change = read_assignments(assignments)
    return RunOptions(
        speed=None if virtual else speed or 1.0,
        overrides={
            **change.settings,
            **({LATENCY_PROFILE.name: latency} if latency else {}),
            **({DELIVERY_ORDER.name: order} if order else {}),
        },
        variables=change.variables,
        file_variables=read_env_files(env_files),
        remotes=parse_remotes(remotes),
        faults=tuple(parse_fault(text, "--fault") for text in faults),
        orders=(TriggerOrder(_event_name(event), count),) if event else (),
        argv=("forge-emu", *sys.argv[1:]),
        judge=_judge(fail_on) if fail_on else None,
        **given,
    )


def _judge(conditions: tuple[str, ...]) -> Judge:
    from forge_emu.simulate.condition_judge import ConditionJudge

    return ConditionJudge(conditions)


def _event_name(event: str) -> str:
    """The full name of an event; of one that several have, the app decides. Raises UserError."""
    from forge_emu import events

    return event if events.is_ambiguous(event) else events.find_template(event).event
