"""`forge-emu kvs export` and `import`."""

from __future__ import annotations

from pathlib import Path

import click

from forge_emu.cli import completions
from forge_emu.cli import options as o
from forge_emu.cli.kvs.read import show_option


@click.command(epilog="Example: forge-emu kvs export > store.json")
@click.option(
    "--prefix",
    default="",
    metavar="TEXT",
    shell_complete=completions.kvs_keys,
    help="Only keys that begin with TEXT.",
)
@show_option
@o.inner_app_option
def export(prefix: str, show_secrets: bool, app_dir: Path) -> None:
    """Print the store as a JSON array that `kvs import` takes.

    Values of custom entities are among them. Secrets are left out, unless --show-secrets is given.
    """
    from forge_emu.cli.connection.remote import kvs_of_app
    from forge_emu.cli.kvs.entries import print_entries
    from forge_emu.console.format import plural

    with kvs_of_app(app_dir) as remote:
        entries = [entry for entry, _ in remote.list_kvs(prefix)]
        for entity in remote.kvs_entities():
            entries += [entry for entry, _ in remote.list_kvs(prefix, entity=entity)]
        secrets = [e for e, _ in remote.list_kvs(prefix, secret=True, show_secrets=show_secrets)]
    print_entries([*entries, *(secrets if show_secrets else ())])
    if secrets and not show_secrets:
        left = plural(len(secrets), "secret")
        click.echo(f"{left} left out; --show-secrets includes them", err=True)


@click.command("import", epilog="Example: forge-emu kvs import store.json")
@click.argument("file", metavar="FILE|-")
@o.inner_app_option
def import_entries(file: str, app_dir: Path) -> None:
    """Store what FILE holds: an array as of `kvs export`, or an object of keys and values.

    Keys that are there are overwritten, others stay.
    """
    from forge_emu.cli.connection.remote import kvs_of_app
    from forge_emu.cli.kvs.entries import decode_entries, read_input_file
    from forge_emu.console.format import plural

    entries = decode_entries(*read_input_file(file))
    with kvs_of_app(app_dir) as remote:
        count = remote.kvs_set(entries)
    click.echo(f"{plural(count, 'key')} stored", err=True)
