"""What the user asks of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, Protocol

import msgspec

from forge_emu.control.contract import TriggerOrder
from forge_emu.control.session import FILE, FOLDER
from forge_emu.engine.faults.rules import FaultRule
from forge_emu.model import Bundler, Layout
from forge_emu.records import RecordBatch
from forge_emu.report.summary import Summary
from forge_emu.settings import Preset, SettingValue


class Judge(Protocol):
    """Judges a run by conditions."""

    def add_batch(self, batch: RecordBatch) -> None:
        """Read the records of a turn."""
        ...

    def judged(self, summary: Summary) -> Summary:
        """The summary of the whole run with what came of the conditions."""
        ...

    @property
    def lines(self) -> Sequence[str]:
        """What came of them, and why."""
        ...

    @property
    def failed(self) -> bool:
        """Whether one of them held, so that the run has failed."""
        ...


OutputKind = Literal["console", "lines", "progress", "quiet", "json"]


class RunOptions(msgspec.Struct, frozen=True):
    """The options of `run`. `speed` None is virtual time; `preset` None leaves the choice to
    `forge-emu.yml`.

    `ephemeral` keeps all in memory, which then begins with an exported `state` and the values in
    the files `kvs`, and what the files `site` hold on the site; `recover` saves what can be read of
    a damaged state first.
    `orders` are sent once the app is ready; `until_idle` ends the run when everything has settled.
    `host` None listens on loopback alone. `offline` keeps requests to the outside in;
    `remotes` are addresses by the key of a remote.
    `report` and `trace` are files to write at its end; `with_payloads` puts what is in events into
    the report; `layout` is the folder that handlers run in,
    `bundler` what builds them;
    `variables` were given with `--set env.NAME`, `file_variables` with `--env-file`; `node` is the
    major version of Node.js that is asked for; `argv` is the command line as typed.
    """

    root: Path
    output: OutputKind = "lines"
    port: int = 0
    host: str | None = None
    speed: float | None = 1.0
    seed: int | None = None
    preset: Preset | None = None
    overrides: dict[str, SettingValue] = msgspec.field(default_factory=dict)
    variables: Mapping[str, str] = msgspec.field(default_factory=dict)
    file_variables: Mapping[str, str] = msgspec.field(default_factory=dict)
    install: bool | None = None
    node: int | None = None
    layout: Layout = "deploy"
    bundler: Bundler = "auto"
    watch: bool = True
    faults: tuple[FaultRule, ...] = ()
    orders: tuple[TriggerOrder, ...] = ()
    until_idle: bool = False
    report: Path | None = None
    with_payloads: bool = False
    trace: Path | None = None
    argv: tuple[str, ...] = ()
    ephemeral: bool = False
    offline: bool = False
    remotes: Mapping[str, str] = msgspec.field(default_factory=dict)
    recover: bool = False
    kvs: tuple[Path, ...] = ()
    site: tuple[Path, ...] = ()
    state: Path | None = None
    judge: Judge | None = None
    """Judges the run at its end."""


def exposure_warning(host: str | None, url: str) -> str:
    """What is said of an emulator that other machines can reach."""
    port = url.rpartition(":")[2]
    return (
        f"warning: with --host {host} other machines can reach port {port}. Whoever has the token "
        f"of {FOLDER}/{FILE} controls this emulator and reads its store, and the token "
        "crosses the network unencrypted."
    )
