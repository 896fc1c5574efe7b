"""Several runs side by side: figures by value and seed, the worst seed, and the best value."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import UNSET, UnsetType

from forge_emu.durations import duration_text
from forge_emu.report.format import plural
from forge_emu.report.summary import ConditionVerdict
from forge_emu.simulate.plan.conditions import ConditionResult
from forge_emu.simulate.plan.figures import COMPARISON_FIGURES, RunOutcome
from forge_emu.simulate.plan.sweep import Sweep


class ComparedRun(msgspec.Struct, frozen=True):
    """One run, as it is compared. `value` is that of the sweep, None where there is none."""

    value: str | None
    seed: int
    outcome: RunOutcome
    condition_results: tuple[ConditionResult, ...] = ()

    def figure(self, name: str) -> float | None:
        """What the run came to in one figure."""
        return COMPARISON_FIGURES[name].read(self.outcome)

    @property
    def failed_conditions(self) -> list[ConditionResult]:
        """The conditions of `--fail-on` that held, so that the run has failed."""
        return [result for result in self.condition_results if result.holds]

    @property
    def badness(self) -> tuple[float, ...]:
        """Greater is worse: conditions that held, losses, then slowness."""
        figures = (
            self.figure(name) or 0 for name in ("dropped", "expired", "pending", "p95", "duration")
        )
        return (len(self.failed_conditions), *figures)


class Range(msgspec.Struct, frozen=True):
    """A figure over the seeds. Spans are in milliseconds; null where no run has the figure."""

    min: float | None
    median: float | None
    max: float | None


class Row(msgspec.Struct, frozen=True):
    """One run: its figures by name, spans in milliseconds under `<name>_ms`."""

    value: str | None
    seed: int
    figures: dict[str, float | None]
    failed: list[str]


class Column(msgspec.Struct, frozen=True):
    """The runs of one value. `failed_seeds` met a condition of `--fail-on`."""

    value: str | None
    seeds: list[int]
    figures: dict[str, Range]
    worst_seed: int
    failed_seeds: list[int]


class Comparison(msgspec.Struct, frozen=True, tag_field="type", tag="comparison"):
    """What `--json` prints of several runs. `best` drains without a loss, and fastest; None where
    no value does."""

    name: str | None
    columns: list[Column]
    best: str | None
    verdict: str | None
    runs: list[Row]
    conditions: list[ConditionVerdict] | UnsetType = UNSET
    """What came of each condition of `--fail-on`. Left out where there were none."""


def compare(runs: Sequence[ComparedRun], sweep: Sweep | None) -> Comparison:
    """The runs side by side."""
    values: list[str | None] = list(dict.fromkeys(run.value for run in runs))
    columns = [_column(value, [run for run in runs if run.value == value]) for value in values]
    best = _best(columns) if sweep else None
    return Comparison(
        name=sweep.name if sweep else None,
        columns=columns,
        best=best.value if best else None,
        verdict=_verdict_text(sweep, columns, best) if sweep else None,
        runs=[_row(run) for run in runs],
    )


def worst_run(runs: Sequence[ComparedRun]) -> ComparedRun:
    """The run to look at first; the lowest seed among equals."""
    return max(runs, key=lambda run: (run.badness, -run.seed))


def json_field(name: str) -> str:
    """How a figure is called in JSON: with its unit."""
    return f"{name}_ms" if COMPARISON_FIGURES[name].kind == "span" else name


def range_text(name: str, figures: Range) -> str:
    """The median of a figure, and what lies around it where the seeds differ."""
    if figures.median is None:
        return "–"
    text = COMPARISON_FIGURES[name].value_text
    around = f" ({text(figures.min)} to {text(figures.max)})"
    return text(figures.median) + (around if figures.min != figures.max else "")


def _column(value: str | None, runs: list[ComparedRun]) -> Column:
    return Column(
        value=value,
        seeds=[run.seed for run in runs],
        figures={
            json_field(name): _range([run.figure(name) for run in runs])
            for name in COMPARISON_FIGURES
        },
        worst_seed=worst_run(runs).seed,
        failed_seeds=[run.seed for run in runs if run.failed_conditions],
    )


def _range(values: list[float | None]) -> Range:
    # A single run compares nothing.
    from statistics import median

    known = sorted(value for value in values if value is not None)
    return Range(known[0], median(known), known[-1]) if known else Range(None, None, None)


def _row(run: ComparedRun) -> Row:
    return Row(
        value=run.value,
        seed=run.seed,
        figures={json_field(name): run.figure(name) for name in COMPARISON_FIGURES},
        failed=[result.condition.text for result in run.failed_conditions],
    )


def _lost_events(column: Column) -> float:
    return sum(column.figures[name].max or 0 for name in ("dropped", "expired", "pending"))


def _best(columns: list[Column]) -> Column | None:
    """The fastest of those that lose nothing under any seed."""
    sound = [column for column in columns if not _lost_events(column)]
    return min(sound, key=_slowness, default=None)


def _slowness(column: Column) -> tuple[float, float]:
    return column.figures["duration_ms"].median or 0, column.figures["p95_ms"].median or 0


def _verdict_text(sweep: Sweep, columns: list[Column], best: Column | None) -> str:
    if best is None:
        least = min(columns, key=lambda c: (_lost_events(c), _slowness(c)))
        return (
            f"No value of {sweep.name} drains it without a loss; {least.value} comes nearest, with "
            f"{plural(round(_lost_events(least)), 'event')} dropped, expired or pending."
        )
    others = [c for c in columns if c is not best]
    lossy = [c for c in others if _lost_events(c)]
    words = f"{sweep.name}={best.value} drains it without a dropped event in {_duration_text(best)}"
    sound = [c for c in others if not _lost_events(c)]
    if equal := [c.value for c in sound if _slowness(c) == _slowness(best)]:
        words += f", and so {'does' if len(equal) == 1 else 'do'} {', '.join(map(str, equal))}"
    if slower := [c for c in sound if _slowness(c) != _slowness(best)]:
        times = ", ".join(f"{_duration_text(c)} with {c.value}" for c in slower)
        words += f", against {times}"
    if lossy:
        losses = ", ".join(f"{c.value} loses {_lost_events(c):g}" for c in lossy)
        words += f"; {losses}"
    return f"{words}."


def _duration_text(column: Column) -> str:
    return duration_text(round(column.figures["duration_ms"].median or 0))
