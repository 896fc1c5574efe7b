"""`forge-emu kvs list` and `get`."""

from __future__ import annotations

from pathlib import Path

import click

from forge_emu.cli import options as o

secrets_option = click.option("--secret", is_flag=True, help="The store of secrets instead.")
show_option = click.option("--show-secrets", is_flag=True, help="Print secrets unmasked.")


@click.command("list", epilog="Example: forge-emu kvs list --prefix snapshot: --json")
@click.option("--prefix", default="", metavar="TEXT", help="Only keys that begin with TEXT.")
@secrets_option
@show_option
@o.inner_app_option
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array, values included.")
@o.color_option
def list_entries(
    prefix: str,
    secret: bool,
    show_secrets: bool,
    app_dir: Path,
    as_json: bool,
    color: bool | None,
) -> None:
    """List keys in their order, with size, time to live and the beginning of the value."""
    from forge_emu.cli.kvs.entries import print_entries
    from forge_emu.cli.remote import kvs_of_app
    from forge_emu.console.format import plural
    from forge_emu.console.tables.kvs_table import KvsRow, kvs_table
    from forge_emu.console.tables.listing import print_listing

    out, err = o.consoles(color)
    with kvs_of_app(app_dir) as remote:
        found = remote.list_kvs(prefix, secret=secret, show_secrets=show_secrets)
        if as_json:
            print_entries(entry for entry, _ in found)
            return
        masked = secret and not show_secrets
        entries = [
            KvsRow(e.key, None if masked else bytes(e.value), size, e.ttl_seconds)
            for e, size in found
        ]
    if entries:
        print_listing(out, kvs_table(entries))
    words = plural(len(entries), "secret" if secret else "value")
    err.print(words, style="dim", highlight=False)


@click.command(epilog="Example: forge-emu kvs get snapshot:EMU-1")
@click.argument("key")
@secrets_option
@show_option
@o.inner_app_option
@click.option("--json", "as_json", is_flag=True, help="Print the entry, not the value alone.")
def get(key: str, secret: bool, show_secrets: bool, app_dir: Path, as_json: bool) -> None:
    """Print the value of KEY as JSON."""
    import msgspec

    from forge_emu.cli.remote import kvs_of_app
    from forge_emu.errors import UserError

    if secret and not show_secrets:
        raise UserError("a secret is printed only with --show-secrets")
    with kvs_of_app(app_dir) as remote:
        entry = remote.kvs_get(key, secret=secret)
    text = msgspec.json.encode(entry) if as_json else bytes(entry.value)
    click.echo(text if as_json else msgspec.json.format(text, indent=2))
