"""Lists the events of a running emulator."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from forge_emu.cli import completions, values
from forge_emu.cli import options as o
from forge_emu.errors import UserError

STATES = ("pending", "scheduled", "ready", "running", "waiting", "dropped", "expired")

_ENDED = ("succeeded", "success", "completed", "done", "cancelled", "ended")


if TYPE_CHECKING:
    _Choice = click.Choice[str]
else:
    # Older releases of click have it without a parameter.
    _Choice = click.Choice


class _State(_Choice):
    """A state in which events are listed. Those that have ended are found in another place."""

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value in _ENDED:
            raise UserError(
                f"--state: {value!r} is no state of this list: such an event is at its end",
                "`forge-emu tail --since all --no-follow` shows what came of all events, and "
                "`forge-emu queue show ID` one of them.",
            )
        return super().convert(value, param, ctx)


_OPTIONS = (
    click.option(
        "--queue",
        "name",
        metavar="Q",
        shell_complete=completions.queue_names,
        help="Only events of this queue.",
    ),
    click.option(
        "--state",
        type=_State(STATES),
        help="Only those in this state; pending means all that have not ended.",
    ),
    click.option(
        "--limit",
        default=50,
        type=values.Count(1, 10_000),
        metavar="N",
        help="How many to list.  [default: 50]",
    ),
    o.json_option,
    o.color_option,
)


def list_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of `print_events`, but for the app."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.command("list", epilog="Example: forge-emu queue list --state waiting")
@o.inner_app_option
@list_options
@click.pass_context
def list_events(ctx: click.Context, /, app_dir: Path, **given: Any) -> None:
    """List the events that wait, run, were dropped or expired, as `queue` alone does."""
    assert ctx.parent is not None
    for name in given:
        # `queue --state waiting list`
        if ctx.get_parameter_source(name) is ParameterSource.DEFAULT:
            given[name] = ctx.parent.params[name]
    print_events(ctx, app_dir, **given)


def print_events(
    ctx: click.Context,
    app_dir: Path,
    *,
    name: str | None,
    state: str | None,
    limit: int,
    as_json: bool,
    color: bool | None,
) -> None:
    """Print the events of the running emulator that the options ask for."""
    import msgspec

    from forge_emu.cli.connection.remote import admin_client
    from forge_emu.cli.parsing.apps import for_given_app
    from forge_emu.console.tables.listing import print_listing as show_table
    from forge_emu.console.tables.queue_table import deliveries_notes, deliveries_table
    from forge_emu.control.contract import QueueQuery

    with admin_client(app_dir) as remote:
        listing = remote.list_queue(QueueQuery(name, state, None, limit))
    if as_json:
        o.echo_json(msgspec.json.encode(listing))
        return
    out, err = o.consoles(color)
    if listing["events"]:
        show_table(out, deliveries_table(listing))
    for words in deliveries_notes(listing):
        err.print(
            for_given_app(ctx, words), style="dim", markup=False, highlight=False, soft_wrap=True
        )
