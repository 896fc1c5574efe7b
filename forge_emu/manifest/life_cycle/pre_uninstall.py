"""`modules.preUninstall`: what is called before the app is uninstalled.

https://developer.atlassian.com/platform/forge/manifest-reference/modules/pre-uninstall-trigger/
(2026-04-07), and the schema of `@forge/manifest` 13.7.0.
"""

from __future__ import annotations

from typing import Final

from forge_emu.manifest.targets.module_reader import TARGETS, ModuleReader
from forge_emu.model import PreUninstall
from forge_emu.yamlsource.nodes import Part

_PROPERTIES: Final = frozenset({"key", *TARGETS})


class PreUninstallReader(ModuleReader[PreUninstall]):
    """Reads `preUninstall` modules of `functions` and `endpoints`."""

    def read_entry(self, part: Part) -> None:
        """Read one entry of `modules.preUninstall`."""
        if not self._begin_entry(part, _PROPERTIES, "preUninstall"):
            return
        key = self._keys.read_key(part)
        target = self._read_target(part, key, "preUninstall", "pre-uninstall-target")
        if target is None:
            return
        function, endpoint = target
        if key is not None:
            self.modules.append(PreUninstall(key, function, part.place.line, endpoint))
