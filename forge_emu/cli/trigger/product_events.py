"""`forge-emu trigger EVENT`: send product events into the running emulator."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec
from rich.console import Console

from forge_emu import events
from forge_emu.cli import completions, values
from forge_emu.cli import options as o
from forge_emu.cli.trigger.group import EventOrCommand
from forge_emu.clock import sleep
from forge_emu.control.contract import BatchStatus, TriggerOrder, TriggerReceipt
from forge_emu.emulator.user_json.payloads import read_payload
from forge_emu.model import Millis

if TYPE_CHECKING:
    from forge_emu.control.client import Client


@click.group(
    cls=EventOrCommand,
    invoke_without_command=True,
    epilog="Example: forge-emu trigger issue-created --count 1000 --spread 10s "
    "--set 'issue.fields.summary=No. {n}' --wait",
)
@click.argument("event", shell_complete=completions.event_names)
@o.app_option
@click.option(
    "--count", default=1, type=o.EVENT_COUNT, metavar="N", help="How many events.  [default: 1]"
)
@o.rate_option
@click.option(
    "--spread",
    type=values.duration,
    metavar="10s",
    help="Spread them evenly over a span of emulated time.",
)
@click.option(
    "--set",
    "assignments",
    multiple=True,
    metavar="PATH=VALUE",
    help="Change the payload; {n} is the event's number. May be repeated.",
)
@click.option(
    "--data",
    metavar="FILE|-",
    help="JSON object to merge over the payload; a file in the app, or stdin.",
)
@click.option(
    "--wait", is_flag=True, help="Wait until all is settled, retries included, and sum up."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object to stdout.")
@o.color_option
@click.pass_context
def trigger(ctx: click.Context, /, **given: Any) -> None:
    """Send product events of the kind EVENT into the running emulator.

    EVENT is a short name such as issue-created or page-updated, or the platform's own, such as
    avi:jira:created:issue. Issue keys count on from EMU-1.
    """
    if ctx.invoked_subcommand is None:
        _send_events(**given)


def _send_events(
    app_dir: Path, *, wait: bool, as_json: bool, color: bool | None, **given: Any
) -> None:
    from forge_emu.control.client import connect_client

    order = _trigger_order(app_dir, **given)
    out, err = o.consoles(color)
    with connect_client(app_dir) as client:
        receipt = client.trigger(order)
        if not as_json:
            out.print(_receipt_text(receipt), markup=False, highlight=False, soft_wrap=True)
        if wait:
            _wait_until_settled(client, receipt, err)
            result: Any = client.batch_summary(receipt.batch)
        else:
            result = receipt
    if as_json:
        click.echo(msgspec.json.encode(result))
    elif wait:
        from forge_emu.console import render_summary

        out.print(render_summary(result, out.width))


def _trigger_order(
    app_dir: Path,
    *,
    event: str,
    count: int,
    rate: float | None,
    spread: Millis | None,
    assignments: tuple[str, ...],
    data: str | None,
) -> TriggerOrder:
    """The order that the options describe, checked as far as the app need not be asked."""
    from forge_emu.appdir.folder import find_app_root

    if rate is not None and spread is not None:
        raise click.UsageError("--rate and --spread exclude each other.")
    payload = read_payload(data, "--data", [find_app_root(app_dir)]) if data is not None else None
    sets = [events.parse_set(text) for text in assignments]
    template = events.find_template(event, has_data=payload is not None)
    events.EventFactory(template, sets=sets, data=payload)
    return TriggerOrder(event, count, rate, spread, sets, payload)


def _receipt_text(receipt: TriggerReceipt) -> str:
    names = " … ".join(dict.fromkeys(name for name in (receipt.first, receipt.last) if name))
    return f"sending {receipt.count:,} {receipt.event}" + (f" ({names})" if names else "")


def _wait_until_settled(client: Client, receipt: TriggerReceipt, err: Console) -> None:
    """Until all that descends from the order has ended. Ctrl-C ends the waiting alone."""
    from rich import progress as p

    bar = p.Progress(
        p.TextColumn("{task.description}"),
        p.BarColumn(),
        p.MofNCompleteColumn(),
        p.TimeElapsedColumn(),
        p.TextColumn("{task.fields[rest]}"),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    )
    try:
        with bar:
            task = bar.add_task("settled", total=receipt.count, rest="")
            while not (status := client.batch_status(receipt.batch)).settled:
                bar.update(task, completed=_ended_count(status), rest=_rest_text(status))
                sleep(0.25)
    except KeyboardInterrupt:
        message = "no longer waiting; the emulator goes on. Here is how far it is:"
        err.print(message, markup=False, highlight=False)


def _ended_count(status: BatchStatus) -> int:
    """Product events whose own part is over, less those whose events are still under way."""
    return max(status.succeeded + status.dropped - status.events_pending, 0)


def _rest_text(status: BatchStatus) -> str:
    return f"{status.events_succeeded:,} of {status.events_pushed:,} queued events delivered"
