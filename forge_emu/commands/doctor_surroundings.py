"""What lies around an app: its manifest, if it can be read, its packages, and what it needs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from forge_emu import appdir
from forge_emu.appdir import DeclaredVariables
from forge_emu.appdir.folder import has_manifest
from forge_emu.appdir.packages import Package, find_packages
from forge_emu.errors import ForgeEmuError, UserError
from forge_emu.model import App
from forge_emu.runtime.node.packages import missing_packages


@dataclass(frozen=True)
class Surroundings:
    """The directory of an app. `manifest_error` is why its manifest cannot be read."""

    root: Path
    is_app: bool
    app: App | None = None
    manifest_error: ForgeEmuError | None = None
    packages: tuple[Package, ...] = ()
    missing: tuple[str, ...] = ()
    variables: DeclaredVariables | None = None

    @property
    def needs_node(self) -> bool:
        """Whether its handlers run in Node.js, as far as that is known."""
        if self.app is None:
            return self.is_app
        return any(f.language == "javascript" for f in self.app.functions.values())

    @property
    def runtime_major(self) -> int | None:
        """The major version of Node.js that its manifest asks for."""
        named = re.match(r"nodejs(\d+)", self.app.runtime or "") if self.app else None
        return int(named[1]) if named and self.needs_node else None


def surroundings(root: Path) -> Surroundings:
    """What lies around the app at `root`. Raises UserError where that is no directory."""
    if not root.is_dir():
        raise UserError(f"there is no directory {str(root)!r}", "Give the app's directory.")
    root = root.resolve()
    if not has_manifest(root):
        return Surroundings(root, is_app=False)
    app, trouble, declared = None, None, None
    try:
        loaded = appdir.load_app(root)
    except ForgeEmuError as error:
        trouble = error
    else:
        app, declared = loaded.app, loaded.variables
    packages, missing = tuple(find_packages(root)), tuple(missing_packages(root))
    return Surroundings(root, True, app, trouble, packages, missing, declared)
