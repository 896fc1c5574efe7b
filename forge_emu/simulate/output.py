"""What a simulation prints of its results, and writes for the systems that judge it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from forge_emu.console.format import escape_json
from forge_emu.emulator.starting.terminal import Terminal
from forge_emu.errors import ExitCode
from forge_emu.simulate.artifacts import write_artifact
from forge_emu.simulate.github_actions import GitHubActions
from forge_emu.simulate.plan.run_result import RunResult
from forge_emu.simulate.results import SimulateResults

if TYPE_CHECKING:
    from rich.console import RenderableType


def print_result(results: SimulateResults, terminal: Terminal) -> None:
    """The summary of a single run or the comparison of several, on stdout where it is free."""
    if results.plan.has_several_runs:
        _print_unanswered(results.runs, terminal)
    if results.options.prints_records:
        return
    if results.options.as_json:
        text = msgspec.json.encode(_result(results))
        shown = escape_json(text) if terminal.stdout.is_terminal else text
        terminal.stdout.file.write(shown.decode() + "\n")
        terminal.stdout.file.flush()
    else:
        terminal.stdout.print(_view(results, terminal.stdout.width))


def _result(results: SimulateResults) -> Any:
    if results.plan.has_several_runs:
        return results.comparison
    return results.runs[0].compared.outcome.summary


def _view(results: SimulateResults, width: int) -> RenderableType:
    # What draws is not imported for `--json`.
    if results.plan.has_several_runs:
        from forge_emu.simulate.comparison_view import render_comparison

        return render_comparison(results.comparison, width)
    from forge_emu.console.summary import render_summary

    return render_summary(results.runs[0].compared.outcome.summary, width)


def judge_results(
    results: SimulateResults, app_name: str, terminal: Terminal, github: GitHubActions
) -> ExitCode:
    """Say what came of the conditions, wherever it is wanted; the exit code is that of a simulation
    that nobody interrupted. Raises UserError."""
    results.print_conditions(terminal)
    github.show_results(results, app_name, terminal)
    if results.options.junit is not None:
        write_artifact(results.options.junit, results.junit_report(app_name), "--junit")
    if results.options.report is not None and results.plan.has_several_runs:
        write_artifact(results.options.report, results.page(app_name), "--report")
        terminal.print_message(f"wrote {results.options.report}")
    return ExitCode.CONDITION_FAILED if results.failed_conditions else ExitCode.OK


def _print_unanswered(runs: list[RunResult], terminal: Terminal) -> None:
    """In how many runs requests went nowhere, and where the mocks are that would answer them."""
    found = [run.compared.outcome.summary for run in runs]
    affected = [summary for summary in found if summary.missing_answers.requests]
    if not affected:
        return
    file = next(
        (s.missing_answers.mocks_file for s in affected if s.missing_answers.mocks_file), None
    )
    where = f"; the missing mocks are in {file}" if file else ""
    terminal.print_message(
        f"in {len(affected)} of {len(runs)} runs there were requests that nothing answered{where}"
    )
