"""`forge-emu state`: carry the state of an app's emulator to another place."""

from __future__ import annotations

import os
from pathlib import Path

import click

from forge_emu.cli import options as o
from forge_emu.store.shapes import StoredState


@click.group(epilog="Example: forge-emu state export before-import.state --app my-app")
@o.app_option
def state(app_dir: Path) -> None:
    """Move the state of an app's emulator: pending events, jobs, key-value store and records.

    The emulator of the app must not be running. A state file holds what the app has pushed and
    stored; its secrets only with --with-secrets.
    """


@state.command("export", epilog="Example: forge-emu state export monday.state")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--with-secrets", is_flag=True, help="Take along what kvs.setSecret has stored.")
@o.inner_app_option
def export_command(file: Path, with_secrets: bool, app_dir: Path) -> None:
    """Write the state into the new file FILE, which only you can read.

    Secrets of the key-value store are left out, unless --with-secrets is given. Pending events and
    ordinary values are in it as they are.
    """
    from forge_emu.appdir import load_settings
    from forge_emu.console.format import plural
    from forge_emu.control.session import FOLDER, lock_app
    from forge_emu.emulator.variables import variables_of
    from forge_emu.store.transfer import export_state

    root = app_root(app_dir)
    secrets = variables_of(load_settings(root).variables, os.environ).secrets()
    with lock_app(root):
        moved = export_state(root / FOLDER, file, with_secrets=with_secrets, secrets=secrets)
    click.echo(f"{file}: {_contents_text(moved.state)}")
    if moved.left_out and not with_secrets:
        left = plural(moved.left_out, "secret")
        click.echo(f"{left} left out; --with-secrets takes them along", err=True)


@state.command("import", epilog="Example: forge-emu state import monday.state --app my-app")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Put it in the place of a state that is there.")
@o.inner_app_option
def import_command(file: Path, force: bool, app_dir: Path) -> None:
    """Go on from the state in FILE at the next start."""
    from forge_emu.console.format import plural
    from forge_emu.control.session import FOLDER, lock_app
    from forge_emu.store.transfer import import_state

    root = app_root(app_dir)
    with lock_app(root):
        moved = import_state(file, root / FOLDER, force=force)
    click.echo(f"{root}: {_contents_text(moved.state)}")
    if moved.left_out:
        missing = plural(moved.left_out, "secret")
        click.echo(f"it came without {missing}; `forge-emu kvs set --secret` stores one", err=True)


def app_root(app_dir: Path) -> Path:
    """The directory of the app that is meant. Raises UserError."""
    from forge_emu.appdir.folder import find_manifest

    root = app_dir.resolve()
    find_manifest(root)
    return root


def _contents_text(kept: StoredState) -> str:
    saved = kept.saved
    return (
        f"{kept.header.pending:,} pending events, {len(saved.values):,} stored values, "
        f"{len(saved.jobs):,} jobs, records up to {saved.seq:,}"
    )
