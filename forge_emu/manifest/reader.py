"""A manifest's bytes to an App, or to every problem at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from forge_emu.errors import ManifestError
from forge_emu.manifest import sections
from forge_emu.manifest.app_section import (
    check_storage_scope,
    read_app,
    read_external,
    read_scopes,
)
from forge_emu.manifest.auth_providers import read_auth_providers
from forge_emu.manifest.egress import read_egress
from forge_emu.manifest.entities import check_entities
from forge_emu.manifest.functions import AppFiles
from forge_emu.manifest.life_cycle.consents import read_consents
from forge_emu.manifest.modules import ModulesReader
from forge_emu.manifest.resources import read_resources
from forge_emu.manifest.schema import check_schema, schema_kinds
from forge_emu.manifest.targets.endpoints import read_remotes, read_services
from forge_emu.manifest.variables import substitute_variables
from forge_emu.model import App, Json
from forge_emu.yamlsource.document import read_document
from forge_emu.yamlsource.findings import Findings, TooManyErrors
from forge_emu.yamlsource.nodes import Part


def read_manifest(
    text: bytes,
    filename: str,
    *,
    has_file: Callable[[str], bool],
    files_below: Callable[[str], Iterable[str]] = lambda folder: (),
    schema: Json | None = None,
    values: Mapping[str, str] | None = None,
) -> App:
    """The app that the manifest `text` describes.

    `has_file` says whether a path relative to the app is a file, `files_below` which ones a folder
    has, for hints. `schema` is the JSON schema of the
    app's own `@forge/manifest`. `values` are those of the variables that the manifest declares.
    Raises ManifestError with every problem; an App carries warnings.
    """
    root = read_document(text, filename)
    findings = Findings(filename)
    try:
        substitute_variables(findings, root, values or {})
        return _build_app(root, findings, AppFiles(has_file, files_below), schema)
    except TooManyErrors:
        raise ManifestError(findings.problems) from None


def _build_app(root: Part, findings: Findings, files: AppFiles, schema: Json | None) -> App:
    sections.check_sections(findings, root, schema)
    app = read_app(findings, root)
    scopes = read_scopes(findings, root)
    check_storage_scope(findings, root, scopes)
    check_entities(findings, root)
    egress = read_egress(findings, root)
    remotes, services = read_remotes(findings, root), read_services(findings, root)
    modules = ModulesReader(findings, app, scopes, files, remotes, services, schema_kinds(schema))
    modules.read_modules(root)
    if schema is not None:
        check_schema(findings, root, schema)
    if findings.has_errors or (modules.unloaded and not modules.functions):
        raise ManifestError(findings.problems)
    return App(
        id=app.id,
        name=app.name,
        manifest=findings.file,
        runtime=app.runtime,
        functions=modules.functions,
        consumers=modules.consumers,
        triggers=modules.triggers,
        scopes=scopes or (),
        storage=app.storage,
        warnings=findings.problems,
        package=app.package,
        unloaded=modules.unloaded,
        external=read_external(root),
        resources=read_resources(root),
        other_uses=modules.other_uses,
        shown_by=modules.shown_by,
        called_by=modules.called_by,
        shown_modules=modules.shown,
        other_modules=modules.other,
        connect_modules=sections.count_connect_modules(root),
        app_managed=sections.is_app_managed(root),
        extra_files=app.extra_files,
        egress=egress,
        endpoints=modules.endpoints,
        remotes=remotes,
        services=services,
        web_triggers=modules.web_triggers,
        auth_providers=read_auth_providers(root),
        scheduled_triggers=modules.scheduled_triggers,
        event_modules=modules.event_modules,
        pre_uninstalls=modules.pre_uninstalls,
        consents=read_consents(root, scopes or (), modules.web_triggers, tuple(remotes.values())),
    )
