"""Everything outside `modules`: the app's id, runtime, package folder, storage and permissions."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from forge_emu.manifest.functions import DEFAULT_MEMORY_MB, read_memory_mb
from forge_emu.model import Json
from forge_emu.yamlsource import typed_reading
from forge_emu.yamlsource.findings import Findings, join_names
from forge_emu.yamlsource.nodes import MappingNode, Part, ScalarNode, describe, to_json

UNREGISTERED_ID: Final = "ari:cloud:ecosystem::app/unregistered"
"""Stands in for the id of an app that `forge register` has not seen yet."""
RUNTIMES: Final = ("nodejs22.x", "nodejs24.x")
REMOVED_RUNTIMES: Final = {
    "nodejs18.x": "Forge no longer has nodejs18.x, and `forge deploy` refuses it",
    "sandbox": "Forge no longer has the sandbox runtime, and `forge deploy` refuses it",
    "nodejs20.x": "Forge removed nodejs20.x on 2026-05-06 (CHG-3209)",
}
"""Older apps name them; their code runs here all the same.

https://developer.atlassian.com/platform/forge/changelog/#CHANGE-3209 (2026-05-06)
"""
REFUSED_RUNTIMES: Final = frozenset({"nodejs18.x", "sandbox"})
"""`@forge/manifest` 13.7.0 refuses them. It still takes nodejs20.x."""
MANUAL: Final = "manual@2026"
"""The bundler of an app that brings its own build."""
BUNDLERS: Final = ("webpack", MANUAL)
"""https://developer.atlassian.com/platform/forge/manifest-reference/ (`@forge/manifest` 13.7.0)"""

_ID = re.compile(r"ari:cloud:ecosystem::app/\S+")
# Also the id as it stands where somebody has published an app without its own.
_PLACEHOLDER = re.compile(
    r"(ari:cloud:ecosystem::app/)?(<[^<>]*>|\$\{[^{}]*\}|\{\{?[^{}]*\}?\})|ari:cloud:ecosystem::app/"
)
_APP_PROPERTIES = frozenset(
    {
        "name",
        "description",
        "id",
        "runtime",
        "compatibility",
        "access",
        "licensing",
        "features",
        "connect",
        "storage",
        "package",
    }
)


class AppSection(msgspec.Struct, frozen=True):
    """What the `app` section of a manifest says. `package` is the folder of a manual package."""

    id: str = UNREGISTERED_ID
    name: str | None = None
    runtime: str | None = None
    memory_mb: int = DEFAULT_MEMORY_MB
    package: str | None = None
    storage: dict[str, Json] = msgspec.field(default_factory=dict)
    extra_files: tuple[str, ...] = ()


def read_app(findings: Findings, root: Part) -> AppSection:
    """The `app` section of the manifest."""
    app = root.get("app")
    if app is None:
        findings.warn_missing(
            root,
            "app",
            "there is no 'app' section; forge-emu runs the app as unregistered",
            "`forge register` writes it.",
        )
        return AppSection()
    if not typed_reading.require_mapping(findings, app):
        return AppSection()
    typed_reading.warn_unknown_properties(findings, app, _APP_PROPERTIES, "app")
    name = app.get("name")
    runtime, memory_mb = _runtime(findings, app)
    storage = app.get("storage")
    kept = storage is not None and typed_reading.require_mapping(findings, storage)
    return AppSection(
        _id(findings, app),
        typed_reading.read_text(findings, name) if name else None,
        runtime,
        memory_mb,
        _package(findings, app),
        to_json(storage.node) if storage and kept else {},
        _extra_files(findings, app),
    )


def _id(findings: Findings, app: Part) -> str:
    at = app.get("id")
    if at is None:
        findings.warn_missing(
            app,
            "id",
            "app has no 'id'; forge-emu runs it as unregistered",
            "`forge register` writes it.",
        )
        return UNREGISTERED_ID
    if isinstance(at.node, ScalarNode) and at.node.value in (None, ""):
        message = "app.id is empty; forge-emu runs it as unregistered"
        findings.warn(at, message, "`forge register` writes the app's own.", "app-id")
        return UNREGISTERED_ID
    value = typed_reading.read_text(findings, at)
    if value is None:
        return UNREGISTERED_ID
    if _PLACEHOLDER.fullmatch(value):
        findings.warn(
            at,
            f"app.id is still the placeholder {value[:60]!r}; forge-emu runs it as unregistered",
            "`forge register` writes the app's own.",
            "app-id",
        )
        return UNREGISTERED_ID
    if not _ID.search(value):
        findings.error(
            at,
            f"app.id cannot be {value[:80]!r}",
            "It has the form ari:cloud:ecosystem::app/<uuid>; `forge register` writes it.",
            "app-id",
        )
    return value


def _runtime(findings: Findings, app: Part) -> tuple[str | None, int]:
    runtime = app.get("runtime")
    if runtime is None:
        findings.warn_missing(
            app,
            "runtime",
            "app has no 'runtime', which `forge deploy` requires",
            "Write `runtime: { name: nodejs22.x }` below app.",
            "runtime-refused",
        )
        return None, DEFAULT_MEMORY_MB
    if not typed_reading.require_mapping(findings, runtime):
        return None, DEFAULT_MEMORY_MB
    typed_reading.warn_unknown_properties(
        findings, runtime, {"name", "architecture", "memoryMB"}, "app.runtime"
    )
    architecture = runtime.get("architecture")
    if architecture is not None:
        value = typed_reading.read_text(findings, architecture)
        if value not in {None, "x86_64", "arm64"}:
            findings.error(
                architecture,
                f"app.runtime.architecture cannot be {str(value)[:60]!r}",
                "It is x86_64 or arm64.",
            )
    return _runtime_name(findings, runtime), read_memory_mb(findings, runtime) or DEFAULT_MEMORY_MB


def _runtime_name(findings: Findings, runtime: Part) -> str | None:
    hint = f"It is one of: {join_names(RUNTIMES)}."
    at = runtime.get("name")
    if at is None:
        message = "app.runtime has no 'name', which `forge deploy` requires"
        findings.warn_missing(runtime, "name", message, hint, "runtime-refused")
        return None
    name = typed_reading.read_text(findings, at)
    if name is None or name in RUNTIMES:
        return name
    if name in REMOVED_RUNTIMES:
        findings.warn(
            at,
            REMOVED_RUNTIMES[name],
            f"Choose one of: {join_names(RUNTIMES)}.",
            "runtime-refused" if name in REFUSED_RUNTIMES else "runtime",
        )
        return name
    if not re.fullmatch(r"nodejs[0-9]+\.x", name):
        hint = f"{findings.did_you_mean(name, RUNTIMES) or ''} {hint}".lstrip()
    findings.error(at, f"app.runtime.name cannot be {name[:60]!r}", hint, "runtime")
    return name


def _package(findings: Findings, app: Part) -> str | None:
    """The folder of a manual package; None where the platform's bundler builds the code."""
    package = app.get("package")
    if package is None or not typed_reading.require_mapping(findings, package):
        return None
    typed_reading.warn_unknown_properties(
        findings, package, {"bundler", "path", "extraFiles"}, "app.package"
    )
    bundler, at = package.get("bundler"), package.get("path")
    name = typed_reading.read_text(findings, bundler) if bundler else None
    if bundler is not None and name is not None and name not in BUNDLERS:
        findings.error(
            bundler,
            f"app.package.bundler cannot be {name[:60]!r}",
            f"It is one of: {join_names(BUNDLERS)}.",
        )
        return None
    path = _package_path(findings, at) if at else None
    if name == MANUAL and at is None:
        findings.error(
            package,
            f"app.package has the bundler {MANUAL} but no path",
            "Write `path:` with the folder that your own build fills, such as dist.",
        )
    elif at is not None and name != MANUAL:
        findings.error(
            at,
            f"app.package.path is only for the bundler {MANUAL}",
            f"Write `bundler: {MANUAL}` beside it, or remove it.",
        )
        return None
    return path


def _extra_files(findings: Findings, app: Part) -> tuple[str, ...]:
    """`app.package.extraFiles`: names or patterns of files, relative to the app."""
    package = app.get("package")
    at = package.get("extraFiles") if package and isinstance(package.node, MappingNode) else None
    if at is None:
        return ()
    items = typed_reading.read_list(findings, at, "extraFiles") or ()
    texts = (typed_reading.read_text(findings, item) for item in items)
    return tuple(text for text in texts if text)


def _package_path(findings: Findings, at: Part) -> str | None:
    path = typed_reading.read_text(findings, at)
    if path is None:
        return None
    steps = [step for step in path.split("/") if step not in {"", "."}]
    if path.startswith("/") or ".." in steps:
        findings.error(
            at,
            f"app.package.path must lie inside the app, found {path[:60]!r}",
            "Give it relative to the manifest.",
        )
        return None
    return "/".join(steps) or "."


def read_scopes(findings: Findings, root: Part) -> tuple[str, ...] | None:
    """`permissions.scopes`, None where it cannot be told which there are."""
    permissions = root.get("permissions")
    if permissions is None:
        return ()
    if not typed_reading.require_mapping(findings, permissions):
        return None
    scopes = permissions.get("scopes")
    if scopes is None:
        return ()
    if isinstance(scopes.node, MappingNode):
        return tuple(scopes.node.entries)
    if not isinstance(scopes.node, ScalarNode) and not scopes.node.items:
        return ()
    items = typed_reading.read_list(findings, scopes, "scopes")
    if items is None:
        return None
    found: list[str] = []
    for item in items:
        if isinstance(item.node, MappingNode) and len(item.node.entries) == 1:
            found.extend(item.node.entries)
        elif isinstance(item.node, ScalarNode) and isinstance(item.node.value, str):
            found.append(item.node.value)
        else:
            findings.error(
                item,
                f"{item.name} must be a scope's name, found {describe(item.node)}",
                "Write a name such as storage:app, or a mapping with it as the only key.",
            )
    return tuple(found)


def read_external(root: Part) -> dict[str, Json]:
    """`permissions.external` as it stands there; empty where that is no mapping."""
    permissions = root.get("permissions")
    external = permissions.get("external") if permissions else None
    found = to_json(external.node) if external else None
    return found if isinstance(found, dict) else {}


def check_storage_scope(findings: Findings, root: Part, scopes: tuple[str, ...] | None) -> None:
    """Warn where the manifest declares entities but may not use storage."""
    app = root.get("app")
    storage = app.get("storage") if app else None
    entities = storage.get("entities") if storage else None
    if entities is not None and scopes is not None and "storage:app" not in scopes:
        findings.warn_at_key(
            entities,
            f"{entities.name} requires 'storage:app' scope",
            "Add storage:app under permissions.scopes.",
            "missing-scope",
        )
