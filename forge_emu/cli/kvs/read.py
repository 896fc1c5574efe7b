"""`forge-emu kvs list` and `get`."""

from __future__ import annotations

from pathlib import Path

import click

from forge_emu.cli import completions
from forge_emu.cli import options as o

secrets_option = click.option(
    "--secret", is_flag=True, is_eager=True, help="The store of secrets instead."
)
entity_option = click.option(
    "--entity",
    default="",
    metavar="NAME",
    callback=lambda ctx, _, name: one_store(ctx, name),
    help="The values of this custom entity instead.",
)
show_option = click.option("--show-secrets", is_flag=True, help="Print secrets unmasked.")


def one_store(context: click.Context, entity: str) -> str:
    """The entity's name. Raises click.UsageError beside --secret, which is a store of its own."""
    if entity and context.params.get("secret"):
        raise click.UsageError("--entity and --secret name two stores; give one of them", context)
    return entity


@click.command("list", epilog="Example: forge-emu kvs list --prefix snapshot: --json")
@click.option(
    "--prefix",
    default="",
    metavar="TEXT",
    shell_complete=completions.kvs_keys,
    help="Only keys that begin with TEXT.",
)
@secrets_option
@entity_option
@show_option
@o.inner_app_option
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array, values included.")
@o.color_option
def list_entries(
    prefix: str,
    secret: bool,
    entity: str,
    show_secrets: bool,
    app_dir: Path,
    as_json: bool,
    color: bool | None,
) -> None:
    """List keys in their order, with size, time to live and the beginning of the value."""
    from forge_emu.cli.connection.remote import kvs_of_app
    from forge_emu.cli.kvs.entries import print_entries
    from forge_emu.console.format import plural
    from forge_emu.console.tables.kvs_table import KvsRow, kvs_table
    from forge_emu.console.tables.listing import print_listing

    out, err = o.consoles(color)
    with kvs_of_app(app_dir) as remote:
        found = remote.list_kvs(prefix, secret=secret, show_secrets=show_secrets, entity=entity)
        if as_json:
            print_entries(entry for entry, _ in found)
            return
        masked = secret and not show_secrets
        entries = [
            KvsRow(e.key, None if masked else bytes(e.value), size, e.ttl_seconds)
            for e, size in found
        ]
        others = {} if secret or entity else remote.kvs_entities()
    if entries:
        print_listing(out, kvs_table(entries))
    words = plural(len(entries), "secret" if secret else "value")
    err.print(words, style="dim", highlight=False)
    if others:
        counts = ", ".join(f"{name} {count:,}" for name, count in others.items())
        err.print(f"entities: {counts}; see them with --entity NAME", style="dim", highlight=False)


@click.command(epilog="Example: forge-emu kvs get snapshot:EMU-1")
@click.argument("key", shell_complete=completions.kvs_keys)
@secrets_option
@entity_option
@show_option
@o.inner_app_option
@click.option("--json", "as_json", is_flag=True, help="Print the entry, not the value alone.")
def get(
    key: str, secret: bool, entity: str, show_secrets: bool, app_dir: Path, as_json: bool
) -> None:
    """Print the value of KEY as JSON."""
    import msgspec

    from forge_emu.cli.connection.remote import kvs_of_app
    from forge_emu.errors import UserError

    if secret and not show_secrets:
        raise UserError("a secret is printed only with --show-secrets")
    with kvs_of_app(app_dir) as remote:
        entry = remote.kvs_get(key, secret=secret, entity=entity)
    text = msgspec.json.encode(entry) if as_json else bytes(entry.value)
    o.echo_json(text if as_json else msgspec.json.format(text, indent=2))
