"""`forge-emu kvs`: look at an app's key-value store, and change it."""

from __future__ import annotations

from pathlib import Path

import click

from forge_emu.cli import options as o
from forge_emu.cli.kvs.edit import delete, set_value
from forge_emu.cli.kvs.files import export, import_entries
from forge_emu.cli.kvs.read import get, list_entries


@click.group(invoke_without_command=True, epilog="Example: forge-emu kvs list --prefix snapshot:")
@o.app_option
@click.pass_context
def kvs(ctx: click.Context, app_dir: Path) -> None:
    """Look at the key-value store of an app's emulator, running or stopped, and change it.

    Without a command it lists the keys. Changes by hand keep to the store's rules for keys and
    values, count against none of its rates, and are on record.
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_entries, app_dir=app_dir)


for command in (list_entries, get, set_value, delete, export, import_entries):
    kvs.add_command(command)
