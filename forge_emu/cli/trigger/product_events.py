"""`forge-emu trigger EVENT`: send product events into the running emulator."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import msgspec

from forge_emu import events
from forge_emu.cli import completions
from forge_emu.cli import options as o
from forge_emu.cli.trigger.choice import choose_event
from forge_emu.cli.trigger.group import EventOrCommand
from forge_emu.cli.trigger.waiting import wait_until_settled
from forge_emu.control.contract import TriggerOrder, TriggerReceipt
from forge_emu.errors import UserError


@click.group(
    cls=EventOrCommand,
    invoke_without_command=True,
    epilog="Example: forge-emu trigger issue-created --count 1000 --spread 10s "
    "--set 'issue.fields.summary=No. {n}' --wait",
)
@click.argument("event", required=False, shell_complete=completions.event_names)
@o.app_option
@o.count_option("How many events.")
@o.rate_option
@o.spread_option
@o.payload_option("--set", "assignments")
@click.option(
    "--key",
    metavar="KEY",
    help="What the events are about, such as EMU-7, or its id.  [default: what the run has made]",
)
@click.option(
    "--from",
    "from_status",
    metavar="STATUS",
    shell_complete=completions.statuses,
    help="The status that a transition of issue-updated begins with, such as 'To Do'.",
)
@click.option(
    "--to",
    "to_status",
    metavar="STATUS",
    shell_complete=completions.statuses,
    help="The status that it ends with.",
)
@o.data_option
@click.option(
    "--wait", is_flag=True, help="Wait until all is settled, retries included, and sum up."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object to stdout.")
@o.color_option
@click.pass_context
def trigger(ctx: click.Context, /, **given: Any) -> None:
    """Send product events of the kind EVENT into the running emulator.

    EVENT is a short name such as issue-created or page-updated, or the platform's own, such as
    avi:jira:created:issue. Without one, a terminal is asked; --data events.jsonl needs none. Issue
    keys count on from EMU-1, and an event about something that exists finds what the run has made.
    """
    if ctx.invoked_subcommand is None:
        _send_events(ctx, **given)


def _send_events(
    ctx: click.Context,
    app_dir: Path,
    *,
    event: str | None,
    count: int,
    wait: bool,
    as_json: bool,
    color: bool | None,
    data: str | None,
    **given: Any,
) -> None:
    from forge_emu.appdir.folder import find_app_root
    from forge_emu.control.client import connect_client
    from forge_emu.emulator.user_json.event_lines import read_data
    from forge_emu.events.event_info import unheard_warning

    if given["rate"] is not None and given["spread"] is not None:
        raise click.UsageError("--rate and --spread exclude each other.")
    read = read_data(data, "--data", [find_app_root(app_dir)], event=event) if data else None
    out, err = o.consoles(color)
    asks = event is None and not isinstance(read, tuple)
    if asks and not (sys.stdin.isatty() and err.is_terminal):
        raise UserError("EVENT is missing", _events_text(app_dir))
    # What is wrong with the words themselves is said whether or not an emulator runs.
    if event is not None:
        _check_words(event, read, given, app_dir)
    with connect_client(app_dir) as client:
        heard = client.triggers()
        order = _trigger_order(choose_event(heard) if asks else event, count, read, heard, **given)
        if warning := unheard_warning(heard, _events_of(order)):
            err.print(warning, markup=False, highlight=False, soft_wrap=True)
        receipt = client.trigger(order)
        if not as_json:
            out.print(_receipt_text(receipt), markup=False, highlight=False, soft_wrap=True)
        if wait:
            wait_until_settled(client, receipt, err)
            result: Any = client.batch_summary(receipt.batch)
        else:
            result = receipt
    if as_json:
        o.echo_json(msgspec.json.encode(result))
    elif wait:
        from forge_emu.console.summary import render_summary

        out.print(render_summary(result, out.width))


def _events_text(app_dir: Path) -> str:
    """Which events the app listens to."""
    from forge_emu.appdir.manifest_names import event_names_of_folder

    names = event_names_of_folder(app_dir)
    if not names:
        return "Such as `forge-emu trigger issue-created`."
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return f"This app listens to {', '.join(names[:5])}{more}: `forge-emu trigger {names[0]}`."


def _check_words(event: str, read: Any, given: dict[str, Any], app_dir: Path) -> None:
    """Raise UserError for what no app could make right; a name of several events may be."""
    for text in given["assignments"]:
        events.parse_set(text)
    if not isinstance(read, tuple) and not events.is_ambiguous(event):
        from forge_emu.appdir.manifest_names import events_of_folder

        own = list(events_of_folder(app_dir))
        _factory(events.find_template(event, read is not None, own), read, given)


def _factory(template: events.Template, data: Any, given: dict[str, Any]) -> None:
    if given["key"] is not None:
        events.number_of(template.anchor, given["key"])
    events.EventFactory(
        template,
        sets=[events.parse_set(text) for text in given["assignments"]],
        data=data,
        from_status=given["from_status"],
        to_status=given["to_status"],
    )


def _trigger_order(
    event: str | None,
    count: int,
    read: Any,
    heard: Mapping[str, Sequence[str]],
    **given: Any,
) -> TriggerOrder:
    """The order that the options describe, checked."""
    sets = [events.parse_set(text) for text in given["assignments"]]
    pace = {"rate_per_second": given["rate"], "spread_ms": given["spread"]}
    if isinstance(read, tuple):
        unusable = [n for n in ("key", "from_status", "to_status") if given[n] is not None]
        if unusable or count != 1:
            word = unusable[0].replace("_status", "") if unusable else "count"
            raise click.UsageError(f"--{word} is not for a file of payloads, each sent once.")
        return TriggerOrder(event or "", len(read), sets=sets, recorded=list(read), **pace)
    template = events.find_template(event or "", has_data=read is not None, preferred=heard)
    _factory(template, read, given)
    return TriggerOrder(
        template.event,
        count,
        sets=sets,
        data=read,
        key=given["key"],
        from_status=given["from_status"],
        to_status=given["to_status"],
        **pace,
    )


def _events_of(order: TriggerOrder) -> list[str]:
    """The full names of its events."""
    return list(dict.fromkeys(each.event for each in order.recorded)) or [order.event]


def _receipt_text(receipt: TriggerReceipt) -> str:
    names = " … ".join(dict.fromkeys(name for name in (receipt.first, receipt.last) if name))
    return f"sending {receipt.count:,} {receipt.event}" + (f" ({names})" if names else "")
