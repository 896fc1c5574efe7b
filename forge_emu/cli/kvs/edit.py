"""`forge-emu kvs set` and `delete`."""

from __future__ import annotations

from pathlib import Path

import click

from forge_emu.cli import completions, values
from forge_emu.cli import options as o
from forge_emu.cli.kvs.read import entity_option, secrets_option


@click.command("set", epilog="Example: forge-emu kvs set settings '{\"enabled\": true}'")
@click.argument("key", shell_complete=completions.kvs_keys)
@click.argument("value")
@secrets_option
@entity_option
@click.option(
    "--ttl", type=values.duration, metavar="10m", help="Delete it after this span of emulated time."
)
@o.inner_app_option
def set_value(
    key: str, value: str, secret: bool, entity: str, ttl: int | None, app_dir: Path
) -> None:
    """Store VALUE under KEY. VALUE is JSON; - reads it from stdin."""
    import msgspec

    from forge_emu.cli.connection.remote import kvs_of_app
    from forge_emu.cli.kvs.entries import compact_json, read_value
    from forge_emu.control.contract import KvsEntry

    text = compact_json(*read_value(value))
    seconds = None if ttl is None else ttl / 1000
    if seconds == 0:
        raise click.BadParameter("a time to live is more than 0", param_hint="--ttl")
    with kvs_of_app(app_dir) as remote:
        remote.kvs_set([KvsEntry(key, msgspec.Raw(text), secret, seconds, entity or None)])


@click.command(epilog="Example: forge-emu kvs delete snapshot:EMU-1")
@click.argument(
    "keys",
    nargs=-1,
    required=True,
    metavar="KEY...",
    shell_complete=completions.kvs_keys,
)
@secrets_option
@entity_option
@o.inner_app_option
def delete(keys: tuple[str, ...], secret: bool, entity: str, app_dir: Path) -> None:
    """Delete each KEY, which must be there."""
    from forge_emu.cli.connection.remote import kvs_of_app

    with kvs_of_app(app_dir) as remote:
        for key in keys:
            remote.kvs_delete(key, secret=secret, entity=entity)
