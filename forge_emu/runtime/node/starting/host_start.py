"""Starts the host program in Node.js, also before all of its settings are known."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from forge_emu.runtime.host.spawning import FIRST_INCARNATION, SpawnedHost, spawn_host

PROGRAM: Final = Path(__file__).parents[1] / "program" / "host" / "host.cjs"

_PACKAGE_FLAGS: Final = ("--experimental-vm-modules", "--experimental-import-meta-resolve")
"""What the loader of manual packages needs to give each instance its own ES modules."""

HEAP_MB: Final = 4096
"""Heap of a thread: its instances share it. What each may hold is measured in the host."""


class HostStart(msgspec.Struct, frozen=True):
    """What the program needs to start its first threads: the rest of `HostSettings` comes later.

    `fake_timers` is the folder of the package that scales the clock of handlers.
    """

    threads: int
    fake_timers: str | None
    first_incarnation: int
    heap_mb: int = HEAP_MB
    pipes: tuple[int, int] = (3, 4)


def host_start(
    fake_timers: Path | None, threads: int, first_incarnation: int = FIRST_INCARNATION
) -> HostStart:
    """How the program starts, with `threads` before they are needed."""
    return HostStart(threads, str(fake_timers) if fake_timers else None, first_incarnation)


def first_threads(*, virtual: bool) -> int:
    """How many threads are started before they are needed: in virtual time one runs at a time."""
    return 1 if virtual else 2


def host_environment(environment: Mapping[str, str], *, virtual: bool) -> dict[str, str]:
    """The variables of the process whose handlers see `environment`."""
    # With one thread, the results of the pool come in the order of the calls.
    own = {"UV_THREADPOOL_SIZE": "1"} if virtual else {}
    return {"NODE_ENV": "production", **own, **environment}


def host_command(node: Path) -> tuple[str, ...]:
    """The command that starts the host program, without its argument."""
    return str(node), "--no-warnings", *_PACKAGE_FLAGS, str(PROGRAM)


class StartedNode(msgspec.Struct, frozen=True):
    """A process of the host program. It gets the variables that it `lacks` with its settings."""

    spawned: SpawnedHost
    lacks: Mapping[str, str] = msgspec.field(default_factory=dict)


def start_node(
    node: Path, start: HostStart, root: Path, environment: Mapping[str, str]
) -> StartedNode:
    """Start the host program of the app at `root`. Raises OSError."""

    def argument(pipes: tuple[int, int]) -> bytes:
        return msgspec.json.encode(msgspec.structs.replace(start, pipes=pipes))

    return StartedNode(spawn_host(host_command(node), argument, root, environment))
