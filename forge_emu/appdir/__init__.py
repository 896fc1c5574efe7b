"""An app's directory as a whole: its manifest, its packages and the settings beside them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final

import msgspec

from forge_emu import manifest
from forge_emu.appdir import packages
from forge_emu.appdir.declared_variables import DeclaredVariables, manifest_values
from forge_emu.appdir.folder import find_manifest, read_bytes
from forge_emu.appdir.remote_addresses import with_addresses
from forge_emu.appdir.settings_file import SETTINGS_NAME, SettingsFile, load_settings
from forge_emu.appdir.site_content import PlacedContent
from forge_emu.engine.faults.rules import FaultRule
from forge_emu.errors import ManifestError, Problem
from forge_emu.model import App
from forge_emu.services.mocks.mock import Mock
from forge_emu.settings import Preset, SettingValue

__all__ = [
    "SETTINGS_NAME",
    "DeclaredVariables",
    "LoadedApp",
    "load_app",
    "load_settings",
    "package_problems",
]


class LoadedApp(msgspec.Struct, frozen=True):
    """An app and what surrounds it.

    `packages` are the installed `@forge/*` packages with their versions; `preset` (None: not
    chosen), `overrides`, `faults`, `mocks` and `variables` come from `forge-emu.yml`.
    """

    app: App
    root: Path
    manifest: Path
    packages: dict[str, str]
    preset: Preset | None
    overrides: dict[str, SettingValue]
    faults: tuple[FaultRule, ...] = ()
    mocks: tuple[Mock, ...] = ()
    variables: DeclaredVariables = msgspec.field(default_factory=DeclaredVariables)
    given: Mapping[str, str] = msgspec.field(default_factory=dict)
    """The variables from the command line that it was loaded with."""
    given_remotes: Mapping[str, str] = msgspec.field(default_factory=dict)
    """The addresses of remotes from the command line that it was loaded with."""
    site: PlacedContent | None = None
    """What is on the site when a run begins: `site.yml`."""


def load_app(
    root: Path,
    given: Mapping[str, str] | None = None,
    given_remotes: Mapping[str, str] | None = None,
) -> LoadedApp:
    """The app in the directory `root`, whose name is the app's where its manifest gives none.

    `given` are variables from the command line, which the manifest may use, `given_remotes`
    addresses of remotes by key.

    Raises ManifestError with the problems of the manifest and of `forge-emu.yml`, UserError where
    they cannot be found or read.
    """
    path = find_manifest(root)
    text = read_bytes(path)
    problems: list[Problem] = []
    app: App | None = None
    beside = SettingsFile()
    try:
        beside = load_settings(root)
    except ManifestError as e:
        problems.extend(e.problems)
    try:
        app = manifest.read_manifest(
            text,
            path.name,
            has_file=_file_checker(root),
            files_below=partial(_files_below, root),
            schema=packages.manifest_schema(root),
            values=manifest_values(beside.variables, os.environ, given or {}),
        )
    except ManifestError as e:
        problems[:0] = e.problems
    if app is not None:
        problems += _links_out_of_app(app, root)
    if app is None or problems:
        raise ManifestError(problems)
    app = msgspec.structs.replace(app, name=app.name or root.name)
    app = with_addresses(app, beside.remotes, f"{SETTINGS_NAME}: remotes")
    app = with_addresses(app, given_remotes or {}, "--remote")
    return LoadedApp(
        app,
        root,
        path,
        packages.installed_versions(root),
        beside.preset,
        beside.overrides,
        beside.faults,
        beside.mocks,
        beside.variables,
        given or {},
        given_remotes or {},
        beside.site,
    )


def package_problems(loaded: LoadedApp) -> list[Problem]:
    """What will keep the app's code from running, though its manifest is sound."""
    if "javascript" not in loaded.app.languages:
        # Nothing else needs a package.json.
        return []
    # Asked anew: packages may have been installed since.
    return packages.package_json_problems(loaded.root, packages.installed_versions(loaded.root))


def resource_problems(loaded: LoadedApp) -> list[Problem]:
    """Resources that are not there, with which a deploy fails (`@forge/manifest` 13.7.0)."""
    return [
        Problem(
            loaded.app.manifest,
            resource.line,
            resource.column,
            f"the resource {resource.key[:60]!r} is not there: {resource.path[:200]!r}",
            "Build the user interface before `forge deploy`, or mend the path.",
            "warning",
            "resource-missing",
        )
        for resource in loaded.app.resources
        if not (loaded.root / resource.path).exists()
    ]


def _links_out_of_app(app: App, root: Path) -> list[Problem]:
    """Handlers whose files are links that lead out of the app."""
    home = root.resolve()
    return [
        Problem(
            app.manifest,
            function.line,
            function.column,
            f"handler {function.handler!r}: {function.file} is a link that leads out of the app",
            "Put the file itself there; what it imports may lie elsewhere.",
            "error",
            "handler-file",
        )
        for function in app.functions.values()
        if not (root / function.file).resolve().is_relative_to(home)
    ]


_MOST_LISTED: Final = 2_000


def _files_below(root: Path, folder: str) -> Iterator[str]:
    """Files below a folder of the app, relative to the app; of very many, some. No packages."""
    found = (
        Path(at, name).relative_to(root).as_posix()
        for at, _, names in os.walk(root / folder)
        for name in names
    )
    own = (name for name in found if "node_modules/" not in name)
    return islice(own, _MOST_LISTED)


def _file_checker(root: Path) -> Callable[[str], bool]:
    """Whether a file is there, spelt exactly so: Forge runs apps where case matters."""
    listings: dict[Path, frozenset[str]] = {}

    def has_file(name: str) -> bool:
        path = root / name
        try:
            if path.parent not in listings:
                listings[path.parent] = frozenset(os.listdir(path.parent))
            return path.name in listings[path.parent] and path.is_file()
        except (OSError, ValueError):
            return False

    return has_file
