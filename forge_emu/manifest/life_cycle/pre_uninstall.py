"""`modules.preUninstall`: what is called before the app is uninstalled.

https://developer.atlassian.com/platform/forge/manifest-reference/modules/pre-uninstall-trigger/
(2026-04-07), and the schema of `@forge/manifest` 13.7.0.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from forge_emu.manifest.endpoints import TARGETS, EndpointReader, read_target
from forge_emu.manifest.module_keys import ModuleKeys
from forge_emu.model import PreUninstall
from forge_emu.yamlsource import typed_reading
from forge_emu.yamlsource.findings import Findings
from forge_emu.yamlsource.nodes import Part

_PROPERTIES: Final = frozenset({"key", *TARGETS})


class PreUninstallReader:
    """Reads `preUninstall` modules of `functions` and `endpoints`."""

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
        self.pre_uninstalls: list[PreUninstall] = []
        self.used_functions: dict[str, list[str]] = {}
        """Functions that these modules name, with the keys of these."""

    def read_entry(self, part: Part) -> None:
        """Read one entry of `modules.preUninstall`."""
        if not typed_reading.require_mapping(self._findings, part):
            return
        typed_reading.warn_unknown_properties(self._findings, part, _PROPERTIES, "preUninstall")
        key = self._keys.read_key(part)
        target = read_target(
            self._findings,
            part,
            "preUninstall",
            "pre-uninstall-target",
            self._functions,
            self._endpoints,
        )
        if target is None:
            return
        function, endpoint = target
        if function:
            self.used_functions.setdefault(function, []).append(key or "")
        if key is not None:
            self.pre_uninstalls.append(PreUninstall(key, function, part.place.line, endpoint))
