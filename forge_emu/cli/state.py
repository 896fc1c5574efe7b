"""`forge-emu state`: carry the state of an app's emulator to another place."""

from __future__ import annotations

from pathlib import Path

import click

from forge_emu.cli import options as o
from forge_emu.store.shapes import Kept


@click.group(epilog="Example: forge-emu state export before-import.state --app my-app")
def state() -> None:
    """Move the state of an app's emulator: pending events, jobs, key-value store and records.

    The emulator of the app must not be running. A state file holds the values the app has stored,
    secrets included.
    """


@state.command("export", epilog="Example: forge-emu state export monday.state")
@click.argument("file", type=click.Path(path_type=Path))
@o.app_option
def export_command(file: Path, app_dir: Path) -> None:
    """Write the state into the new file FILE."""
    from forge_emu.control.session import FOLDER, claim
    from forge_emu.store.transfer import export

    root = app_root(app_dir)
    with claim(root):
        click.echo(f"{file}: {_contents(export(root / FOLDER, file))}")


@state.command("import", epilog="Example: forge-emu state import monday.state --app my-app")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Put it in the place of a state that is there.")
@o.app_option
def import_command(file: Path, force: bool, app_dir: Path) -> None:
    """Go on from the state in FILE at the next start."""
    from forge_emu.control.session import FOLDER, claim
    from forge_emu.store.transfer import import_

    root = app_root(app_dir)
    with claim(root):
        contents = _contents(import_(file, root / FOLDER, force=force))
    click.echo(f"{root}: {contents}")


def app_root(app_dir: Path) -> Path:
    """The directory of the app that is meant. Raises UserError."""
    from forge_emu.appdir.folder import find_manifest

    root = app_dir.resolve()
    find_manifest(root)
    return root


def _contents(kept: Kept) -> str:
    saved = kept.saved
    return (
        f"{kept.present.pending:,} pending events, {len(saved.values):,} stored values, "
        f"{len(saved.jobs):,} jobs, records up to {saved.seq:,}"
    )
