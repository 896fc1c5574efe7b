"""What a simulation says of the app, besides its results: once, however many runs it has."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from forge_emu.appdir.folder import has_manifest
from forge_emu.emulator.starting.terminal import Terminal
from forge_emu.emulator.views.missing_mocks import with_mocks_file, write_missing_mocks
from forge_emu.report.format import plural
from forge_emu.simulate.plan.run_result import RunResult

SHOWN_PROBLEMS = 5
"""So many warnings stand below the results of a simulation."""


class AppNotes(msgspec.Struct, frozen=True):
    """Lines for stderr, without secrets: `before` the runs, and `after` their results."""

    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()

    def print_before(self, terminal: Terminal) -> None:
        """What is known before anything is played."""
        for line in self.before:
            terminal.print_message(line)

    def print_after(self, runs: Sequence[RunResult], terminal: Terminal) -> None:
        """What is said below the results, and what the first run found while it loaded."""
        found = (*problem_lines(runs[0]), *runs[0].warnings) if runs else ()
        for line in (*self.after, *found):
            terminal.print_message(line)


def problem_lines(run: RunResult) -> list[str]:
    """The warnings about manifest, packages and build, the first of them."""
    found = [p for p in run.compared.outcome.summary.problems if p.severity == "warning"]
    lines = [f"warning: {problem}" for problem in found[:SHOWN_PROBLEMS]]
    if more := len(found[SHOWN_PROBLEMS:]):
        lines.append(f"and {plural(more, 'more warning')}: `forge-emu check` shows all")
    return lines


def with_missing_mocks(root: Path, runs: Sequence[RunResult]) -> list[RunResult]:
    """Write what all runs lacked into one file, which their summaries name."""
    file = write_missing_mocks(root, [run.compared.outcome.summary for run in runs])
    return [run.with_summary(with_mocks_file(run.compared.outcome.summary, file)) for run in runs]


def with_missing_mocks_of_app(
    root: Path, runs: Sequence[RunResult], terminal: Terminal
) -> list[RunResult]:
    """The same where the app is not sure to be in the folder `root`; where it is not, say so."""
    if has_manifest(root):
        return with_missing_mocks(root.resolve(), runs)
    mocks = {m for run in runs for m in run.compared.outcome.summary.missing_answers.mocks}
    if mocks:
        terminal.print_message(
            f"the app is not in {str(root)!r} here, so its {len(mocks)} missing mocks are not "
            "written; merge where it is to get the file"
        )
    return list(runs)
