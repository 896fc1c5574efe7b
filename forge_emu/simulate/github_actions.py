"""What a simulation tells GitHub Actions: annotations, and the summary of the job."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from forge_emu.emulator.starting.terminal import Terminal
from forge_emu.errors import Problem

if TYPE_CHECKING:
    from forge_emu.simulate.plan.workflow_commands import Annotation
    from forge_emu.simulate.results import SimulateResults


class GitHubActions(msgspec.Struct, frozen=True):
    """The job that the command runs in. `annotates` is False outside of one, `summary_file` None
    where no summary is wanted."""

    annotates: bool
    summary_file: Path | None
    workspace: Path

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> GitHubActions:
        """As the variables that GitHub sets say."""
        file = environment.get("GITHUB_STEP_SUMMARY")
        return cls(
            environment.get("GITHUB_ACTIONS") == "true",
            Path(file) if file else None,
            Path(environment.get("GITHUB_WORKSPACE") or Path.cwd()),
        )

    def show_results(self, results: SimulateResults, app: str, terminal: Terminal) -> None:
        """Annotate what failed and what was found, and add to the summary of the job."""
        if not self.annotates and self.summary_file is None:
            return
        from forge_emu.simulate.plan import workflow_commands as w

        worst = results.worst.compared.outcome.summary
        if self.annotates:
            failed = [
                w.annotation_at(
                    "error",
                    f"forge-emu: {condition.requirement}",
                    results.failure_text(condition),
                    condition.place,
                )
                for condition in results.failed_conditions
            ]
            found = w.annotations_of_findings(worst.advice, worst.errors, worst.problems)
            self._annotate([*failed, *found], results.plan.root, terminal)
        if self.summary_file is not None:
            again = results.repeat_worst_command
            text = w.job_summary(app, results.comparison, results.verdicts, worst.advice, again)
            self._add_to_summary(self.summary_file, text, terminal)

    def annotate_problems(
        self, problems: Sequence[Problem], root: Path, terminal: Terminal
    ) -> None:
        """Annotate what keeps an app from being loaded."""
        if self.annotates:
            from forge_emu.simulate.plan.workflow_commands import annotations_of_problems

            self._annotate(annotations_of_problems(problems), root, terminal)

    def _annotate(self, annotations: Iterable[Annotation], root: Path, terminal: Terminal) -> None:
        """Print the commands that make them: on stderr."""
        from forge_emu.simulate.plan import workflow_commands as w

        for each in w.shown_annotations(annotations):
            terminal.print_message(w.workflow_command(each, self._shown_file(each.file, root)))

    def _shown_file(self, file: str, root: Path) -> str:
        """The file, which is named relative to the app or to where the command runs, as the
        repository names it."""
        if not file:
            return ""
        found = root / file if (root / file).exists() else Path(file)
        return Path(os.path.relpath(found.resolve(), self.workspace.resolve())).as_posix()

    def _add_to_summary(self, file: Path, text: str, terminal: Terminal) -> None:
        try:
            with file.open("a", encoding="utf-8") as summary:
                summary.write(text)
        except OSError as error:
            terminal.print_message(
                f"warning: cannot write the summary of the job to {str(file)!r} "
                f"(GITHUB_STEP_SUMMARY): {error.strerror or error}"
            )
