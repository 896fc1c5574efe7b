"""`forge-emu testing install`: the package for tests goes into an app."""

from __future__ import annotations

from pathlib import Path

import click

from forge_emu.cli import options as o


@click.command(epilog="Example: forge-emu testing install my-app")
@o.app_argument("[APP]")
def install(app_dir: Path) -> None:
    """Install forge-emu-testing, for tests in JavaScript or TypeScript, in APP (default: here).

    The package comes with forge-emu and is written into the app's folder `vendor`; commit it, so
    that it is there in CI. npm adds it to the devDependencies of package.json.
    """
    from forge_emu.commands.npm_package import install_package
    from forge_emu.console.format import escape

    added = install_package(app_dir)
    click.echo(f"wrote {escape(str(app_dir / added.name))}", err=True)
    if added.next is not None:
        click.echo("Next:", err=True)
        click.echo(added.next)
    click.echo(
        "In a test: import { useEmulator } from 'forge-emu-testing/vitest'; or /jest, /node",
        err=True,
    )
