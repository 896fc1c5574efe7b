"""The command line of `simulate`, checked and turned into a plan: steps, runs and conditions."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from forge_emu import events
from forge_emu.appdir.env_files import read_env_files
from forge_emu.appdir.folder import has_manifest, read_bytes
from forge_emu.appdir.manifest_names import events_of_folder, example_event
from forge_emu.appdir.remote_addresses import parse_remotes
from forge_emu.emulator.initial_state.site_files import SiteFile, read_site_file
from forge_emu.emulator.initial_state.store_values import PlacedEntry, decode_entry, read_store_file
from forge_emu.emulator.user_json.event_lines import read_data
from forge_emu.emulator.user_json.payloads import resolve_within
from forge_emu.engine.faults.rules import FaultRule, merge_fault_rules, parse_fault
from forge_emu.errors import UserError
from forge_emu.model import HOUR, Json, Layout, Millis, RecordedEvents
from forge_emu.settings import DELIVERY_ORDER, LATENCY_PROFILE, Preset, SettingValue, all_settings
from forge_emu.simulate.options import SimulateOptions
from forge_emu.simulate.plan.conditions import FailCondition, parse_conditions
from forge_emu.simulate.plan.scenario import Scenario, read_scenario
from forge_emu.simulate.plan.shard import Shard, parse_shard
from forge_emu.simulate.plan.steps import AnyStep, Step, StepOptions
from forge_emu.simulate.plan.sweep import Sweep, parse_sweep, read_assignments

FIRST_SEED: Final = 1
LONGEST_RUN: Final[Millis] = 30 * 24 * HOUR
"""Emulated time after which a run ends that would go on for ever."""

MOST_RUNS: Final = 1_000
_YAML: Final = (".yml", ".yaml")


class SimulatePlan(msgspec.Struct, frozen=True):
    """A valid simulation. Each of `seeds` is run under each value of `sweep`.

    Each run begins with the state in `state_file`, and with `store_values` in its store. It ends at
    `until`; where that was not given, also when nothing is left but what time alone starts.
    """

    root: Path
    steps: tuple[AnyStep, ...]
    seeds: tuple[int, ...]
    sweep: Sweep | None = None
    conditions: tuple[FailCondition, ...] = ()
    preset: Preset | None = None
    overrides: Mapping[str, SettingValue] = msgspec.field(default_factory=dict)
    variables: Mapping[str, str] = msgspec.field(default_factory=dict)
    file_variables: Mapping[str, str] = msgspec.field(default_factory=dict)
    faults: tuple[FaultRule, ...] = ()
    until: Millis = LONGEST_RUN
    until_given: bool = False
    layout: Layout = "deploy"
    network: bool = False
    remotes: Mapping[str, str] = msgspec.field(default_factory=dict)
    store_values: tuple[PlacedEntry, ...] = ()
    site_files: tuple[SiteFile, ...] = ()
    state_file: Path | None = None
    keeps_payloads: bool = False
    """Whether what is in events is kept, for the report."""
    jobs: int | None = None
    """How many runs are made at once; None: as many as there are cores."""
    shard: Shard | None = None
    all_seeds: tuple[int, ...] = ()
    """The seeds of all shards; `seeds` are those of `shard`."""

    @property
    def has_several_runs(self) -> bool:
        """Whether there is more than one run, in all shards."""
        return self.sweep is not None or len(self.seeds) > 1 or self.shard is not None

    @property
    def event_count(self) -> int:
        """How many product events a run sends."""
        return sum(step.count for step in self.steps if isinstance(step, Step))


def make_plan(options: SimulateOptions) -> SimulatePlan:
    """The plan for `options`. Raises UserError, before anything has run."""
    root, named, file = _split_arguments(options)
    conditions = parse_conditions(options.fail_on)
    sweep = parse_sweep(options.compare) if options.compare is not None else None
    assignments = read_assignments(options.assignments, _payload_hint)
    switches = {
        setting.name: value
        for setting, value in ((LATENCY_PROFILE, options.latency), (DELIVERY_ORDER, options.order))
        if value
    }
    faults = tuple(parse_fault(text, "--fault") for text in options.faults)
    own = _steps_of(options, named, root)
    scenario = _load_scenario(file, root) if file else Scenario()
    steps = (*scenario.steps, *own)
    until = options.until if options.until is not None else scenario.until
    if not steps and until is None and options.state is None:
        raise UserError(
            "there is nothing to simulate: no event is named",
            f"{first_step_hint(root)} "
            "With --until 24h, what schedules start is played without an event.",
        )
    first = options.seed if options.seed is not None else scenario.seed
    first = FIRST_SEED if first is None else first
    seeds = tuple(range(first, first + (options.seeds or 1)))
    shard = parse_shard(options.shard, len(seeds)) if options.shard is not None else None
    plan = SimulatePlan(
        root=root,
        steps=steps,
        seeds=shard.part_of(seeds) if shard else seeds,
        shard=shard,
        all_seeds=seeds,
        sweep=sweep,
        conditions=_unique_conditions([*scenario.fail_on, *conditions]),
        preset=options.preset or scenario.preset,
        overrides={**scenario.settings, **switches, **assignments.settings},
        variables=assignments.variables,
        file_variables=read_env_files(options.env_files),
        faults=merge_fault_rules(scenario.faults, faults),
        layout=options.layout,
        network=options.network,
        remotes=parse_remotes(options.remotes),
        until=LONGEST_RUN if until is None else until,
        until_given=until is not None,
        store_values=_store_values(options, scenario, file, root),
        site_files=tuple(read_site_file(path, "--site") for path in options.site),
        state_file=options.state,
        jobs=options.jobs,
        keeps_payloads=options.with_payloads,
    )
    _check_plan(options, plan)
    return plan


def app_and_scenario(options: SimulateOptions) -> tuple[Path, Path | None]:
    """The app's folder and the scenario that the command names. Raises UserError."""
    root, _, scenario = _split_arguments(options)
    return root, scenario


def _payload_hint(name: str) -> str | None:
    """The hint for a --set that may have meant the payload, as `trigger --set` does."""
    return None if _is_setting_name(name) else f"To change the payload, write --payload {name}=..."


def _is_setting_name(name: str) -> bool:
    families = {setting.name.split(".")[0] for setting in all_settings()}
    return name.split(".")[0] in families | {"env"}


def _split_arguments(options: SimulateOptions) -> tuple[Path, str | None, Path | None]:
    """The app, the event and the scenario among the arguments, which are two at most."""
    arguments = list(options.arguments)
    if len(arguments) > 2:
        raise UserError(
            f"there is one argument too many: {arguments[2]!r}",
            f"APP, then EVENT. {_example(Path(arguments[0]))}",
        )
    file = options.scenario
    if arguments and arguments[-1].endswith(_YAML) and not Path(arguments[-1]).is_dir():
        if file is not None:
            raise UserError(f"there are two scenarios: {file} and {arguments[-1]}", "Keep one.")
        file = Path(arguments.pop())
    if len(arguments) == 2:
        app, event = arguments
        if has_manifest(Path(event)) and not has_manifest(Path(app)):
            app, event = event, app
        return Path(app), event, file
    if not arguments:
        return Path(), None, file
    (only,) = arguments
    others = bool(file or options.event)
    is_app = has_manifest(Path(only)) or (Path(only).is_dir() and not _is_event_name(only))
    if is_app or (others and not _is_event_name(only)):
        return Path(only), None, file
    return Path(), only, file


def _example(root: Path) -> str:
    """A command with an event that the app at `root` listens to, if there is one."""
    app = "" if root == Path() else f"{shlex.quote(str(root))} "
    return f"Such as: forge-emu simulate {app}{example_event(root)} --count 1000."


def first_step_hint(root: Path) -> str:
    """What can be played first of the app at `root`, if it is one."""
    if has_manifest(root) and not events_of_folder(root):
        return (
            "The app listens to no event. A scenario calls its functions and web triggers and "
            "pushes to its queues: --scenario FILE, as docs/simulate.md shows."
        )
    return _example(root)


def _is_event_name(text: str) -> bool:
    try:
        events.find_template(StepOptions().read_step(text, "").event, has_data=True)
    except UserError:
        return False
    return True


def _steps_of(options: SimulateOptions, named: str | None, root: Path) -> list[Step]:
    """The steps that the command line names, all with its step options."""
    if options.rate is not None and options.spread is not None:
        raise UserError("--rate and --spread exclude each other", "Keep one of them.")
    data = None
    if options.data is not None:
        data = read_data(options.data, "--data", [root], event=named)
    sets = tuple(events.parse_set(text) for text in options.payload)
    if isinstance(data, tuple):
        if options.event:
            raise UserError("--event is not for a file of payloads", "Leave it out.")
        return [StepOptions(options.count, options.rate, options.spread, sets).recorded_step(data)]
    step_options = StepOptions(options.count, options.rate, options.spread, sets, data)
    texts = [(named, "EVENT")] if named is not None else []
    texts += [(text, "--event") for text in options.event]
    steps = [step_options.read_step(text, where) for text, where in texts if text is not None]
    heard = list(events_of_folder(root))
    for step in steps:
        template = events.find_template(step.event, step.data is not None, heard)
        events.EventFactory(template, sets=step.sets, data=step.data)
    unused = [
        name
        for name, value in (
            ("--count", options.count), ("--rate", options.rate), ("--spread", options.spread),
            ("--payload", options.payload or None), ("--data", options.data),
        )
        if value is not None
    ]  # fmt: skip
    if not steps and unused:
        raise UserError(f"{unused[0]} applies to no event", f"Name one. {_example(root)}")
    return steps


def _load_scenario(file: Path, root: Path) -> Scenario:
    if not file.exists():
        raise UserError(f"there is no scenario {str(file)!r}", "Give a YAML file with `steps:`.")
    within = [root, file.parent]

    def load(name: str, event: str | None) -> Json | RecordedEvents:
        return read_data(name, "data", within, file.parent, event)

    return read_scenario(read_bytes(file), str(file), load, list(events_of_folder(root)))


def _store_values(
    options: SimulateOptions, scenario: Scenario, file: Path | None, root: Path
) -> tuple[PlacedEntry, ...]:
    """Those of the scenario, then those of the files of --kvs: of one key the last one counts."""
    found = [decode_entry(each.text, each.where) for each in scenario.store_values]
    if scenario.store_file is not None and file is not None:
        name, where = scenario.store_file.text.decode(), scenario.store_file.where
        found += read_store_file(
            resolve_within(name, where, [root, file.parent], file.parent), where
        )
    for path in options.kvs:
        found += read_store_file(path, "--kvs")
    return tuple(found)


def _unique_conditions(conditions: Sequence[FailCondition]) -> tuple[FailCondition, ...]:
    return tuple({condition.text: condition for condition in conditions}.values())


def _check_plan(options: SimulateOptions, plan: SimulatePlan) -> None:
    runs = len(plan.seeds) * len(plan.sweep.values if plan.sweep else "1")
    if runs > MOST_RUNS:
        raise UserError(f"that makes {runs:,} runs", f"Up to {MOST_RUNS:,} are possible.")
    for name, value in (
        ("--records", options.records),
        ("--trace", options.trace),
        ("--tries", options.tries or None),
    ):
        if value is not None and plan.has_several_runs:
            raise UserError(f"{name} needs a single run", "Leave out --seeds and --compare.")
    if options.prints_records and options.as_json:
        raise UserError(
            "--records - and --json both print on stdout",
            "Leave out --json: the last record is the summary.",
        )
    if options.with_payloads and options.report is None and plan.shard is None:
        raise UserError("--with-payloads needs --report", "Add --report FILE.html.")
    if options.shard_file is not None and plan.shard is None:
        raise UserError("--shard-file needs --shard", "Add --shard 1/10.")
    if options.jobs is not None and not plan.has_several_runs:
        raise UserError("--jobs needs several runs", "Add --seeds or --compare.")
    if options.junit is not None and not plan.conditions:
        raise UserError("--junit needs a condition", "Add --fail-on 'dropped>0'.")
    for step in plan.steps:
        if step.at >= plan.until:
            raise UserError(
                f"{step.title} comes when the simulation has ended", "Give a later --until."
            )
