"""`forge-emu mcp`: an emulator for editors and agents, over the Model Context Protocol."""

from __future__ import annotations

import asyncio
from importlib.util import find_spec

import click

from forge_emu.errors import UserError


@click.command(epilog="Example: forge-emu mcp")
def mcp() -> None:
    """Serve an emulator to an editor or agent, on stdin and stdout.

    The client starts this command; its tools load an app, trigger events, move time, and answer
    summary, advice, the story of an event and the store. It needs the extra `mcp`.
    """
    if find_spec("mcp") is None:
        raise UserError(
            "the package mcp is not installed, which `forge-emu mcp` needs",
            "Install it: pip install 'forge-emu[mcp]'",
        )
    from forge_emu.mcp.server import serve

    asyncio.run(serve())
