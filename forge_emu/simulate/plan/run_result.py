"""What is left of a run that has ended."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from forge_emu.report.summary import Summary
from forge_emu.simulate.plan.comparison import ComparedRun


class RunOrder(msgspec.Struct, frozen=True):
    """One run: the value of the sweep, None where there is none, and the seed."""

    value: str | None
    seed: int


class RunResult(msgspec.Struct, frozen=True):
    """A finished run. `record_lines` are the records that made a condition hold, by condition,
    `warnings` those about functions that did not load, `inputs` the files of the code, `payloads`
    what is in its worst events, as JSON texts, where payloads are kept."""

    compared: ComparedRun
    record_lines: dict[str, list[str]]
    cut_short: bool
    warnings: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    payloads: tuple[bytes, ...] = ()

    def with_summary(self, summary: Summary) -> RunResult:
        """The same run with another summary."""
        outcome = replace(self.compared.outcome, summary=summary)
        return replace(self, compared=replace(self.compared, outcome=outcome))
