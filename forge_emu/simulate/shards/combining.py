"""Puts the shards of one simulation together again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from forge_emu.errors import UserError
from forge_emu.simulate.options import SimulateOptions
from forge_emu.simulate.plan.conditions import FailCondition, parse_condition
from forge_emu.simulate.plan.repeating import with_options
from forge_emu.simulate.plan.run_result import RunResult
from forge_emu.simulate.plan.sweep import Sweep
from forge_emu.simulate.request import SimulatePlan
from forge_emu.simulate.results import SimulateResults
from forge_emu.simulate.shards.shard_file import ShardContent, SimulationIdentity

_MOST_NAMED: Final = 20
_ONE_SIMULATION: Final = "Make all shards with one command in one checkout; --shard alone differs."

_WORDS: Final = {
    "app": "the app",
    "command": "the command",
    "app_files": "the app's files",
    "inputs": "the files that the command names",
    "first_seed": "the first seed",
    "seed_count": "the number of seeds",
    "conditions": "the conditions",
    "keeps_payloads": "--with-payloads",
}
"""What is said of a field in which two shards differ. Others are `the simulation`."""

Shards = Sequence[tuple[Path, ShardContent]]


def combine_shards(
    shards: Shards, more_conditions: Sequence[FailCondition], options: SimulateOptions
) -> SimulateResults:
    """The results of the whole simulation, judged by its conditions and by more.

    Of `options` those count that say what is written. Raises UserError that names the files which
    do not belong together, and the shards that are missing.
    """
    _check_one_simulation(shards)
    _check_complete(shards)
    simulation = shards[0][1].simulation
    own = [parse_condition(c.text, "the shards", c.place) for c in simulation.conditions]
    known = {condition.text for condition in own}
    added = [condition for condition in more_conditions if condition.text not in known]
    conditions = (*own, *added)
    plan = SimulatePlan(
        root=Path(simulation.root),
        steps=(),
        seeds=_seeds_of(simulation),
        sweep=_sweep_of(simulation),
        conditions=conditions,
        until=simulation.until,
        keeps_payloads=simulation.keeps_payloads,
        # One of its shards is enough to make it several runs.
        shard=shards[0][1].shard,
    )
    argv = with_options(
        simulation.command, [word for each in added for word in ("--fail-on", each.text)]
    )
    whole = SimulateOptions(
        argv=argv, as_json=options.as_json, junit=options.junit, report=options.report
    )
    return SimulateResults(whole, plan, _runs_in_order(shards, conditions))


def _runs_in_order(shards: Shards, conditions: tuple[FailCondition, ...]) -> list[RunResult]:
    """Each value under each seed, as one command plays them."""
    in_order = sorted((content for _, content in shards), key=lambda content: content.shard.number)
    runs = [run for content in in_order for run in content.runs]
    values = dict.fromkeys(run.value for run in runs)
    return [run.result(conditions) for value in values for run in runs if run.value == value]


def _sweep_of(simulation: SimulationIdentity) -> Sweep | None:
    if simulation.sweep_name is None:
        return None
    return Sweep(simulation.sweep_name, simulation.sweep_values)


def _seeds_of(simulation: SimulationIdentity) -> tuple[int, ...]:
    return tuple(range(simulation.first_seed, simulation.first_seed + simulation.seed_count))


def _check_one_simulation(shards: Shards) -> None:
    first_file, first = shards[0]
    for file, content in shards[1:]:
        if content.shard.of != first.shard.of:
            raise UserError(
                f"{str(first_file)!r} is shard {first.shard}, and {str(file)!r} is shard "
                f"{content.shard}",
                _ONE_SIMULATION,
            )
        if content.simulation != first.simulation:
            raise UserError(
                f"{str(first_file)!r} and {str(file)!r} are shards of different simulations: "
                + _difference(first.simulation, content.simulation),
                _ONE_SIMULATION,
            )


def _difference(one: SimulationIdentity, other: SimulationIdentity) -> str:
    for name, words in _WORDS.items():
        ours, theirs = getattr(one, name), getattr(other, name)
        if ours == theirs:
            continue
        if name in ("app_files", "inputs"):
            return f"{words} differ"
        return f"{words}: {_shown(ours)} and {_shown(theirs)}"
    return "the simulation differs"


def _shown(value: object) -> str:
    if not isinstance(value, tuple):
        return repr(value)
    return repr(" ".join(each if isinstance(each, str) else each.text for each in value))


def _check_complete(shards: Shards) -> None:
    found: dict[int, Path] = {}
    for file, content in shards:
        number = content.shard.number
        if number in found:
            raise UserError(
                f"{str(found[number])!r} and {str(file)!r} are both shard {content.shard}",
                "Give each shard once.",
            )
        found[number] = file
    of = shards[0][1].shard.of
    missing = [f"{number}/{of}" for number in range(1, of + 1) if number not in found]
    if missing:
        more = f" and {len(missing) - _MOST_NAMED} others" if len(missing) > _MOST_NAMED else ""
        names = ", ".join(missing[:_MOST_NAMED]) + more
        given = ", ".join(repr(str(file)) for file in list(found.values())[:_MOST_NAMED])
        raise UserError(
            f"missing: shard {names}",
            f"Given: {given}. Play what is missing with `simulate --shard`, and merge all of them.",
        )
