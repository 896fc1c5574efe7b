"""The handlers of the benchmarks in `wrangler dev`, Cloudflare's emulator of Workers.

Each event is a request to the worker; the push goes to a queue, the write to a key-value namespace
(`worker.mjs`). Both are kept on disk, as ours are.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from benchmarks.floor.app import write_app
from benchmarks.floor.parent import MOST_AT_ONCE, payloads_of
from benchmarks.measuring import Spent, measure

PACKAGE: Final = "wrangler@4"
_WORKER: Final = Path(__file__).with_name("worker.mjs")
_INSTALL_SECONDS: Final = 300
_START_SECONDS: Final = 60
_LOOK_SECONDS: Final = 0.02
_MOST_CLOSED: Final = 5 * MOST_AT_ONCE
"""Connections that it may close, all together."""

CONFIG: Final = {
    "name": "peer",
    "main": "worker.mjs",
    "compatibility_date": "2026-01-01",
    "compatibility_flags": ["nodejs_compat"],
    "kv_namespaces": [{"binding": "STORE", "id": "store"}],
    "queues": {
        "producers": [{"binding": "LATER", "queue": "later"}],
        # One event an invocation, at once, as on Forge.
        "consumers": [{"queue": "later", "max_batch_size": 1, "max_batch_timeout": 0}],
    },
}


@dataclass(frozen=True)
class Wrangler:
    """An installation: `program` of the Node.js at `node`."""

    node: Path
    program: Path

    def measure(self, root: Path, issues: int) -> tuple[Spent, Spent]:
        """From the command to the first answer, and then what `issues` created issues take.

        Raises OSError, EOFError or TimeoutError where it does not answer any more.
        """
        write_app(root)
        shutil.copy(_WORKER, root)
        (root / "wrangler.json").write_text(json.dumps(CONFIG))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [self.node, self.program, "dev", "--config", "wrangler.json"]
        return asyncio.run(_measure([*map(str, command), "--port", str(port)], root, port, issues))


def install_wrangler(node: Path, cache: Path) -> Wrangler | str:
    """Install it with npm into `cache` where it is not; a text says why it could not be."""
    program = cache / "node_modules" / "wrangler" / "bin" / "wrangler.js"
    if not program.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--no-audit", "--no-fund", "--no-save", PACKAGE]
        try:
            subprocess.run(
                command, cwd=cache, check=True, capture_output=True, timeout=_INSTALL_SECONDS
            )
        except (OSError, subprocess.SubprocessError) as error:
            return f"npm cannot install {PACKAGE}: {error}"
    return Wrangler(node, program)


async def _measure(
    command: Sequence[str], root: Path, port: int, issues: int
) -> tuple[Spent, Spent]:
    bodies = [json.dumps(payload).encode() for payload in payloads_of(issues)]
    silent = {"WRANGLER_SEND_METRICS": "false", "CLOUDFLARE_CF_FETCH_ENABLED": "false", "CI": "1"}
    began = perf_counter()
    # Ended before the block is left: only then does the system count what it has taken.
    with measure() as whole:
        worker = subprocess.Popen(
            command,
            cwd=root,
            env={**os.environ, **silent},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            await asyncio.wait_for(_until_ready(port), _START_SECONDS)
            ready = perf_counter() - began
            await _send(port, bodies)
            async with _connection(port) as ask:
                while int(await ask(b"GET", b"")) < issues:
                    await asyncio.sleep(_LOOK_SECONDS)
            ended = perf_counter() - began
        finally:
            os.killpg(worker.pid, signal.SIGTERM)
            worker.wait()
    return Spent(ready), Spent(ended - ready, whole.cpu)


async def _until_ready(port: int) -> None:
    while True:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            async with _connection(port) as ask:
                await ask(b"GET", b"")
                return
        await asyncio.sleep(_LOOK_SECONDS)


async def _send(port: int, bodies: Sequence[bytes]) -> None:
    waiting = list(reversed(bodies))
    closed = 0

    async def client() -> None:
        nonlocal closed
        while waiting:
            body = waiting.pop()
            try:
                async with _connection(port) as ask:
                    while True:
                        await ask(b"POST", body)
                        if not waiting:
                            return
                        body = waiting.pop()
            except (ConnectionError, asyncio.IncompleteReadError):
                # It closes connections now and then: what was under way is sent again.
                waiting.append(body)
                closed += 1
                if closed > _MOST_CLOSED:
                    raise

    await asyncio.gather(*(client() for _ in range(MOST_AT_ONCE)))


@contextlib.asynccontextmanager
async def _connection(port: int) -> AsyncIterator[Any]:
    """A connection that stays open: `ask(method, body)` answers the body of the response."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def ask(method: bytes, body: bytes) -> bytes:
        head = b"%b / HTTP/1.1\r\nhost: localhost\r\ncontent-length: %d\r\n\r\n"
        writer.write(head % (method, len(body)) + body)
        answer = (await reader.readuntil(b"\r\n\r\n")).lower()
        fields = dict(line.partition(b": ")[::2] for line in answer.split(b"\r\n")[1:])
        if b"chunked" not in fields.get(b"transfer-encoding", b""):
            return await reader.readexactly(int(fields.get(b"content-length", 0)))
        text = b""
        while size := int(await reader.readline(), 16):
            text += (await reader.readexactly(size + 2))[:-2]
        await reader.readline()
        return text

    try:
        yield ask
    finally:
        writer.close()
