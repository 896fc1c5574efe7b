"""What the user asks of `simulate`: from words to steps, runs and conditions, checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from forge_emu import events
from forge_emu.appdir.folder import has_manifest, read_bytes
from forge_emu.emulator.payloads import read_payload
from forge_emu.engine.faults.rules import FaultRule, parse_fault, merge_fault_rules
from forge_emu.errors import UserError
from forge_emu.model import HOUR, Millis
from forge_emu.settings import DELIVERY_ORDER, Preset, SettingValue
from forge_emu.simulate.plan.conditions import Condition, parse_conditions
from forge_emu.simulate.plan.scenario import Scenario, read_scenario
from forge_emu.simulate.plan.steps import Shape, Step
from forge_emu.simulate.plan.sweep import Sweep, changes_of, parse_sweep

FIRST_SEED: Final = 1
LONGEST_RUN: Final[Millis] = 30 * 24 * HOUR
"""Emulated time after which a run ends that would go on for ever."""

MOST_RUNS: Final = 1_000
_YAML: Final = (".yml", ".yaml")
_WHAT: Final = "Such as: forge-emu simulate my-app issue-created --count 1000."


@dataclass(frozen=True)
class Asked:
    """The command line of `simulate`, word by word. `words` are its arguments as given."""

    words: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    event: tuple[str, ...] = ()
    scenario: Path | None = None
    count: int | None = None
    rate: float | None = None
    spread: Millis | None = None
    payload: tuple[str, ...] = ()
    data: str | None = None
    preset: Preset | None = None
    assignments: tuple[str, ...] = ()
    order: str | None = None
    faults: tuple[str, ...] = ()
    seed: int | None = None
    seeds: int | None = None
    compare: str | None = None
    until: Millis | None = None
    fail_on: tuple[str, ...] = ()
    install: bool | None = None
    as_json: bool = False
    records: Path | None = None
    junit: Path | None = None
    report: Path | None = None
    trace: Path | None = None
    tries: bool | None = None

    def with_tries(self, people_read: bool) -> bool:
        """Whether to try what would have avoided a limit: if people read it, unless they said."""
        if self.tries is not None:
            return self.tries
        wanted = self.report is not None or (people_read and not self.as_json)
        return wanted and not (self.seeds or self.compare)


@dataclass(frozen=True)
class Request:
    """A simulation that makes sense. Every one of `seeds` is run under every value of `sweep`."""

    root: Path
    steps: tuple[Step, ...]
    seeds: tuple[int, ...]
    sweep: Sweep | None = None
    conditions: tuple[Condition, ...] = ()
    preset: Preset | None = None
    overrides: Mapping[str, SettingValue] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[FaultRule, ...] = ()
    until: Millis = LONGEST_RUN

    @property
    def several(self) -> bool:
        """Whether there is more than one run."""
        return self.sweep is not None or len(self.seeds) > 1

    @property
    def total(self) -> int:
        """How many product events a run sends."""
        return sum(step.count for step in self.steps)


def read_request(asked: Asked) -> Request:
    """What `asked` comes to. Raises UserError, before anything has run."""
    root, named, file = _sort(asked)
    conditions = parse_conditions(asked.fail_on)
    sweep = parse_sweep(asked.compare) if asked.compare is not None else None
    change = changes_of(asked.assignments, _meant_payload)
    order = {DELIVERY_ORDER.name: asked.order} if asked.order else {}
    faults = tuple(parse_fault(text, "--fault") for text in asked.faults)
    own = _steps(asked, named, root)
    scenario = _scenario(file, root) if file else Scenario()
    steps = (*scenario.steps, *own)
    if not steps:
        raise UserError("there is nothing to simulate: no event is named", _WHAT)
    first = asked.seed if asked.seed is not None else scenario.seed
    first = FIRST_SEED if first is None else first
    request = Request(
        root=root,
        steps=steps,
        seeds=tuple(range(first, first + (asked.seeds or 1))),
        sweep=sweep,
        conditions=_without_repeats([*scenario.fail_on, *conditions]),
        preset=asked.preset or scenario.preset,
        overrides={**scenario.settings, **order, **change.settings},
        variables=change.variables,
        faults=merge_fault_rules(scenario.faults, faults),
        until=next(x for x in (asked.until, scenario.until, LONGEST_RUN) if x is not None),
    )
    _check(asked, request)
    return request


def _meant_payload(name: str) -> str | None:
    """What to say to somebody who may have meant the payload, as `trigger --set` does."""
    return None if _seems_setting(name) else f"To change the payload, write --payload {name}=..."


def _seems_setting(name: str) -> bool:
    return name.split(".")[0] in {
        "limits", "async_events", "product_events", "storage", "delivery", "latency", "env",
    }  # fmt: skip


def _sort(asked: Asked) -> tuple[Path, str | None, Path | None]:
    """The app, the event and the scenario among the arguments, which are two at most."""
    arguments = list(asked.arguments)
    if len(arguments) > 2:
        raise UserError(
            f"there is one argument too many: {arguments[2]!r}", f"APP, then EVENT. {_WHAT}"
        )
    file = asked.scenario
    if arguments and arguments[-1].endswith(_YAML) and not Path(arguments[-1]).is_dir():
        if file is not None:
            raise UserError(f"there are two scenarios: {file} and {arguments[-1]}", "Keep one.")
        file = Path(arguments.pop())
    if len(arguments) == 2:
        return Path(arguments[0]), arguments[1], file
    if not arguments:
        return Path(), None, file
    (only,) = arguments
    others = bool(file or asked.event)
    is_app = has_manifest(Path(only)) or (Path(only).is_dir() and not _is_event(only))
    if is_app or (others and not _is_event(only)):
        return Path(only), None, file
    return Path(), only, file


def _is_event(text: str) -> bool:
    try:
        events.find(Shape().step(text, "").event, has_data=True)
    except UserError:
        return False
    return True


def _steps(asked: Asked, named: str | None, root: Path) -> list[Step]:
    """The steps that the command line names, all of the shape that its options give."""
    if asked.rate is not None and asked.spread is not None:
        raise UserError("--rate and --spread exclude each other", "Keep one of them.")
    data = read_payload(asked.data, "--data", [root]) if asked.data is not None else None
    sets = tuple(events.parse_set(text) for text in asked.payload)
    shape = Shape(asked.count, asked.rate, asked.spread, sets, data)
    texts = [(named, "EVENT")] if named is not None else []
    texts += [(text, "--event") for text in asked.event]
    steps = [shape.step(text, where) for text, where in texts if text is not None]
    for step in steps:
        template = events.find(step.event, has_data=step.data is not None)
        events.Factory(template, sets=step.sets, data=step.data)
    unused = [
        name
        for name, value in (
            ("--count", asked.count), ("--rate", asked.rate), ("--spread", asked.spread),
            ("--payload", asked.payload or None), ("--data", asked.data),
        )
        if value is not None
    ]  # fmt: skip
    if not steps and unused:
        raise UserError(f"{unused[0]} applies to no event", f"Name one. {_WHAT}")
    return steps


def _scenario(file: Path, root: Path) -> Scenario:
    if not file.exists():
        raise UserError(f"there is no scenario {str(file)!r}", "Give a YAML file with `steps:`.")
    within = [root, file.parent]
    return read_scenario(
        read_bytes(file), str(file), lambda name: read_payload(name, "data", within, file.parent)
    )


def _without_repeats(conditions: Sequence[Condition]) -> tuple[Condition, ...]:
    return tuple({condition.text: condition for condition in conditions}.values())


def _check(asked: Asked, request: Request) -> None:
    runs = len(request.seeds) * len(request.sweep.values if request.sweep else "1")
    if runs > MOST_RUNS:
        raise UserError(f"that makes {runs:,} runs", f"Up to {MOST_RUNS:,} are possible.")
    for name, value in (
        ("--records", asked.records),
        ("--report", asked.report),
        ("--trace", asked.trace),
        ("--tries", asked.tries or None),
    ):
        if value is not None and request.several:
            raise UserError(f"{name} needs a single run", "Leave out --seeds and --compare.")
    if asked.junit is not None and not request.conditions:
        raise UserError("--junit needs a condition", "Add --fail-on 'dropped>0'.")
    for step in request.steps:
        if step.at >= request.until:
            raise UserError(
                f"{step.event} comes when the simulation has ended", "Give a later --until."
            )
