"""The rules of the app's own `@forge/manifest`, for what our own checks do not look at."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from forge_emu.manifest.module_kinds import EMULATED
from forge_emu.model import Json
from forge_emu.yamlsource.findings import Findings, TooManyErrors
from forge_emu.yamlsource.json_schema import DocumentSchema, part_at
from forge_emu.yamlsource.nodes import MappingNode, Part

MOST_FINDINGS: Final = 20
"""Of this source; a schema that does not fit would give very many."""

MOST_VALUES: Final = 20_000
"""In a file that is checked."""

_TOLERATED = frozenset({("app", "name")})
"""Properties that newer schemas have dropped and apps still have."""
_OWN_MODULES = frozenset({"function", "endpoint", "consumer", "trigger", "scheduledTrigger"})
_Path = tuple[str | int, ...]


def check_schema(findings: Findings, root: Part, schema: Json) -> None:
    """Add what `schema` says against the document, unless `findings` have it already.

    Whatever the schema is, this raises nothing: the emulator does not depend on it.
    """
    if root.node.size > MOST_VALUES:
        findings.warn(
            root,
            f"the file has {root.node.size:,} values; above {MOST_VALUES:,} it is not checked"
            " against the schema of the installed @forge/manifest",
            rule="schema",
        )
        return
    try:
        _report_errors(findings, root, schema)
    except TooManyErrors:
        raise
    except Exception as e:
        findings.warn(
            root,
            "the schema of the installed @forge/manifest could not be used"
            f" ({type(e).__name__}); only forge-emu's own checks were made",
            "Reinstall the app's packages: npm install.",
            "schema",
        )


def schema_kinds(schema: Json | None) -> frozenset[str]:
    """The kinds of modules that `schema` knows; none where it has another form."""
    found: Any = schema
    for step in ("definitions", "ModuleSchema", "properties"):
        found = found.get(step) if isinstance(found, dict) else None
    return frozenset(found) if isinstance(found, dict) else frozenset()


def _report_errors(findings: Findings, root: Part, schema: Json) -> None:
    noted = frozenset(findings.paths)
    around = frozenset(path[:n] for path in noted for n in range(len(path) + 1))
    count = 0
    for found in _document_schema(_SchemaCacheKey(schema), _kinds_in(root)).findings(root):
        if found.path in _TOLERATED or _is_reported(found.path, noted, around):
            continue
        at, at_key = part_at(root, found.path), found.is_about_key
        if _is_of_other_module(found.path):
            # With it the app cannot be deployed; what is emulated runs all the same.
            findings.partial_error(at, found.message, found.hint, "schema", at_key=at_key)
        else:
            note = findings.error_at_key if at_key else findings.error
            note(at, found.message, found.hint, "schema")
        count += 1
        if count >= MOST_FINDINGS:
            return


def _is_of_other_module(path: _Path) -> bool:
    return len(path) > 1 and path[0] == "modules" and path[1] not in EMULATED


class _SchemaCacheKey:
    """A schema as a cache key: by identity, since it is large and the caller keeps the object."""

    def __init__(self, schema: Json) -> None:
        self.schema = schema

    def __hash__(self) -> int:
        return id(self.schema)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _SchemaCacheKey) and self.schema is other.schema


@lru_cache(maxsize=2)
def _document_schema(cache_key: _SchemaCacheKey, kinds: frozenset[str]) -> DocumentSchema:
    return DocumentSchema(_schema_for(cache_key.schema, kinds), "@forge/manifest")


def _schema_for(schema: Json, kinds: frozenset[str]) -> Json:
    """The schema without the rules for other kinds of modules than `kinds`.

    What is not referred to is not compiled; all of it would take 23 MB and 40 ms.
    """
    if not schema_kinds(schema):
        return schema
    whole: Any = schema
    modules = whole["definitions"]["ModuleSchema"]
    needed = {kind: part if kind in kinds else True for kind, part in modules["properties"].items()}
    definitions = {**whole["definitions"], "ModuleSchema": {**modules, "properties": needed}}
    return {**whole, "definitions": definitions}


def _kinds_in(root: Part) -> frozenset[str]:
    modules = root.get("modules")
    if modules is None or not isinstance(modules.node, MappingNode):
        return frozenset()
    return frozenset(key for key in modules.node.entries if isinstance(key, str))


def _is_reported(path: _Path, noted: frozenset[_Path], around: frozenset[_Path]) -> bool:
    """Whether our own checks have reported this place, or what makes it wrong.

    `around` are the paths of all parts in or at which they have `noted` something.
    """
    if path[:1] == ("modules",) and len(path) > 1 and path[1] in _OWN_MODULES:
        return path[:3] in around or path[:2] in noted
    return path in around
