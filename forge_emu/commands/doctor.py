"""Examines the machine and an app's directory, installs nothing, says how to fix what is wrong."""

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
from forge_emu.control.client import connect
from forge_emu.emulator.variables import Origin, variables_of
from forge_emu.errors import ForgeEmuError, ManifestError, NoEmulatorError, UserError
from forge_emu.runtime.node.tool_cache import runtime_packages
from forge_emu.runtime.node.tools import (
    OLDEST_NODE,
    Tool,
    cache_folder,
    esbuild_package,
    find_node,
    find_npm,
    find_app_esbuild,
)
from forge_emu.runtime.python.interpreter import find_python


class Sign(msgspec.Struct, frozen=True):
    """The state of one tool, package or file. `mend` is the command or step that fixes it."""

    subject: str
    state: Literal["ok", "note", "wrong"]
    found: str
    why: str = ""
    mend: str | None = None


def examine(root: Path) -> list[Sign]:
    """Every finding, in the order in which things depend on one another."""
    app = surroundings(root)
    looks: tuple[Callable[[Surroundings], Iterator[Sign]], ...] = (
        _python, _node, _esbuild, _app, _packages, _variables, _session,
    )  # fmt: skip
    return [sign for look in looks for sign in look(app)]


def _python(app: Surroundings) -> Iterator[Sign]:
    yield Sign("forge-emu", "ok", __version__, str(Path(__file__).parent.parent))
    yield Sign("Python", "ok", platform.python_version(), sys.executable)
    if app.app is None or "python" not in app.app.languages:
        return
    try:
        python = find_python(app.root)
    except UserError as error:
        yield Sign("handlers' Python", "wrong", error.message, mend=error.hint)
    else:
        yield Sign("handlers' Python", "ok", python.version, f"{python.path}, {python.why}")


def _node(app: Surroundings) -> Iterator[Sign]:
    try:
        node = find_node()
    except UserError as error:
        # An app of Python handlers alone needs none.
        state: Literal["note", "wrong"] = "wrong" if app.needs_node else "note"
        yield Sign("Node.js", state, error.message, mend=error.hint)
        return
    yield Sign("Node.js", "ok", node.version, f"{node.path}, {node.why}")
    npm = find_npm(node)
    if npm is None:
        yield Sign(
            "npm", "wrong" if app.needs_node else "note", "not found",
            mend="Install npm, or run: pip install 'forge-emu[node]'",
        )  # fmt: skip
    else:
        yield Sign("npm", "ok", "found", " ".join(npm))
    major = int(node.version.split(".", 1)[0])
    if app.runtime_major and app.runtime_major != major:
        yield Sign(
            "runtime", "note",
            f"the manifest says {app.app.runtime if app.app else ''}, handlers run in Node.js "
            f"{major}",
            f"any Node.js from {OLDEST_NODE} serves; the platform runs the manifest's",
            f"To run the same: install Node.js {app.runtime_major}",
        )  # fmt: skip


def _esbuild(app: Surroundings) -> Iterator[Sign]:
    parcel = runtime_packages(esbuild_package())
    folder = parcel.folder(cache_folder())
    missing = parcel.missing_from(folder)
    own: Tool | None = find_app_esbuild(app.root) if app.is_app else None
    if own:
        yield Sign("esbuild", "ok", own.version, f"{own.path}, {own.why}")
    if not missing:
        yield Sign("tool cache", "ok", "complete", str(folder))
        return
    where = _unwritable(cache_folder())
    if where:
        yield Sign(
            "tool cache", "wrong", f"{where} cannot be written to", str(folder),
            "Set FORGE_EMU_CACHE to a folder that forge-emu may write to",
        )  # fmt: skip
    else:
        found = f"{', '.join(missing)} not installed yet"
        mend = f"forge-emu run {app.root}, which installs them once"
        yield Sign("tool cache", "note", found, str(folder), mend)


def _app(app: Surroundings) -> Iterator[Sign]:
    if not app.is_app:
        yield Sign("app", "note", f"there is no manifest.yml in {app.root}", mend="Give the app")
        return
    if isinstance(app.trouble, ManifestError):
        errors = sum(p.severity == "error" for p in app.trouble.problems)
        yield Sign(
            "manifest", "wrong", f"{errors} errors", str(app.root), f"forge-emu check {app.root}"
        )
    elif app.trouble:
        yield Sign("manifest", "wrong", app.trouble.message, mend=app.trouble.hint)
    elif app.app:
        yield Sign("manifest", "ok", app.app.id, str(app.root / app.app.manifest))


def _packages(app: Surroundings) -> Iterator[Sign]:
    for package in app.packages:
        yield Sign(package.name, "ok", package.version, str(package.folder))
    if app.missing:
        mend = f"npm install --ignore-scripts, in {app.root}"
        yield Sign("packages", "wrong", f"not installed: {', '.join(app.missing)}", mend=mend)


def _variables(app: Surroundings) -> Iterator[Sign]:
    """Names alone: values may be secret."""
    if app.declared is None:
        return
    variables = variables_of(app.declared, os.environ)
    for origin in (Origin.DECLARED, Origin.PASSED_ON, Origin.EVERYTHING, Origin.USER):
        names = variables.names(origin)
        if names:
            many = origin is Origin.EVERYTHING
            found = f"{len(names)} names" if many else ", ".join(names)
            yield Sign("variables", "ok", found, str(origin))
    if variables.missing:
        yield Sign(
            "variables", "note", f"not set: {', '.join(variables.missing)}", Origin.PASSED_ON,
            f"export {variables.missing[0]}=..., before you start the emulator",
        )  # fmt: skip


def _session(app: Surroundings) -> Iterator[Sign]:
    file = app.root / session.FOLDER / session.FILE
    if not app.is_app or not os.path.lexists(file):
        if app.is_app:
            yield Sign("emulator", "ok", "none is running")
        return
    found = session.read(app.root)
    if found is None:
        yield Sign(
            "session file", "wrong", "left behind by an emulator that is gone", str(file),
            f"forge-emu reset {app.root}, or just start: {session.start_command(app.root)}",
        )  # fmt: skip
        return
    try:
        connect(app.root).close()
    except NoEmulatorError as error:
        yield Sign("emulator", "wrong", error.message, str(file), f"kill {found.pid}, and start it")
    except ForgeEmuError as error:
        yield Sign("emulator", "wrong", error.message, str(file), error.hint)
    else:
        state: Literal["ok", "note"] = "ok" if found.version == __version__ else "note"
        about = "" if state == "ok" else f", of version {found.version}"
        yield Sign("emulator", state, f"running, pid {found.pid}{about}", found.url)


def _unwritable(folder: Path) -> Path | None:
    """The nearest existing folder above `folder`, where it cannot be written to."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return None if os.access(folder, os.W_OK | os.X_OK) and folder.is_dir() else folder
