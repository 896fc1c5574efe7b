"""Options that several commands share, and the consoles they print to."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from forge_emu.arrivals import MAX_EVENTS
from forge_emu.cli import completions, values
from forge_emu.cli.parsing.app_options import (
    app_argument,
    app_of_option,
    app_option,
    app_option_of_argument,
    inner_app_option,
)
from forge_emu.model import BUNDLERS, LAYOUTS
from forge_emu.settings import DELIVERY_ORDER, LATENCY_PROFILE, PRESETS
from forge_emu.settings.faults import FAULTS

if TYPE_CHECKING:
    from rich.console import Console

    from forge_emu.emulator.starting.terminal import Terminal

__all__ = [
    "app_argument",
    "app_of_option",
    "app_option",
    "app_option_of_argument",
    "inner_app_option",
]

FC = TypeVar("FC", bound=Callable[..., Any])

EVENT_COUNT = values.Count(1, MAX_EVENTS)
"""How many events one command may send."""

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")

color_option = click.option(
    "--color/--no-color", default=None, help="Colours.  [default: on a terminal]"
)

kvs_option = click.option(
    "--kvs",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Begin with these values in the store: JSON as `kvs export` writes it, or an object of "
    "keys and values. May be repeated.",
)

site_option = click.option(
    "--site",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Begin with this on the site: YAML as in site.yml, or what `site export` wrote. May be "
    "repeated.",
)

state_option = click.option(
    "--state",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Begin with the state that `state export` wrote: pending events and store.",
)

node_option = click.option(
    "--node",
    type=click.IntRange(20, 99),
    metavar="MAJOR",
    help="Run handlers in this version of Node.js, such as 24; installed once where it is missing.",
)

env_file_option = click.option(
    "--env-file",
    "env_files",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Variables of the app, and of its manifest, as NAME=value lines; may be repeated.",
)

remote_option = click.option(
    "--remote",
    "remotes",
    multiple=True,
    metavar="KEY=URL",
    help="Where a remote or a container of the manifest is, such as backend=http://localhost:8080; "
    "may be repeated.",
)

report_option = click.option(
    "--report",
    type=click.Path(path_type=Path),
    metavar="FILE.html",
    help="Write a page that shows the run, when it ends.",
)

with_payloads_option = click.option(
    "--with-payloads",
    is_flag=True,
    help="Put what is in the events into the page of --report: bodies, what handlers were given "
    "and returned, requests.",
)

trace_option = click.option(
    "--trace",
    type=click.Path(path_type=Path),
    metavar="FILE.json",
    help="Write a trace for https://ui.perfetto.dev, when it ends.",
)

junit_option = click.option(
    "--junit",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the conditions as JUnit test cases.",
)

preset_option = click.option(
    "--limits",
    "preset",
    type=click.Choice(PRESETS),
    help="Limits of today, those of old, or none.  [default: current]",
)

set_option = click.option(
    "--set",
    "assignments",
    multiple=True,
    metavar="NAME=VALUE",
    shell_complete=completions.setting_names,
    help="Change one limit or setting, or with env.NAME a variable of the app; may be repeated.",
)

rate_option = click.option(
    "--rate",
    type=values.rate,
    metavar="N/s",
    help="How many in a second of emulated time, such as 50/s or 600/min.",
)

spread_option = click.option(
    "--spread",
    type=values.spread,
    metavar="10s",
    help="Spread them evenly over a span of emulated time.",
)

data_option = click.option(
    "--data",
    metavar="JSON|FILE|-",
    help="JSON object to merge over the payload: as it stands, in a file of the app, or on stdin; "
    "or FILE.jsonl with a payload in each line, each sent once.",
)


def fail_on_option(help: str) -> Callable[[FC], FC]:
    """Conditions on which a run fails."""
    return click.option(
        "--fail-on",
        multiple=True,
        metavar="CONDITION",
        shell_complete=completions.conditions,
        help=f"{help} May be repeated.",
    )


def count_option(help: str, default: int | None = 1) -> Callable[[FC], FC]:
    """How many events; None leaves it to the events themselves."""
    shown = f"{help}  [default: 1]"
    return click.option("--count", default=default, type=EVENT_COUNT, metavar="N", help=shown)


def payload_option(*names: str) -> Callable[[FC], FC]:
    """Changes of the payload."""
    return click.option(
        *names,
        multiple=True,
        metavar="PATH=VALUE",
        help="Change the payload; {n} is the event's number. May be repeated.",
    )


install_option = click.option(
    "--install/--no-install",
    default=None,
    help="Install missing npm packages without asking, or never.",
)

latency_option = click.option(
    "--latency",
    type=click.Choice(LATENCY_PROFILE.choices),
    help="How long pushes, the store, products, invocations and cold starts take: nothing, as on "
    "usual days, or on slow ones.  [default: none]",
)

bundler_option = click.option(
    "--bundler",
    type=click.Choice(BUNDLERS),
    default="auto",
    help="Build with Forge's own bundler or with esbuild.  [default: auto: esbuild, and Forge's, "
    "where it is installed, is asked]",
)

layout_option = click.option(
    "--layout",
    type=click.Choice(LAYOUTS),
    default="deploy",
    help="Run handlers in a folder as Forge deploys it, or in the app's own.  [default: deploy]",
)

order_option = click.option(
    "--order",
    type=click.Choice(DELIVERY_ORDER.choices),
    help="Order among events due at the same instant: by chance, or as pushed.  [default: shuffle]",
)

fault_option = click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="FAULT",
    shell_complete=completions.faults,
    help="Let the platform fail by chance: "
    f"{', '.join(f'{kind.name}={kind.example}' for kind in FAULTS)}, each with a window such as "
    "@10m..20m if you like; may be repeated.",
)


def consoles(color: bool | None) -> tuple[Console, Console]:
    """A console for stdout and one for stderr."""
    from forge_emu.cli.output.consoles import console_for

    return console_for(sys.stdout, color), console_for(sys.stderr, color)


def echo_json(text: bytes, *, nl: bool = True) -> None:
    """Print a JSON text on stdout; on a terminal, nothing in it moves the cursor or recolours."""
    if sys.stdout.isatty():
        from forge_emu.console.format import escape_json

        text = escape_json(text)
    click.echo(text, nl=nl)


def terminal(color: bool | None) -> Terminal:
    """The terminal of a run: both consoles, and a way to ask where somebody can answer."""
    from forge_emu.emulator.starting.terminal import Terminal

    interactive = sys.stdin.isatty() and sys.stderr.isatty()
    confirm = (lambda question: click.confirm(question, err=True)) if interactive else None
    return Terminal(
        lambda: consoles(color)[0], lambda: consoles(color)[1], confirm, plain_stderr=sys.stderr
    )
