"""`forge-emu testing`: tests of an app in JavaScript and TypeScript."""

from __future__ import annotations

import click

from forge_emu.cli import options as o
from forge_emu.cli.testing.install import install
from forge_emu.cli.testing.serve import serve


@click.group(epilog="Example: forge-emu testing install my-app")
@o.app_option_of_argument
def testing() -> None:
    """Test an app with Vitest, Jest or node:test; docs/testing.md says how."""


testing.add_command(install)
testing.add_command(serve)
