"""Serves the control API of a run together with its live page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

from forge_emu.clock import fresh_token
from forge_emu.control.addresses import Addresses
from forge_emu.control.page.access import PageAccess
from forge_emu.emulator.emulator import Emulator
from forge_emu.report.page import RunInfo
from forge_emu.run.live_page.address import PageAddress, read_address, write_address
from forge_emu.run.live_page.live_page import LivePage

ServeApi = Callable[..., AbstractAsyncContextManager[str]]
"""`forge_emu.control.server.serve_api`, which is slow to import."""


@asynccontextmanager
async def serve_with_page(
    serve_api: ServeApi,
    emulator: Emulator,
    addresses: Addresses,
    port: int,
    about: RunInfo,
    folder: Path | None,
) -> AsyncIterator[LivePage]:
    """Serve `emulator`, which knows its address from then on.

    Without a `port` it is that of the last run, if `folder` has one and it is free. `folder` None
    keeps nothing. Raises UserError where the port is taken.
    """
    address = read_address(folder, fresh_token) if folder else PageAddress(fresh_token())
    page = LivePage(emulator, PageAccess(address.secret, fresh_token), about)
    serving = serve_api(emulator, addresses, port, page, preferred_port=address.port)
    async with serving as emulator.url:
        if folder:
            write_address(folder, PageAddress(address.secret, urlsplit(emulator.url).port or 0))
        yield page
