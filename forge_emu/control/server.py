"""Serves the control API on 127.0.0.1, in the loop that runs everything else."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import uvicorn

from forge_emu.control.api import api
from forge_emu.control.contract import Controls
from forge_emu.errors import UserError

HOST = "127.0.0.1"
_GRACE_SECONDS = 1.0


class _Server(uvicorn.Server):
    """Leaves signals to the emulator."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


@asynccontextmanager
async def serve(controls: Controls, port: int) -> AsyncIterator[str]:
    """Serve `controls` on `port` (0: any free one); gives the address.

    Raises UserError when the port is taken.
    """
    sock = _bind(port)
    config = uvicorn.Config(
        api(controls),
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
    task = asyncio.create_task(server.serve(sockets=[sock]))
    try:
        yield f"http://{HOST}:{sock.getsockname()[1]}"
    finally:
        controls.hub.close()
        server.should_exit = True
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(task), _GRACE_SECONDS)
        server.force_exit = True
        await task
        sock.close()


def _bind(port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((HOST, port))
        # From here on a client is let in, even where the server needs a moment more.
        sock.listen(128)
    except OSError as error:
        sock.close()
        raise UserError(
            f"port {port} of {HOST} cannot be used: {error.strerror or error}",
            "Give another one with --port, or leave it out to get a free one.",
        ) from None
    return sock
