"""Starts a host program. Quick to import, because a start begins with it."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from forge_emu.runtime.host.private_memory import close_memory_to_others

FIRST_INCARNATION: Final = 10_000
"""Of the threads of the first process, and so many more for each further one."""

_PIPE_BYTES: Final = 1 << 20


class SpawnedHost(msgspec.Struct, frozen=True):
    """A host's process to which nobody talks yet. `pipes` are the descriptors it reads from and
    writes to, the others our ends."""

    process: subprocess.Popen[bytes]
    pipes: tuple[int, int]
    read_from: int
    write_to: int

    def close(self) -> None:
        """End a process that nobody has talked to."""
        os.close(self.read_from)
        os.close(self.write_to)
        self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


def spawn_host(
    command: Sequence[str],
    argument: Callable[[tuple[int, int]], bytes],
    root: Path,
    environment: Mapping[str, str],
) -> SpawnedHost:
    """Start a host program, whose handlers see `environment` and nothing else; its last argument
    is made of its two descriptors. Raises OSError.
    """
    close_memory_to_others()
    child_in, ours_out = _large_pipe()
    ours_in, child_out = _large_pipe()
    pipes = child_in, child_out
    try:
        process = subprocess.Popen(
            [*command, argument(pipes).decode()],
            cwd=root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            bufsize=0,
            pass_fds=pipes,
            # The terminal's Ctrl-C is for the emulator, which lets handlers finish.
            start_new_session=True,
        )
    except BaseException:
        os.close(ours_in)
        os.close(ours_out)
        raise
    finally:
        os.close(child_in)
        os.close(child_out)
    return SpawnedHost(process, pipes, ours_in, ours_out)


def _large_pipe() -> tuple[int, int]:
    """A pipe whose buffer holds a round's messages, where the system allows it."""
    ends = os.pipe()
    with contextlib.suppress(ImportError, AttributeError, OSError):
        import fcntl

        fcntl.fcntl(ends[1], fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    return ends
