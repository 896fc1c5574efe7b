"""Examines the machine and an app's directory, and says how to fix what is wrong.

Installs nothing, and runs nothing of the app.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import msgspec

from forge_emu import __version__
from forge_emu.commands.doctor_surroundings import Surroundings, surroundings
from forge_emu.control import session
from forge_emu.control.client import connect_client
from forge_emu.emulator.variables import Origin, variables_of
from forge_emu.errors import ForgeEmuError, ManifestError, NoEmulatorError, UserError
from forge_emu.runtime.node.node_versions import OLDEST_NODE
from forge_emu.runtime.node.tool_cache import runtime_packages
from forge_emu.runtime.node.tools import (
    cache_folder,
    esbuild_package,
    find_app_esbuild,
    find_node,
    find_npm,
)
from forge_emu.runtime.python.interpreter import find_python
from forge_emu.runtime.tool import Tool


class DoctorFinding(msgspec.Struct, frozen=True):
    """The state of one tool, package or file. `mend` is the command or step that fixes it."""

    subject: str
    state: Literal["ok", "note", "wrong"]
    found: str
    why: str = ""
    mend: str | None = None


def doctor_findings(root: Path) -> list[DoctorFinding]:
    """Every finding, in the order in which things depend on one another."""
    app = surroundings(root)
    looks: tuple[Callable[[Surroundings], Iterator[DoctorFinding]], ...] = (
        _python_findings,
        _node_findings,
        _esbuild_findings,
        _app_findings,
        _packages_findings,
        _variables_findings,
        _session_findings,
    )
    return [finding for look in looks for finding in look(app)]


def _python_findings(app: Surroundings) -> Iterator[DoctorFinding]:
    yield DoctorFinding("forge-emu", "ok", __version__, str(Path(__file__).parent.parent))
    yield DoctorFinding("Python", "ok", platform.python_version(), sys.executable)
    if app.app is None or "python" not in app.app.languages:
        return
    try:
        python = find_python(app.root, run_app_tools=False)
    except UserError as error:
        yield DoctorFinding("handlers' Python", "wrong", error.message, mend=error.hint)
    else:
        yield DoctorFinding(
            "handlers' Python", "ok", python.version, f"{python.path}, {python.why}"
        )


def _node_findings(app: Surroundings) -> Iterator[DoctorFinding]:
    try:
        node = find_node()
    except UserError as error:
        # An app of Python handlers alone needs none.
        state: Literal["note", "wrong"] = "wrong" if app.needs_node else "note"
        yield DoctorFinding("Node.js", state, error.message, mend=error.hint)
        return
    yield DoctorFinding("Node.js", "ok", node.version, f"{node.path}, {node.why}")
    npm = find_npm(node)
    if npm is None:
        yield DoctorFinding(
            "npm",
            "wrong" if app.needs_node else "note",
            "not found",
            mend="Install npm, or run: pip install 'forge-emu[node]'",
        )
    else:
        yield DoctorFinding("npm", "ok", "found", " ".join(npm))
    major = int(node.version.split(".", 1)[0])
    if app.runtime_major and app.runtime_major != major:
        yield DoctorFinding(
            "runtime",
            "note",
            f"the manifest says {app.app.runtime if app.app else ''}, handlers run in Node.js "
            f"{major}",
            f"any Node.js from {OLDEST_NODE} serves; the platform runs the manifest's",
            f"To run the same: forge-emu run --node {app.runtime_major}",
        )


def _esbuild_findings(app: Surroundings) -> Iterator[DoctorFinding]:
    parcel = runtime_packages(esbuild_package())
    folder = parcel.folder(cache_folder())
    missing = parcel.missing_from(folder)
    own: Tool | None = find_app_esbuild(app.root, run=False) if app.is_app else None
    if own:
        yield DoctorFinding("esbuild", "ok", own.version, f"{own.path}, {own.why}")
    if not missing:
        yield DoctorFinding("tool cache", "ok", "complete", str(folder))
        return
    where = _unwritable_folder(cache_folder())
    if where:
        yield DoctorFinding(
            "tool cache",
            "wrong",
            f"{where} cannot be written to",
            str(folder),
            "Set FORGE_EMU_CACHE to a folder that forge-emu may write to",
        )
    else:
        found = f"{', '.join(missing)} not installed yet"
        mend = f"forge-emu run {app.root}, which installs them once"
        yield DoctorFinding("tool cache", "note", found, str(folder), mend)


def _app_findings(app: Surroundings) -> Iterator[DoctorFinding]:
    if not app.is_app:
        yield DoctorFinding(
            "app", "note", f"there is no manifest.yml in {app.root}", mend="Give the app"
        )
        return
    if isinstance(app.manifest_error, ManifestError):
        errors = sum(p.severity == "error" for p in app.manifest_error.problems)
        yield DoctorFinding(
            "manifest", "wrong", f"{errors} errors", str(app.root), f"forge-emu check {app.root}"
        )
    elif app.manifest_error:
        yield DoctorFinding(
            "manifest", "wrong", app.manifest_error.message, mend=app.manifest_error.hint
        )
    elif app.app:
        yield DoctorFinding("manifest", "ok", app.app.id, str(app.root / app.app.manifest))


def _packages_findings(app: Surroundings) -> Iterator[DoctorFinding]:
    for package in app.packages:
        yield DoctorFinding(package.name, "ok", package.version, str(package.folder))
    if app.missing:
        mend = f"npm install --ignore-scripts, in {app.root}"
        yield DoctorFinding(
            "packages", "wrong", f"not installed: {', '.join(app.missing)}", mend=mend
        )


def _variables_findings(app: Surroundings) -> Iterator[DoctorFinding]:
    """Names alone: values may be secret."""
    if app.variables is None:
        return
    variables = variables_of(app.variables, os.environ)
    for origin in (Origin.DECLARED, Origin.PASSED_ON, Origin.EVERYTHING, Origin.USER):
        names = variables.names_from(origin)
        if names:
            many = origin is Origin.EVERYTHING
            found = f"{len(names)} names" if many else ", ".join(names)
            yield DoctorFinding("variables", "ok", found, str(origin))
    if variables.missing:
        yield DoctorFinding(
            "variables",
            "note",
            f"not set: {', '.join(variables.missing)}",
            Origin.PASSED_ON,
            f"export {variables.missing[0]}=..., before you start the emulator",
        )


def _session_findings(app: Surroundings) -> Iterator[DoctorFinding]:
    file = app.root / session.FOLDER / session.FILE
    if not app.is_app or not os.path.lexists(file):
        if app.is_app:
            yield DoctorFinding("emulator", "ok", "none is running")
        return
    found = session.read_session(app.root)
    if found is None:
        yield DoctorFinding(
            "session file",
            "wrong",
            "left behind by an emulator that is gone",
            str(file),
            f"forge-emu reset {app.root}, or just start: {session.start_command(app.root)}",
        )
        return
    try:
        connect_client(app.root).close()
    except NoEmulatorError as error:
        yield DoctorFinding(
            "emulator", "wrong", error.message, str(file), f"kill {found.pid}, and start it"
        )
    except ForgeEmuError as error:
        yield DoctorFinding("emulator", "wrong", error.message, str(file), error.hint)
    else:
        state: Literal["ok", "note"] = "ok" if found.version == __version__ else "note"
        about = "" if state == "ok" else f", of version {found.version}"
        yield DoctorFinding("emulator", state, f"running, pid {found.pid}{about}", found.url)


def _unwritable_folder(folder: Path) -> Path | None:
    """The nearest existing folder above `folder`, where it cannot be written to."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return None if os.access(folder, os.W_OK | os.X_OK) and folder.is_dir() else folder
