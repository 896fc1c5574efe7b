"""`forge-emu.yml` beside the manifest: the preset, settings nested or by dotted names, faults, and
the app's variables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final, cast

import msgspec

from forge_emu import settings
from forge_emu.appdir.declared_variables import SECTIONS, DeclaredVariables, VariablesReader
from forge_emu.appdir.folder import read_bytes, unreadable_error
from forge_emu.appdir.mocks import read_mocks
from forge_emu.appdir.site_content import PlacedContent, read_site_section
from forge_emu.engine.faults.rules import FaultRule, parse_fault
from forge_emu.errors import ManifestError, Problem, UserError
from forge_emu.nearest import did_you_mean, nearest
from forge_emu.services.mocks.mock import Mock
from forge_emu.settings import PRESETS, Preset, SettingValue
from forge_emu.settings.faults import fault_forms
from forge_emu.yamlsource import (
    MappingNode,
    Part,
    ScalarNode,
    SequenceNode,
    SourcePosition,
    describe,
    is_blank,
    read_document,
)
from forge_emu.yamlsource.file_schemas import check_by_schema

SETTINGS_NAME: Final = "forge-emu.yml"
_OTHER_NAME = "forge-emu.yaml"
_OWN_KEYS: Final = ("preset", "faults", "mocks", "remotes", "site", *SECTIONS)
"""Of the file, besides settings and their groups."""


class SettingsFile(msgspec.Struct, frozen=True):
    """What `forge-emu.yml` says. `preset` None: not chosen."""

    preset: Preset | None = None
    overrides: dict[str, SettingValue] = msgspec.field(default_factory=dict)
    faults: tuple[FaultRule, ...] = ()
    mocks: tuple[Mock, ...] = ()
    variables: DeclaredVariables = msgspec.field(default_factory=DeclaredVariables)
    remotes: dict[str, str] = msgspec.field(default_factory=dict)
    """Addresses of remotes, by key."""
    site: PlacedContent | None = None


def load_settings(root: Path) -> SettingsFile:
    """What `forge-emu.yml` says; nothing where it is absent.

    Raises ManifestError with every problem, UserError where the file cannot be read.
    """
    path = root / SETTINGS_NAME
    try:
        if not path.exists():
            if (root / _OTHER_NAME).exists():
                raise UserError(f"{_OTHER_NAME} is not read", f"Rename it to {SETTINGS_NAME}.")
            return SettingsFile(site=read_site_section(None, root, SETTINGS_NAME, _no_report))
    except OSError as e:
        raise unreadable_error(path, e) from None
    text = read_bytes(path)
    if is_blank(text):
        return SettingsFile(site=read_site_section(None, root, SETTINGS_NAME, _no_report))
    document = read_document(text, SETTINGS_NAME)
    found = read_settings(document, root)
    check_by_schema("settings", document, SETTINGS_NAME)
    return found


def read_settings(document: Part, root: Path) -> SettingsFile:
    """What the file says by the reader alone, of the app in `root`. Raises ManifestError."""
    return _SettingsReader(root).read(document)


class _SettingsReader:
    def __init__(self, root: Path) -> None:
        self._root = root
        self._mocks: tuple[Mock, ...] = ()
        self._preset: Preset | None = None
        self._values: dict[str, SettingValue] = {}
        self._faults: list[FaultRule] = []
        self._remotes: dict[str, str] = {}
        self._lines: dict[str, int] = {}
        self._problems: list[Problem] = []
        self._variables_reader = VariablesReader(self._report)

    def read(self, root: Part) -> SettingsFile:
        site = read_site_section(root.get("site"), self._root, SETTINGS_NAME, self._report)
        for name, part in root.properties():
            # `limits: off` is the short form of `preset: off`; a mapping holds limits one by one.
            if name == "preset" or (name == "limits" and _is_scalar(part)):
                self._read_preset(part)
            elif name == "faults":
                self._read_faults(part)
            elif name == "mocks":
                self._mocks = read_mocks(part, self._root, SETTINGS_NAME, self._report)
            elif name == "remotes" and isinstance(part.node, MappingNode):
                self._read_remotes(part)
            elif name == "site":
                continue
            elif name in SECTIONS:
                self._variables_reader.read_section(name, part)
            elif name == "latency" and _is_scalar(part):
                # `latency: slow` is the short form of `latency: {profile: slow}`.
                self._read_setting(part, settings.LATENCY_PROFILE.name)
            else:
                for leaf in _leaves(part):
                    self._read_setting(leaf, _dotted(leaf))
        if self._problems:
            raise ManifestError(sorted(self._problems, key=lambda p: (p.line, p.column)))
        return SettingsFile(
            self._preset,
            self._values,
            tuple(self._faults),
            self._mocks,
            self._variables_reader.result(),
            self._remotes,
            site,
        )

    def _read_faults(self, part: Part) -> None:
        if not isinstance(part.node, SequenceNode):
            self._report(part, f"faults must be a list, found {describe(part.node)}", fault_forms())
        for item in part.items():
            where = f"{SETTINGS_NAME}:{item.place.line}"
            if not isinstance(item.node, ScalarNode):
                message = f"{item.name} must be a single value, found {describe(item.node)}"
                self._report(item, message, fault_forms())
                continue
            try:
                self._faults.append(parse_fault(item.node.text, where))
            except UserError as e:
                self._report(item, e.message.removeprefix(f"{where}: "), e.hint)

    def _read_remotes(self, part: Part) -> None:
        """`remotes: {KEY: URL}`; a setting such as `max_retries` may stand among them."""
        for name, item in part.properties():
            full = f"remotes.{name}"
            if any(setting.name == full for setting in settings.all_settings()):
                self._read_setting(item, full)
            elif isinstance(item.node, ScalarNode) and _is_text(item.node):
                self._remotes[name] = item.node.text
            else:
                message = f"{full} must be an address, found {describe(item.node)}"
                self._report(item, message, f"Such as `{name}: http://localhost:8080`.")

    def _read_preset(self, part: Part) -> None:
        word = part.node.text if isinstance(part.node, ScalarNode) else ""
        if word not in PRESETS:
            near = f"It is one of: {', '.join(PRESETS)}."
            self._report(
                part,
                f"{part.name} cannot be {word[:60]!r}"
                if word
                else f"{part.name} must be a preset's name, found {describe(part.node)}",
                near,
            )
        elif self._preset is not None and self._preset != word:
            self._report(part, f"{part.name}: {word} contradicts the preset given above", None)
        else:
            self._preset = cast(Preset, word)

    def _read_setting(self, part: Part, name: str) -> None:
        node = part.node
        where = f"{SETTINGS_NAME}:{part.place.line}"
        if not isinstance(node, ScalarNode) and settings.find_setting(name) is not None:
            self._report(part, f"{name} must be a single value, found {describe(node)}", None)
            return
        if name in self._lines:
            self._report(part, f"{name} is given twice; first in line {self._lines[name]}", None)
            return
        self._lines[name] = part.key_place.line
        try:
            if not isinstance(node, ScalarNode) or (node.value is None and not node.text):
                # Asked with a word, so that a misspelt name is what is reported first.
                settings.parse_setting(name, "none", where)
                raise UserError(f"{where}: {name} has no value", "Write `none` for no limit.")
            self._values[name] = settings.parse_setting(name, node.value, where)
        except UserError as e:
            known = settings.find_setting(name) is not None
            place = part.place if known else part.key_place
            hint = e.hint if known else _hint_for_key(name) or e.hint
            self._report(part, e.message.removeprefix(f"{where}: "), hint, place)

    def _report(
        self, part: Part, message: str, hint: str | None, place: SourcePosition | None = None
    ) -> None:
        self._problems.append(
            Problem(SETTINGS_NAME, *(place or part.place), message, hint, "error", "settings")
        )


def _no_report(
    part: Part, message: str, hint: str | None, place: SourcePosition | None = None
) -> None:
    """There is no section to report about."""


def _is_scalar(part: Part) -> bool:
    return isinstance(part.node, ScalarNode)


def _leaves(part: Part) -> Iterator[Part]:
    """The values below `part`; a list is a value too, which nothing accepts, and so is an empty
    mapping that is no group of settings."""
    if isinstance(part.node, MappingNode) and (part.node.entries or _is_group(_dotted(part))):
        for _, inner in part.properties():
            yield from _leaves(inner)
    else:
        yield part


def _dotted(part: Part) -> str:
    """The whole name; that for messages is cut short."""
    return ".".join(map(str, part.path))


def _is_group(name: str) -> bool:
    """Whether names of settings begin with it."""
    return any(setting.name.startswith(f"{name}.") for setting in settings.all_settings())


def _hint_for_key(name: str) -> str | None:
    """What was meant by a setting that is not there, where no settings begin as it does."""
    key = name.partition(".")[0]
    groups = {setting.name.partition(".")[0] for setting in settings.all_settings()}
    if key in groups or settings.near_settings(name):
        return None
    return did_you_mean(nearest(key, {*groups, *_OWN_KEYS}, cutoff=0.75)) or (
        f"The file has {', '.join(_OWN_KEYS)}, and settings, which `forge-emu limits` lists."
    )


def _is_text(node: ScalarNode) -> bool:
    return isinstance(node.value, str) and bool(node.value)
