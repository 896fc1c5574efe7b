"""`forge-emu testing serve`: the emulator that a test package starts."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from forge_emu.cli import options as o


@click.command(epilog="Example: forge-emu testing serve my-app")
@o.app_argument("[APP]")
def serve(app_dir: Path) -> None:
    """Serve an emulator of APP (default: here) to the program that starts this: a test package.

    It reads the options as one line of JSON from stdin, prints one line of JSON with its url and
    token, and ends when stdin is closed. Time stands until it is moved, all is in memory, and the
    app's directory stays free for other emulators.
    """
    from forge_emu.testing.serving.serve import serve_for_tests

    asyncio.run(serve_for_tests(app_dir, click.echo))
