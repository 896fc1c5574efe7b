"""`forge-emu open`: open the live page of the running emulator."""

from __future__ import annotations

from pathlib import Path

import click

from forge_emu.cli import options as o
from forge_emu.control.client import connect_client
from forge_emu.control.page.browser import open_link
from forge_emu.errors import UserError


@click.command(name="open", epilog="Example: forge-emu open --print")
@o.app_option
@click.option("--print", "print_only", is_flag=True, help="Print the link instead of opening it.")
def open(app_dir: Path, print_only: bool) -> None:
    """Open the live page of the running emulator in the browser.

    The link works once: the browser that opens it gets a cookie, which is good until the emulator
    is reset.
    """
    with connect_client(app_dir) as client:
        link = client.request("POST", "/v1/page/link", dict[str, str])["url"]
    if print_only:
        click.echo(link)
    elif not open_link(link):
        raise UserError(
            "no browser was found", "Print the link, to open it yourself: forge-emu open --print"
        )
