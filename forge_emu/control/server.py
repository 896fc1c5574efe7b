"""Serves the control API on this machine, in the loop that runs everything else."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress

import uvicorn
from starlette.routing import Route

from forge_emu.control.addresses import LOOPBACK, Addresses, bind_sockets
from forge_emu.control.api import create_api
from forge_emu.control.contract import Controls
from forge_emu.control.openapi.operation import Operation
from forge_emu.control.page.contract import PageContract
from forge_emu.control.protocol import protocol_class
from forge_emu.errors import UserError

_GRACE_SECONDS = 1.0


class _Server(uvicorn.Server):
    """Leaves signals to the emulator."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture no signal: the run itself handles them."""
        yield


@asynccontextmanager
async def serve_api(
    controls: Controls,
    addresses: Addresses,
    port: int,
    page: PageContract | None = None,
    *,
    preferred_port: int = 0,
    more_routes: Sequence[Route] = (),
    more_operations: Sequence[Operation] = (),
) -> AsyncIterator[str]:
    """Serve `controls` on `port` (0: `preferred_port` if it is free, else any); gives the address
    for this machine.

    Raises UserError when the port is taken.
    """
    sockets = _bind_preferred(addresses, port, preferred_port)
    config = uvicorn.Config(
        create_api(controls, addresses, page, more_routes, more_operations),
        http=protocol_class(controls.record_refusal),
        log_config=None,
        # What a client did wrong is in its answer; a line on stderr would tear the console.
        log_level="critical",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=1,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=sockets))
    try:
        yield f"http://{LOOPBACK}:{sockets[0].getsockname()[1]}"
    finally:
        controls.hub.close()
        server.should_exit = True
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(task), _GRACE_SECONDS)
        server.force_exit = True
        await task
        for sock in sockets:
            sock.close()


def _bind_preferred(addresses: Addresses, port: int, preferred_port: int) -> list[socket.socket]:
    if not port and preferred_port:
        with suppress(UserError):
            return bind_sockets(addresses, preferred_port)
    return bind_sockets(addresses, port)
