"""`forge-emu schema`: JSON Schemas for editors."""

from __future__ import annotations

from pathlib import Path

import click

NAMES = ("settings", "scenario")


@click.command(epilog="Example: forge-emu schema scenario > scenario.schema.json")
@click.argument("name", default="settings", type=click.Choice(NAMES), metavar="[NAME]")
@click.option(
    "--write",
    "app_dir",
    type=click.Path(path_type=Path),
    metavar="APP",
    help="Write both into the folder schemas/ of the app APP, as `init` does.",
)
def schema(name: str, app_dir: Path | None) -> None:
    """Print the JSON Schema of forge-emu.yml (NAME `settings`, the default) or of scenarios
    (NAME `scenario`).

    A file names its schema in its first line. Editors with the YAML language server then complete
    the file and check it. After an upgrade of forge-emu, --write renews what `init` wrote.
    """
    from forge_emu.appdir.folder import find_manifest
    from forge_emu.commands.schema_files import write_schemas
    from forge_emu.console.format import escape
    from forge_emu.schemas import schema_text

    if app_dir is None:
        click.echo(schema_text(name), nl=False)
        return
    root = find_manifest(app_dir).parent
    for path in write_schemas(root):
        click.echo(f"wrote {escape(str(root / path))}", err=True)
