"""The settings of a host program, as it reads them. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class FileLimits(msgspec.Struct, frozen=True):
    """Handlers see nothing of the folder `hidden` but what is deployed; `tmp_mb` is the size of
    /tmp in MB, None for no limit.
    """

    hidden: str
    tmp_mb: int | None


class HostSettings(msgspec.Struct, frozen=True):
    """The settings of a host program. `heap_mb` is per thread.

    A thread without the end of a turn for `patience_ms` counts as stuck; `io_patience_ms` is how
    long virtual time stands still for a file or a connection of code that runs for no invocation,
    `io_again_patience_ms` how long after a first time in vain. All are real milliseconds. `pipes`
    are the descriptors it reads from and writes to. Without `files`, handlers see all files. The
    process gets `variables` beside those that it was started with.
    """

    threads: int
    heap_mb: int
    first_incarnation: int
    seed: int
    epoch_ms: int
    virtual: bool
    patience_ms: float
    io_patience_ms: float
    io_again_patience_ms: float
    fake_timers: str | None = None
    files: FileLimits | None = None
    pipes: tuple[int, int] = (3, 4)
    variables: Mapping[str, str] = msgspec.field(default_factory=dict)


class SettingsOrder(msgspec.Struct, frozen=True, tag="settings"):
    """The settings as the first order: to a program that was started before they were known."""

    settings: HostSettings
