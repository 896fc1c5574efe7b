"""What the readers of all backend modules share: whose entry it is, and what it calls."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, Generic, TypeVar

from forge_emu.manifest.module_keys import ModuleKeys, read_function_reference
from forge_emu.manifest.targets.endpoints import (
    EndpointReader,
    read_endpoint_reference,
    warn_without_path,
)
from forge_emu.yamlsource import typed_reading
from forge_emu.yamlsource.findings import Findings, join_names
from forge_emu.yamlsource.nodes import Part

TARGETS: Final = ("function", "endpoint")
"""What a backend module names one of."""

ModuleT = TypeVar("ModuleT")


class ModuleReader(Generic[ModuleT]):
    """Reads modules of one kind, which call `functions` or `endpoints`."""

    def __init__(
        self,
        findings: Findings,
        keys: ModuleKeys,
        functions: Collection[str],
        endpoints: EndpointReader,
    ) -> None:
        self._findings = findings
        self._keys = keys
        self._functions = functions
        self._endpoints = endpoints
        self.modules: list[ModuleT] = []
        self.used_functions: dict[str, list[str]] = {}
        """Functions that these modules name, with the keys of these."""

    def _begin_entry(self, part: Part, properties: Collection[str], noun: str) -> bool:
        """Whether an entry can be read; says which of its properties Forge does not know."""
        if not typed_reading.require_mapping(self._findings, part):
            return False
        typed_reading.warn_unknown_properties(self._findings, part, properties, noun)
        return True

    def _note_use(self, function: str, key: str | None) -> None:
        if function:
            self.used_functions.setdefault(function, []).append(key or "")

    def _read_target(
        self, part: Part, key: str | None, kind: str, rule: str
    ) -> tuple[str, str | None] | None:
        """The function and the endpoint of a module, of which it must have exactly one.

        The text of a function that is not given is empty; None where there is neither, or what is
        named is not there. `rule` is that of a module with both.
        """
        function, endpoint = (part.get(name) for name in TARGETS)
        if function is not None and endpoint is not None:
            self._findings.error_at_key(
                endpoint,
                f"{part.name} must have exactly one of {join_names(TARGETS)}, found both",
                "Keep `function`.",
                rule,
            )
        if function is not None:
            name = read_function_reference(self._findings, function, kind, self._functions)
            if name is None:
                return None
            self._note_use(name, key)
            return name, None
        if endpoint is None:
            self._findings.error_missing(part, "function", "Write `function: <key of a function>`.")
            return None
        found = read_endpoint_reference(self._findings, endpoint, kind, self._endpoints.declared)
        if found is None:
            return None
        warn_without_path(self._findings, endpoint, kind, self._endpoints.endpoints.get(found))
        return "", found
