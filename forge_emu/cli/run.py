"""`forge-emu run`: load an app, watch it, serve it, and show what happens."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import click

from forge_emu.cli import completions
from forge_emu.cli import options as o
from forge_emu.engine.faults.rules import parse_fault
from forge_emu.settings import DELIVERY_ORDER, PRESETS, Preset


@click.command(epilog="Example: forge-emu run my-app --speed 60 --limits current")
@click.argument("app_dir", default=".", type=click.Path(path_type=Path))
@click.option("--port", default=0, type=click.IntRange(0, 65535), metavar="PORT",
              help="Port of the control API.  [default: a free one]")  # fmt: skip
@click.option("--host", metavar="ADDRESS",
              help="Serve the control API on this address too, such as 0.0.0.0, for other "
              "machines that have the token.  [default: this machine alone]")  # fmt: skip
@click.option("--speed", type=o.speed, metavar="N",
              help="Emulated seconds per real second.  [default: 1]")  # fmt: skip
@click.option("--virtual", is_flag=True,
              help="Never wait: go from one due time to the next, alike each time.")  # fmt: skip
@click.option("--limits", "preset", type=click.Choice(PRESETS),
              help="Limits of today, those of old, or none.  [default: current]")  # fmt: skip
@click.option("--set", "assignments", multiple=True, metavar="NAME=VALUE",
              shell_complete=completions.setting_names,
              help="Change one limit or setting, or with env.NAME a variable of the app; may be "
              "repeated.")  # fmt: skip
@o.order_option
@o.fault_option
@click.option("--seed", type=click.IntRange(0), metavar="N",
              help="Repeat the chances of an earlier run.  [default: a new one]")  # fmt: skip
@click.option("--install/--no-install", default=None,
              help="Install missing npm packages without asking, or never.")  # fmt: skip
@click.option("--watch/--no-watch", default=True,
              help="Reload the app when its files change.  [default: watch]")  # fmt: skip
@click.option("--trigger", "event", metavar="EVENT", shell_complete=completions.event_names,
              help="Send product events as soon as the app is ready.")  # fmt: skip
@click.option("--count", default=1, type=click.IntRange(1, 1_000_000), metavar="N",
              help="How many events --trigger sends.  [default: 1]")  # fmt: skip
@click.option("--until-idle", is_flag=True,
              help="Stop once every event has ended, retries included.")  # fmt: skip
@click.option("--ephemeral", is_flag=True,
              help="Keep all in memory: begin anew, and leave nothing.")  # fmt: skip
@click.option("--recover", is_flag=True,
              help="Save what can be read of a damaged state, and go on with that.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True,
              help="Print records to stdout, one JSON object per line.")  # fmt: skip
@o.report_option
@o.trace_option
@click.option("--plain", is_flag=True, help="Print lines instead of the live console.")
@o.color_option
def run(
    app_dir: Path,
    port: int,
    host: str | None,
    speed: float | None,
    virtual: bool,
    preset: Preset | None,
    assignments: tuple[str, ...],
    order: str | None,
    faults: tuple[str, ...],
    seed: int | None,
    install: bool | None,
    watch: bool,
    event: str | None,
    count: int,
    until_idle: bool,
    ephemeral: bool,
    recover: bool,
    as_json: bool,
    report: Path | None,
    trace: Path | None,
    plain: bool,
    color: bool | None,
) -> None:
    """Run the Forge app in APP_DIR (default: here) with an emulated platform below it.

    Loads manifest.yml and the handlers as they are, delivers product events and queued events
    with the platform's delays, retries and limits, and shows what happens. Send it events from
    another terminal with `forge-emu trigger`, follow it with `forge-emu tail`. The first Ctrl-C
    lets running invocations finish and prints the summary; the second stops at once.
    """
    from forge_emu import events

    if virtual and speed is not None:
        raise click.UsageError("--virtual and --speed exclude each other.")
    from forge_emu.control.contract import TriggerOrder
    from forge_emu.emulator.startup import Terminal
    from forge_emu.run.options import RunOptions
    from forge_emu.run.run import run as run_app
    from forge_emu.simulate.plan.sweep import read_assignments

    out, err = o.consoles(color)
    change = read_assignments(assignments)
    live = out.is_terminal and not plain and not as_json
    options = RunOptions(
        root=app_dir,
        output="json" if as_json else "console" if live else "lines",
        port=port,
        host=host,
        speed=None if virtual else speed or 1.0,
        seed=seed,
        preset=preset,
        overrides={**change.settings, **({DELIVERY_ORDER.name: order} if order else {})},
        variables=change.variables,
        faults=tuple(parse_fault(text, "--fault") for text in faults),
        install=install,
        watch=watch,
        orders=(TriggerOrder(events.find_template(event).event, count),) if event else (),
        until_idle=until_idle,
        report=report,
        trace=trace,
        argv=("forge-emu", *sys.argv[1:]),
        ephemeral=ephemeral,
        recover=recover,
    )
    interactive = sys.stdin.isatty() and err.is_terminal
    ask = (lambda question: click.confirm(question, err=True)) if interactive else None
    sys.exit(asyncio.run(run_app(options, Terminal(out, err, ask))))
