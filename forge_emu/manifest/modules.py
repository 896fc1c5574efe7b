"""`modules` as a whole: its kinds, those not emulated, and functions shared between kinds."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from forge_emu.manifest.app_section import AppSection
from forge_emu.manifest.consumers import ConsumerReader
from forge_emu.manifest.function_uses import FunctionUse, check_timeout
from forge_emu.manifest.functions import AppFiles, FunctionReader
from forge_emu.manifest.life_cycle.event_modules import EventModuleReader
from forge_emu.manifest.life_cycle.pre_uninstall import PreUninstallReader
from forge_emu.manifest.module_keys import ModuleKeys, read_function_reference
from forge_emu.manifest.module_kinds import (
    EMULATED,
    KINDS,
    SHOWN,
    is_known_kind,
    showing_product,
)
from forge_emu.manifest.scheduled_triggers import ScheduledTriggerReader
from forge_emu.manifest.targets.endpoints import EndpointReader, read_endpoint_reference
from forge_emu.manifest.triggers import TriggerReader
from forge_emu.manifest.web_triggers import WebTriggerReader
from forge_emu.model import (
    Consumer,
    Endpoint,
    EventModule,
    Function,
    PreUninstall,
    Remote,
    ScheduledTrigger,
    Trigger,
    UnloadedFunction,
    WebTrigger,
)
from forge_emu.yamlsource import typed_reading
from forge_emu.yamlsource.findings import Findings
from forge_emu.yamlsource.nodes import Part, ScalarNode

# It only says where something is; the modules that use it are told of.
_NOTHING_TO_EMULATE = frozenset({"remote"})


class ModulesReader:
    """Reads the `modules` section of a manifest.

    `further_kinds` are those that the app's own `@forge/manifest` knows.
    """

    def __init__(
        self,
        findings: Findings,
        app: AppSection,
        scopes: tuple[str, ...] | None,
        files: AppFiles,
        remotes: Mapping[str, Remote],
        services: Mapping[str, Remote],
        further_kinds: Collection[str] = (),
    ) -> None:
        self._findings = findings
        self._keys = ModuleKeys(findings)
        self._functions = FunctionReader(findings, self._keys, app.package, app.memory_mb, files)
        named = self._functions.declared
        self._endpoints = EndpointReader(findings, self._keys, remotes, services, scopes)
        self.endpoints: dict[str, Endpoint] = self._endpoints.endpoints
        """By key."""
        self._event_modules = EventModuleReader(findings, self._keys, app.id)
        self._consumers = ConsumerReader(findings, self._keys, named, self._endpoints)
        self._triggers = TriggerReader(
            findings, self._keys, named, scopes, self._endpoints, self._event_modules
        )
        self._scheduled_triggers = ScheduledTriggerReader(
            findings, self._keys, named, self._endpoints
        )
        self._web_triggers = WebTriggerReader(findings, self._keys, named, self._endpoints)
        self._pre_uninstalls = PreUninstallReader(findings, self._keys, named, self._endpoints)
        self._other_uses: dict[str, list[FunctionUse]] = {}
        self._endpoints_shown: dict[str, tuple[str, str]] = {}
        self._further_kinds = further_kinds
        self.shown: dict[str, int] = {}
        """How many modules each product shows."""
        self.other: dict[str, int] = {}
        """How many modules there are of each other kind that nothing here starts."""

    @property
    def functions(self) -> dict[str, Function]:
        """The functions, by key."""
        return self._functions.functions

    @property
    def unloaded(self) -> dict[str, UnloadedFunction]:
        """The functions whose file is missing, by key."""
        return self._functions.unloaded

    @property
    def other_uses(self) -> dict[str, tuple[str, ...]]:
        """The kinds of modules that use a function and are not emulated, by its key."""
        return {name: tuple(u.kind for u in uses) for name, uses in self._other_uses.items()}

    @property
    def called_by(self) -> dict[str, tuple[str, str]]:
        """For a function of modules that no product shows: kind and key of the first of them."""
        named = ((name, use) for name, uses in self._other_uses.items() for use in uses)
        found: dict[str, tuple[str, str]] = {}
        for name, use in named:
            if use.kind not in SHOWN:
                found.setdefault(name, (use.kind, use.key))
        return found

    @property
    def shown_by(self) -> dict[str, tuple[str, str]]:
        """For a function or an endpoint that a UI calls: kind and key of the first module with that
        UI."""
        shown = {
            name: [(use.kind, use.key) for use in uses if use.kind in SHOWN]
            for name, uses in self._other_uses.items()
        }
        return self._endpoints_shown | {name: uses[0] for name, uses in shown.items() if uses}

    @property
    def consumers(self) -> tuple[Consumer, ...]:
        """In the manifest's order."""
        return tuple(self._consumers.modules)

    @property
    def triggers(self) -> tuple[Trigger, ...]:
        """In the manifest's order."""
        return tuple(self._triggers.modules)

    @property
    def scheduled_triggers(self) -> tuple[ScheduledTrigger, ...]:
        """In the manifest's order."""
        return tuple(self._scheduled_triggers.modules)

    @property
    def event_modules(self) -> tuple[EventModule, ...]:
        """In the manifest's order."""
        return tuple(self._event_modules.event_modules)

    @property
    def pre_uninstalls(self) -> tuple[PreUninstall, ...]:
        """In the manifest's order."""
        return tuple(self._pre_uninstalls.modules)

    @property
    def web_triggers(self) -> tuple[WebTrigger, ...]:
        """In the manifest's order."""
        return tuple(self._web_triggers.modules)

    def read_modules(self, root: Part) -> None:
        """Read `modules`, which `root` must have."""
        modules = root.get("modules")
        if modules is None or (isinstance(modules.node, ScalarNode) and modules.node.value is None):
            self._findings.error_missing(root, "modules", "A manifest needs at least one module.")
            return
        if not typed_reading.require_mapping(self._findings, modules):
            return
        kinds = {kind for kind, _ in modules.properties()}
        if not kinds - {"function", "endpoint"}:
            self._findings.error(
                modules,
                "document must have at least 1 module",
                "Functions and endpoints need one that uses them, such as a trigger."
                if kinds
                else None,
            )
        # Functions, endpoints and events first: the others refer to them.
        for kind, reader in (
            ("function", self._functions),
            ("endpoint", self._endpoints),
            ("event", self._event_modules),
            ("consumer", self._consumers),
            ("trigger", self._triggers),
            ("scheduledTrigger", self._scheduled_triggers),
            ("webtrigger", self._web_triggers),
            ("preUninstall", self._pre_uninstalls),
        ):
            part = modules.get(kind)
            for item in (
                typed_reading.read_list(self._findings, part, "entries") if part else None
            ) or ():
                reader.read_entry(item)
        for kind, part in modules.properties():
            if kind not in EMULATED:
                self._check_other_kind(kind, part)
        self._keys.report_duplicates()
        for name, function in self._functions.declared.items():
            check_timeout(self._findings, name, function, self._uses_of(name))

    def _check_other_kind(self, kind: str, part: Part) -> None:
        if kind in SHOWN:
            product = showing_product(kind)
            self.shown[product] = self.shown.get(product, 0) + len(list(part.items()))
        elif is_known_kind(kind) or kind in self._further_kinds:
            if kind not in _NOTHING_TO_EMULATE:
                self.other[kind] = len(list(part.items()))
        else:
            self._report_unknown_kind(kind, part)
        is_known = is_known_kind(kind) or kind in self._further_kinds
        for item in part.items():
            key = item.get("key")
            if key and isinstance(key.node, ScalarNode) and isinstance(key.node.value, str):
                self._keys.add_key(key, key.node.value)
            if is_known:
                self._record_function_uses(kind, item, key)

    def _report_unknown_kind(self, kind: str, part: Part) -> None:
        near = self._findings.nearest(kind, EMULATED, 0.75)
        if near and ":" not in kind:
            self._findings.error_at_key(
                part,
                f"invalid value {kind[:60]!r} in modules",
                f"Did you mean {' or '.join(near)}?",
                "module-kind",
            )
            return
        near = self._findings.nearest(kind, KINDS)
        self._findings.warn_at_key(
            part,
            f"{kind[:60]!r} is not a kind of module that Forge has; it is ignored",
            f"Did you mean {' or '.join(near)}?" if near else None,
            "module-kind",
        )

    def _record_function_uses(self, kind: str, item: Part, key: Part | None) -> None:
        """Which functions a module that is not emulated names."""
        resolver = item.get("resolver")
        for named in (item.get("endpoint"), resolver.get("endpoint") if resolver else None):
            if named is not None and isinstance(named.node, ScalarNode):
                read_endpoint_reference(self._findings, named, kind, self._endpoints.declared)
                if kind in SHOWN and isinstance(named.node.value, str):
                    self._endpoints_shown.setdefault(named.node.value, (kind, key_text(key)))
        for at in (item.get("function"), resolver.get("function") if resolver else None):
            if (
                at is None
                or not isinstance(at.node, ScalarNode)
                or not isinstance(at.node.value, str)
            ):
                continue
            if at.path[-2] == "resolver":
                read_function_reference(self._findings, at, kind, self._functions.declared)
            use = FunctionUse(kind, key_text(key))
            self._other_uses.setdefault(at.node.value, []).append(use)

    def _uses_of(self, name: str) -> list[FunctionUse]:
        """The modules that use a function, those that are emulated first."""
        return [
            *(FunctionUse("consumer", key) for key in self._consumers.used_functions.get(name, ())),
            *(FunctionUse("trigger", key) for key in self._triggers.used_functions.get(name, ())),
            *(
                FunctionUse("scheduledTrigger", key)
                for key in self._scheduled_triggers.used_functions.get(name, ())
            ),
            *(
                FunctionUse("webtrigger", key)
                for key in self._web_triggers.used_functions.get(name, ())
            ),
            *(
                FunctionUse("preUninstall", key)
                for key in self._pre_uninstalls.used_functions.get(name, ())
            ),
            *self._other_uses.get(name, ()),
        ]


def key_text(key: Part | None) -> str:
    """The text of a module's `key`, as far as there is one."""
    return key.node.text if key and isinstance(key.node, ScalarNode) else "without key"
