"""Node.js that starts before the app is read: which one it will be is guessed.

The manifest is looked at, not read. What the start then asks for is compared with the guess: where
it was wrong, that process ends, and another one starts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from forge_emu.model import MANIFEST_NAMES
from forge_emu.runtime.host.environment import has_effect_later
from forge_emu.runtime.node.node_versions import NodeChoice, find_installed_node
from forge_emu.runtime.node.starting.host_start import (
    HostStart,
    StartedNode,
    first_threads,
    host_environment,
    host_start,
    start_node,
)
from forge_emu.runtime.node.tools import cache_folder, installed_fake_timers

_MOST_LOOKED_AT: Final = 1 << 20
"""Bytes of a manifest."""

_RUNTIME: Final = re.compile(r"^\s*name:\s*[\"']?(nodejs\d+\.x)", re.MULTILINE)


class EarlyHost:
    """A process that was started on a guess. It is taken once, and ends where nobody takes it."""

    def __init__(
        self, node: Path, start: HostStart, root: Path, environment: Mapping[str, str]
    ) -> None:
        """Start it. Raises OSError."""
        self._started: StartedNode | None = start_node(node, start, root, environment)
        self._guess = node, start, root
        self._environment = environment

    @property
    def pid(self) -> int | None:
        """The process that nobody has taken yet."""
        return self._started.spawned.process.pid if self._started else None

    def take(
        self, node: Path, start: HostStart, root: Path, environment: Mapping[str, str]
    ) -> StartedNode | None:
        """The process, if it is what is asked for; variables that it lacks are given later.

        None where the guess was wrong: it has ended then.
        """
        lacking = {
            name: value
            for name, value in environment.items()
            if self._environment.get(name) != value
        }
        known = self._environment.keys()
        given_later = all(name not in known and has_effect_later(name) for name in lacking)
        if (node, start, root) != self._guess or not known <= environment.keys() or not given_later:
            self.close()
        started, self._started = self._started, None
        return StartedNode(started.spawned, lacking) if started else None

    def close(self) -> None:
        """End what nobody has taken."""
        started, self._started = self._started, None
        if started is not None:
            started.spawned.close()


@contextmanager
def early_host(
    root: Path, needed: Mapping[str, str], *, virtual: bool, major: int | None = None
) -> Iterator[EarlyHost | None]:
    """Node.js for the app at `root`, with the variables that handlers get in any case.

    `major` is the version that is asked for. None where the app does not look like one in
    JavaScript, where there is no Node.js, and where something is wrong: the start finds that too,
    and says it.
    """
    begun = _begin(root, needed, virtual, major)
    try:
        yield begun
    finally:
        if begun is not None:
            begun.close()


def _begin(
    root: Path, needed: Mapping[str, str], virtual: bool, major: int | None
) -> EarlyHost | None:
    try:
        root = root.resolve()
        if (runtime := _named_runtime(root)) is None:
            return None
        if (node := find_installed_node(NodeChoice(major, runtime), cache_folder())) is None:
            return None
        start = host_start(installed_fake_timers(), first_threads(virtual=virtual))
        return EarlyHost(node.path, start, root, host_environment(needed, virtual=virtual))
    except (OSError, ValueError, RuntimeError):
        return None


def _named_runtime(root: Path) -> str | None:
    """The runtime in the manifest, such as `nodejs22.x`; None where the app has no packages."""
    if not any((root / name).exists() for name in ("package.json", "node_modules")):
        # An app in Python names such a runtime, too.
        return None
    path = next((path for name in MANIFEST_NAMES if (path := root / name).is_file()), None)
    if path is None:
        return None
    with path.open("rb") as file:
        found = _RUNTIME.search(file.read(_MOST_LOOKED_AT).decode(errors="replace"))
    return found[1] if found else None
