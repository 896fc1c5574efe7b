"""The file that `simulate --shard` writes: which simulation it belongs to, and its runs."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Final

import msgspec

from forge_emu.errors import UserError
from forge_emu.model import Millis
from forge_emu.report.summary import Summary
from forge_emu.simulate.plan.comparison import ComparedRun
from forge_emu.simulate.plan.conditions import FailCondition, evaluate_condition
from forge_emu.simulate.plan.figures import RunOutcome
from forge_emu.simulate.plan.run_result import RunResult
from forge_emu.simulate.plan.shard import Shard
from forge_emu.simulate.shards.app_notes import AppNotes

FORMAT: Final = 2
"""Version of the file's form."""

_TYPE: Final = "forge-emu shard"
_HINT: Final = "Give the files that `forge-emu simulate --shard` has written."


class ShardCondition(msgspec.Struct, frozen=True):
    """A condition of `--fail-on`, and where a scenario writes it."""

    text: str
    place: str = ""


class SimulationIdentity(msgspec.Struct, frozen=True):
    """What the shards of one simulation have in common."""

    forge_emu: str
    """Version of forge-emu."""
    app: str
    """Name of the app."""
    app_files: str
    """A digest of the app's code, manifest and settings."""
    command: tuple[str, ...]
    """The arguments of `simulate`, without those of single shards and of output."""
    inputs: str
    """A digest of what the command names: steps, payloads, stores, sites, a state."""
    first_seed: int
    """The first seed of all shards."""
    seed_count: int
    """How many seeds all shards have."""
    sweep_name: str | None
    """What `--compare` changes. Null without it."""
    sweep_values: tuple[str, ...]
    """Its values as they are shown: those of secrets have numbers instead."""
    conditions: tuple[ShardCondition, ...]
    """The conditions of `--fail-on` and of the scenario."""
    until: Millis
    """Emulated time at which each run ends."""
    root: str
    """The app's folder as the command names it."""
    keeps_payloads: bool = False
    """Whether `--with-payloads` is given."""


class ShardRun(msgspec.Struct, frozen=True):
    """One run: its summary, how many records of each type it has, the records that made a
    condition hold, by condition, what was said of functions that did not load, and what is in its
    worst events, where payloads are kept."""

    value: str | None
    seed: int
    summary: Summary
    record_counts: dict[str, int]
    record_lines: dict[str, list[str]]
    cut_short: bool
    warnings: tuple[str, ...] = ()
    payloads: tuple[msgspec.Raw, ...] = ()

    @classmethod
    def of(cls, run: RunResult) -> ShardRun:
        """A finished run as it is written."""
        compared = run.compared
        return cls(
            compared.value,
            compared.seed,
            compared.outcome.summary,
            dict(compared.outcome.record_counts),
            run.record_lines,
            run.cut_short,
            run.warnings,
            tuple(msgspec.Raw(text) for text in run.payloads),
        )

    def result(self, conditions: tuple[FailCondition, ...]) -> RunResult:
        """The run as it was, judged by `conditions`. Those that its shard did not have are judged
        too, but no record of theirs is known."""
        outcome = RunOutcome(self.summary, self.record_counts)
        judged = tuple(evaluate_condition(condition, outcome) for condition in conditions)
        lines = {
            j.condition.text: self.record_lines.get(j.condition.text, []) for j in judged if j.holds
        }
        compared = ComparedRun(self.value, self.seed, outcome, judged)
        payloads = tuple(bytes(text) for text in self.payloads)
        return RunResult(compared, lines, self.cut_short, self.warnings, payloads=payloads)


class ShardContent(msgspec.Struct, frozen=True):
    """One shard of a simulation."""

    simulation: SimulationIdentity
    shard: Shard
    runs: list[ShardRun]
    notes: AppNotes = AppNotes()
    """What the shard's machine was told of the app."""


class _Envelope(msgspec.Struct, frozen=True):
    """What stands around the content: enough to tell whether it can be read."""

    type: str
    format: int
    forge_emu: str
    sha256: str
    content: msgspec.Raw


def encode_shard(content: ShardContent) -> bytes:
    """The file."""
    text = msgspec.json.encode(content)
    envelope: dict[str, Any] = {
        "type": _TYPE,
        "format": FORMAT,
        "forge_emu": content.simulation.forge_emu,
        "sha256": _digest(text),
        "content": msgspec.Raw(text),
    }
    return msgspec.json.encode(envelope) + b"\n"


def read_shard(path: Path, version: str) -> ShardContent:
    """The shard in a file that this `version` of forge-emu has written. Raises UserError."""
    try:
        text = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise UserError(f"cannot read {str(path)!r}: {reason}", _HINT) from None
    try:
        envelope = msgspec.json.decode(text, type=_Envelope)
    except (msgspec.DecodeError, UnicodeDecodeError):
        envelope = None
    if envelope is None or envelope.type != _TYPE:
        message = f"{str(path)!r} is no shard of a simulation, or the file is damaged"
        raise UserError(message, _HINT)
    if envelope.forge_emu != version or envelope.format != FORMAT:
        raise UserError(
            f"{str(path)!r} was written by forge-emu {envelope.forge_emu}; this is {version}",
            "Merge with the version that made the shards.",
        )
    try:
        if _digest(bytes(envelope.content)) != envelope.sha256:
            raise ValueError
        return msgspec.json.decode(envelope.content, type=ShardContent)
    except (msgspec.DecodeError, ValueError):
        raise UserError(
            f"{str(path)!r} is damaged: its content is not what was written",
            "Copy it again, or play its shard again.",
        ) from None


def _digest(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()
