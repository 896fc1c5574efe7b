"""A scenario file: its text becomes steps and options, or every problem in it at once."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final, cast

import msgspec

from forge_emu import settings
from forge_emu.arrivals import LONGEST_SPREAD
from forge_emu.durations import read_duration
from forge_emu.engine.faults.rules import FaultRule, parse_fault
from forge_emu.errors import ManifestError, UserError
from forge_emu.model import Json, Millis
from forge_emu.settings import PRESETS, Preset, SettingValue
from forge_emu.settings.faults import fault_forms
from forge_emu.simulate.plan.conditions import FailCondition, parse_condition
from forge_emu.simulate.plan.step_reader import StepReader
from forge_emu.simulate.plan.steps import AnyStep, LoadData
from forge_emu.yamlsource import (
    MappingNode,
    Part,
    ScalarNode,
    SequenceNode,
    describe,
    read_document,
)
from forge_emu.yamlsource.file_schemas import check_by_schema
from forge_emu.yamlsource.findings import Findings, TooManyErrors, join_names
from forge_emu.yamlsource.nodes import to_json

SCENARIO_KEYS: Final = (
    "description",
    "fail_on",
    "faults",
    "kvs",
    "latency",
    "limits",
    "seed",
    "set",
    "steps",
    "until",
)


class PlacedText(msgspec.Struct, frozen=True):
    """Text and where it stands: `scenario.yml:3:5`."""

    text: bytes
    where: str


class Scenario(msgspec.Struct):
    """What a scenario file asks for. None and empty where it leaves the choice open."""

    steps: list[AnyStep] = msgspec.field(default_factory=list)
    seed: int | None = None
    preset: Preset | None = None
    settings: dict[str, SettingValue] = msgspec.field(default_factory=dict)
    until: Millis | None = None
    faults: list[FaultRule] = msgspec.field(default_factory=list)
    fail_on: list[FailCondition] = msgspec.field(default_factory=list)
    store_values: list[PlacedText] = msgspec.field(default_factory=list)
    """What the store begins with: entries of `kvs export`, as JSON."""
    store_file: PlacedText | None = None
    """The name of a file that holds them instead."""


def read_scenario(
    text: bytes, file: str, load_data: LoadData, heard: Collection[str] = ()
) -> Scenario:
    """The scenario that `text` describes. `heard` are the full names of the events that the app
    listens to. Raises ManifestError with every problem."""
    root = read_document(text, file)
    scenario = scenario_of(root, file, load_data, heard)
    check_by_schema("scenario", root, file)
    return scenario


def scenario_of(
    root: Part, file: str, load_data: LoadData, heard: Collection[str] = ()
) -> Scenario:
    """The scenario by the reader alone. Raises ManifestError with every problem."""
    reader = _ScenarioReader(Findings(file), load_data, heard)
    try:
        reader.read_document_root(root)
    except TooManyErrors:
        raise ManifestError(reader.findings.problems) from None
    if reader.findings.has_errors:
        raise ManifestError(reader.findings.problems)
    return reader.scenario


class _ScenarioReader:
    def __init__(self, findings: Findings, load_data: LoadData, heard: Collection[str]) -> None:
        self.findings = findings
        self.scenario = Scenario()
        self._step_reader = StepReader(findings, load_data, heard)

    def read_document_root(self, root: Part) -> None:
        readers: dict[str, Callable[[Part], None]] = {
            "description": lambda part: None,
            "fail_on": self._fail_on,
            "faults": self._faults,
            "kvs": self._kvs,
            "latency": self._latency,
            "limits": self._limits,
            "seed": self._seed,
            "set": self._settings,
            "steps": self._read_steps,
            "until": self._until,
        }
        for name, part in root.properties():
            if reader := readers.get(name):
                reader(part)
            else:
                hint = self.findings.did_you_mean(name, SCENARIO_KEYS)
                self.findings.error_at_key(
                    part,
                    f"a scenario has no {name!r}",
                    hint or f"It has {', '.join(SCENARIO_KEYS)}.",
                )
        if root.get("steps") is None:
            self.findings.error_missing(
                root, "steps", "Write `steps:` and below it `- event: ...`."
            )

    def _read_steps(self, part: Part) -> None:
        if not isinstance(part.node, SequenceNode) or not part.node.items:
            self.findings.error(
                part,
                f"steps must be a list of steps, found {describe(part.node)}",
                "Begin each with '- event: issue-created'.",
            )
        for item in part.items():
            if step := self._step_reader.read_step(item):
                self.scenario.steps.append(step)

    def _seed(self, part: Part) -> None:
        value = part.node.value if isinstance(part.node, ScalarNode) else None
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            self.findings.error(
                part, f"seed must be a whole number from 0, found {describe(part.node)}"
            )
        else:
            self.scenario.seed = value

    def _limits(self, part: Part) -> None:
        word = part.node.text if isinstance(part.node, ScalarNode) else ""
        if word in PRESETS:
            self.scenario.preset = cast(Preset, word)
        else:
            self.findings.error(
                part,
                f"limits must be a preset's name, found {describe(part.node)}",
                f"It is one of {join_names(PRESETS)}; single limits go below `set:`.",
            )

    def _latency(self, part: Part) -> None:
        word = part.node.text if isinstance(part.node, ScalarNode) else ""
        name, choices = settings.LATENCY_PROFILE.name, settings.LATENCY_PROFILE.choices
        if word in choices:
            self.scenario.settings[name] = word
        else:
            self.findings.error(
                part,
                f"latency must be one word for all latencies, found {describe(part.node)}",
                f"It is one of {join_names(choices)}; single latencies go below `set:`.",
            )

    def _until(self, part: Part) -> None:
        span = read_duration(part.node.text) if isinstance(part.node, ScalarNode) else None
        if span is None or span > LONGEST_SPREAD:
            self.findings.error(
                part, f"until must be a span of time, found {describe(part.node)}", "Such as 24h."
            )
        else:
            self.scenario.until = span

    def _settings(self, part: Part) -> None:
        # The first step of the way is `set` itself.
        name = ".".join(str(step) for step in part.path[1:])
        if isinstance(part.node, MappingNode) and (part.node.entries or _is_group(name)):
            for _, inner in part.properties():
                self._settings(inner)
            return
        if not name or not isinstance(part.node, ScalarNode):
            self.findings.error(part, f"{part.name} must be a value, found {describe(part.node)}")
            return
        try:
            self.scenario.settings[name] = settings.parse_setting(name, part.node.value, "")
        except UserError as error:
            known = any(setting.name == name for setting in settings.all_settings())
            note = self.findings.error if known else self.findings.error_at_key
            note(part, error.message.removeprefix(": "), error.hint)

    def _faults(self, part: Part) -> None:
        for item in self._texts(part, fault_forms()):
            try:
                self.scenario.faults.append(parse_fault(_text(item), ""))
            except UserError as error:
                self.findings.error(item, error.message.removeprefix(": "), error.hint)

    def _kvs(self, part: Part) -> None:
        """A file's name, keys and their values, or a list of entries of `kvs export`."""
        node = part.node
        if isinstance(node, ScalarNode) and isinstance(node.value, str) and node.value:
            self.scenario.store_file = PlacedText(node.value.encode(), self._where(part))
        elif isinstance(node, MappingNode):
            for key, value in part.properties():
                self._add_store_value({"key": key, "value": to_json(value.node)}, value)
        elif isinstance(node, SequenceNode):
            for item in part.items():
                self._add_store_value(to_json(item.node), item)
        else:
            self.findings.error(
                part,
                f"kvs must be a file's name, or keys and values, found {describe(node)}",
                "Such as `kvs: store.json`, or below it `settings: {enabled: true}`.",
            )

    def _add_store_value(self, entry: Json, part: Part) -> None:
        self.scenario.store_values.append(PlacedText(msgspec.json.encode(entry), self._where(part)))

    def _where(self, part: Part) -> str:
        return f"{self.findings.file}:{part.key_place.line}:{part.key_place.column}"

    def _fail_on(self, part: Part) -> None:
        for item in self._texts(part, "Such as `- dropped>0`."):
            try:
                place = f"{self.findings.file}:{item.place.line}"
                self.scenario.fail_on.append(parse_condition(_text(item), "", place))
            except UserError as error:
                self.findings.error(item, error.message.removeprefix(": "), error.hint)

    def _texts(self, part: Part, hint: str) -> list[Part]:
        """The items of a list of texts."""
        if not isinstance(part.node, SequenceNode):
            self.findings.error(
                part, f"{part.name} must be a list, found {describe(part.node)}", hint
            )
        items = list(part.items())
        for item in items:
            if not isinstance(item.node, ScalarNode):
                self.findings.error(item, f"{item.name} must be text, found {describe(item.node)}")
        return [item for item in items if isinstance(item.node, ScalarNode)]


def _text(part: Part) -> str:
    assert isinstance(part.node, ScalarNode)
    return part.node.text


def _is_group(name: str) -> bool:
    """Whether names of settings begin with it; all do with none."""
    begin = f"{name}." if name else ""
    return any(setting.name.startswith(begin) for setting in settings.all_settings())
