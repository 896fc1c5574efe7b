"""`forge-emu events`: what can be triggered, and what an event carries."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from forge_emu.cli import completions
from forge_emu.cli import options as o
from forge_emu.events.event_info import PRODUCTS, EventInfo


@click.command(epilog="Example: forge-emu events issue-created --json")
@click.argument("name", required=False, shell_complete=completions.event_names)
@click.option("--product", type=click.Choice(PRODUCTS), help="Only events of this product.")
@click.option("--all", "show_all", is_flag=True, help="All events, product by product.")
@click.option("--ready", is_flag=True, hidden=True, help="The same as --all: all are ready.")
@o.app_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON: of all events, or of NAME.")
@o.color_option
def events(
    name: str | None,
    product: str | None,
    show_all: bool,
    ready: bool,
    app_dir: Path,
    as_json: bool,
    color: bool | None,
) -> None:
    """List the events that can be triggered, or show the one called NAME.

    Without options: those that the app listens to, and how many each product has. With a name: its
    payload, the scopes an app needs, where it is documented, and the command that sends it.
    """
    import msgspec

    from forge_emu.appdir.manifest_names import events_of_folder
    from forge_emu.events.event_info import event_info, event_infos

    show_all = show_all or ready
    out, err = o.consoles(color)
    triggers = events_of_folder(app_dir)
    if name is not None:
        if product or show_all:
            raise click.UsageError("--product and --all choose from the list; leave out NAME.")
        _show_event(out, event_info(name, triggers), as_json)
        return
    listed = event_infos(product, triggers)
    if as_json:
        o.echo_json(msgspec.json.format(msgspec.json.encode(listed), indent=2))
    else:
        _show_list(out, err, listed, whole=show_all or product is not None)


def _show_event(out: Console, found: EventInfo, as_json: bool) -> None:
    import msgspec

    from forge_emu.console.tables.event_list import event_page

    if as_json:
        o.echo_json(msgspec.json.format(msgspec.json.encode(found), indent=2))
    else:
        out.print(event_page(found), soft_wrap=True)


def _show_list(out: Console, err: Console, listed: list[EventInfo], *, whole: bool) -> None:
    from forge_emu.console.tables.event_list import events_listing, products_listing
    from forge_emu.console.tables.listing import print_listing

    own = [info for info in listed if info.triggers]
    if whole:
        print_listing(out, events_listing(listed))
        err.print(f"{len(listed)} events", style="dim", highlight=False)
        return
    if own:
        print_listing(out, events_listing(own))
        out.print()
    print_listing(out, products_listing(listed))
    words = f"{len(listed)} events; list them: forge-emu events --all, or --product jira"
    if own:
        words = f"this app listens to {len(own)} of {words}"
    err.print(words, style="dim", highlight=False)
