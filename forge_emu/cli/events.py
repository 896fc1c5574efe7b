"""`forge-emu events`: what can be triggered, and what an event carries."""

from __future__ import annotations

import click

from forge_emu.cli import completions
from forge_emu.cli import options as o
from forge_emu.events.event_info import PRODUCTS


@click.command(epilog="Example: forge-emu events issue-created --json")
@click.argument("name", required=False, shell_complete=completions.event_names)
@click.option("--product", type=click.Choice(PRODUCTS), help="Only events of this product.")
@click.option("--ready", is_flag=True, help="Only events with a payload ready to send.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@o.color_option
def events(
    name: str | None, product: str | None, ready: bool, as_json: bool, color: bool | None
) -> None:
    """List the events that can be triggered, or show the one called NAME.

    With a name: its payload, the scopes an app needs, where it is documented, and the command that
    sends it. Events that are not ready are sent with a payload of your own.
    """
    import msgspec

    from forge_emu.console.tables.event_list import event_page, events_listing
    from forge_emu.console.tables.listing import print_listing
    from forge_emu.events.event_info import event_info, event_infos

    out, err = o.consoles(color)
    if name is not None:
        if product or ready:
            raise click.UsageError("--product and --ready choose from the list; leave out NAME.")
        found = event_info(name)
        if as_json:
            click.echo(msgspec.json.format(msgspec.json.encode(found), indent=2))
        else:
            out.print(event_page(found), soft_wrap=True)
        return
    listed = [p for p in event_infos(product) if p.ready or not ready]
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(listed), indent=2))
        return
    print_listing(out, events_listing(listed))
    words = f"{len(listed)} events, {sum(p.ready for p in listed)} ready to send"
    err.print(words, style="dim", highlight=False)
