"""`forge-emu queue show`: everything that happened to one event."""

from __future__ import annotations

from pathlib import Path

import click

from forge_emu.cli import options as o


@click.command(epilog="Example: forge-emu queue show EMU-7")
@click.argument("id")
@o.inner_app_option
@click.option("--json", "as_json", is_flag=True, help="Print the records themselves.")
@o.color_option
def show(id: str, app_dir: Path, as_json: bool, color: bool | None) -> None:
    """Show the whole timeline of the event that ID names, ended or not.

    The key of an issue shows its product event and everything that came of it.
    """
    from forge_emu.cli.queue.story import story_of
    from forge_emu.cli.remote import by_hand
    from forge_emu.console import line
    from forge_emu.console.queue_table import standing_words

    with by_hand(app_dir) as remote:
        story = story_of(remote.client, id)
        standing = {"events": remote.standing(id), "now": remote.client.status().now}
    if as_json:
        for record in story:
            click.echo(record.line)
        return
    out, talk = o.consoles(color)
    for record in story:
        out.print(line(record.record, who=record.who), soft_wrap=True)
    for words in standing_words(standing):
        talk.print(words, style="dim", markup=False, highlight=False, soft_wrap=True)
