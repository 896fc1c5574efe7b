"""The options of `simulate` as given."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from forge_emu.model import Bundler, Layout, Millis
from forge_emu.settings import Preset

STDOUT: Final = Path("-")
"""A file of this name is stdout."""


class SimulateOptions(msgspec.Struct, frozen=True):
    """The options of `simulate` as given. `argv` is the whole command line."""

    argv: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    event: tuple[str, ...] = ()
    scenario: Path | None = None
    count: int | None = None
    rate: float | None = None
    spread: Millis | None = None
    payload: tuple[str, ...] = ()
    data: str | None = None
    preset: Preset | None = None
    latency: str | None = None
    assignments: tuple[str, ...] = ()
    env_files: tuple[Path, ...] = ()
    order: str | None = None
    faults: tuple[str, ...] = ()
    seed: int | None = None
    seeds: int | None = None
    jobs: int | None = None
    shard: str | None = None
    shard_file: Path | None = None
    compare: str | None = None
    until: Millis | None = None
    fail_on: tuple[str, ...] = ()
    install: bool | None = None
    node: int | None = None
    layout: Layout = "deploy"
    bundler: Bundler = "auto"
    as_json: bool = False
    records: Path | None = None
    junit: Path | None = None
    report: Path | None = None
    with_payloads: bool = False
    trace: Path | None = None
    tries: bool | None = None
    network: bool = False
    remotes: tuple[str, ...] = ()
    kvs: tuple[Path, ...] = ()
    site: tuple[Path, ...] = ()
    state: Path | None = None

    @property
    def prints_records(self) -> bool:
        """Whether stdout has the records, and the summary as the last of them."""
        return self.records == STDOUT

    def should_try_changes(self, on_terminal: bool) -> bool:
        """Whether to try what avoids a limit: by default on a terminal or with --report."""
        if self.tries is not None:
            return self.tries
        if self.network or self.remotes:
            # A try would send every request again.
            return False
        wanted = self.report is not None or (on_terminal and not self.as_json)
        return wanted and not (self.seeds or self.compare)
