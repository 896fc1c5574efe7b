"""`modules` as a whole: its kinds, those not emulated, and functions shared between kinds."""

from __future__ import annotations

from typing import Final

from forge_emu.manifest.app_section import AppSection
from forge_emu.manifest.consumers import ConsumerReader
from forge_emu.manifest.functions import FunctionReader, HasFile
from forge_emu.manifest.module_keys import ModuleKeys, read_function_reference
from forge_emu.manifest.triggers import TriggerReader
from forge_emu.model import Consumer, Function, Trigger, UnloadedFunction
from forge_emu.yamlsource import typed_reading
from forge_emu.yamlsource.findings import Findings
from forge_emu.yamlsource.nodes import Part, ScalarNode

EMULATED: Final = ("function", "consumer", "trigger")

# Kinds of `@forge/manifest` 13.7.0 that have no product in their names.
_OTHER_KINDS = frozenset(
    {
        "action",
        "apiRoute",
        "connectToForgeMigration",
        "endpoint",
        "event",
        "fifoConsumer",
        "llm",
        "macro",
        "migration",
        "objectStore",
        "preUninstall",
        "scheduledTrigger",
        "sql",
        "webtrigger",
    }
)
_WITH_FUNCTION = frozenset({"scheduledTrigger", "webtrigger"})


class ModulesReader:
    """Reads the `modules` section of a manifest."""

    def __init__(
        self,
        findings: Findings,
        app: AppSection,
        scopes: tuple[str, ...] | None,
        has_file: HasFile,
    ) -> None:
        self._findings = findings
        self._keys = ModuleKeys(findings)
        self._functions = FunctionReader(findings, self._keys, app.package, app.memory_mb, has_file)
        named = self._functions.declared
        self._consumers = ConsumerReader(findings, self._keys, named)
        self._triggers = TriggerReader(findings, self._keys, named, scopes)
        self._other_uses: dict[str, list[tuple[str, str]]] = {}

    @property
    def functions(self) -> dict[str, Function]:
        """The functions, by key."""
        return self._functions.functions

    @property
    def unloaded(self) -> dict[str, UnloadedFunction]:
        """The functions whose file is missing, by key."""
        return self._functions.unloaded

    @property
    def consumers(self) -> tuple[Consumer, ...]:
        """In the manifest's order."""
        return tuple(self._consumers.consumers)

    @property
    def triggers(self) -> tuple[Trigger, ...]:
        """In the manifest's order."""
        return tuple(self._triggers.triggers)

    def read_modules(self, root: Part) -> None:
        """Read `modules`, which `root` must have."""
        modules = root.get("modules")
        if modules is None or (isinstance(modules.node, ScalarNode) and modules.node.value is None):
            self._findings.error_missing(root, "modules", "A manifest needs at least one module.")
            return
        if not typed_reading.require_mapping(self._findings, modules):
            return
        if not any(modules.properties()):
            self._findings.error(modules, "document must have at least 1 module")
            return
        # Functions first: the others refer to them.
        for kind, reader in (
            ("function", self._functions),
            ("consumer", self._consumers),
            ("trigger", self._triggers),
        ):
            part = modules.get(kind)
            for item in (
                typed_reading.read_list(self._findings, part, "entries") if part else None
            ) or ():
                reader.read_entry(item)
        if modules.get("function") is None:
            self._findings.error_missing(
                modules, "function", "The document must have at least 1 function."
            )
        for kind, part in modules.properties():
            if kind not in EMULATED:
                self._check_other_kind(kind, part)
        self._keys.report_duplicates()
        self._check_shared_functions()

    def _check_other_kind(self, kind: str, part: Part) -> None:
        near = self._findings.nearest(kind, EMULATED, 0.75)
        if kind not in _OTHER_KINDS and ":" not in kind and near:
            self._findings.error_at_key(
                part,
                f"invalid value {kind[:60]!r} in modules",
                f"Did you mean {' or '.join(near)}?",
                "module-kind",
            )
            return
        if kind not in _OTHER_KINDS and ":" not in kind:
            near = self._findings.nearest(kind, _OTHER_KINDS)
            self._findings.warn_at_key(
                part,
                f"{kind[:60]!r} is not a kind of module that forge-emu knows; it is ignored",
                f"Did you mean {' or '.join(near)}?" if near else None,
                "module-kind",
            )
        elif kind != "endpoint":
            self._findings.warn_at_key(
                part, f"{kind[:60]} modules are not emulated and ignored", None, "not-emulated"
            )
        for item in part.items():
            key = item.get("key")
            if key and isinstance(key.node, ScalarNode) and isinstance(key.node.value, str):
                self._keys.add_key(key, key.node.value)
            self._record_function_uses(kind, item, key)

    def _record_function_uses(self, kind: str, item: Part, key: Part | None) -> None:
        """Which functions a module that is not emulated names."""
        resolver = item.get("resolver")
        for at in (item.get("function"), resolver.get("function") if resolver else None):
            if (
                at is None
                or not isinstance(at.node, ScalarNode)
                or not isinstance(at.node.value, str)
            ):
                continue
            if at.path[-2] == "resolver" or kind in _WITH_FUNCTION:
                read_function_reference(self._findings, at, kind, self._functions.declared)
            self._other_uses.setdefault(at.node.value, []).append((kind, key_text(key)))

    def _check_shared_functions(self) -> None:
        """Sharing and timeouts, as `@forge/lint` 6.3.1 sees them."""
        for name, function in self._functions.declared.items():
            consumer = self._consumers.used_functions.get(name)
            others = self._other_uses.get(name, [])
            if name in self._triggers.used_functions:
                others = [("trigger", self._triggers.used_functions[name]), *others]
            if not others:
                continue
            kind, key = others[0]
            user = f"the {kind} {key[:60]!r}"
            if consumer is not None:
                self._findings.warn(
                    function,
                    f"function {name[:60]!r} is used by the consumer {consumer[:60]!r}"
                    f" and by {user}",
                    "Give each a function of its own: a consumer's function must not be shared.",
                    "shared-function",
                )
            timeout = function.get("timeoutSeconds")
            scheduled = any(kind == "scheduledTrigger" for kind, _ in others)
            if timeout is not None and consumer is None and not scheduled:
                self._findings.warn_at_key(
                    timeout,
                    f"timeoutSeconds has no effect on {name[:60]!r}, which is used by {user}",
                    "Only functions of consumers and scheduled triggers have custom timeouts.",
                    "timeout-no-effect",
                )


def key_text(key: Part | None) -> str:
    """The text of a module's `key`, as far as there is one."""
    return key.node.text if key and isinstance(key.node, ScalarNode) else "without key"
