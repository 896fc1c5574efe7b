"""The rules of the app's own `@forge/manifest`, for what our own checks do not look at.

jsonschema is slow to import, and only needed where that package is installed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from forge_emu.manifest.module_kinds import EMULATED
from forge_emu.model import Json
from forge_emu.yamlsource.findings import Findings, TooManyErrors, join_names
from forge_emu.yamlsource.nodes import Part, describe, to_json

if TYPE_CHECKING:
    from jsonschema import ValidationError

MOST_FINDINGS: Final = 20
"""Of this source; a schema that does not fit would give very many."""

MOST_VALUES: Final = 20_000
"""In a file that is checked; jsonschema takes some 2 s for so many."""

_TOLERATED = frozenset({("app", "name")})
"""Properties that newer schemas have dropped and apps still have."""
_OWN_MODULES = frozenset({"function", "endpoint", "consumer", "trigger", "scheduledTrigger"})
_LONGEST_MATCHED_TEXT = 2_000
_TYPES = {
    "string": "text",
    "array": "a list",
    "object": "a mapping",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "nothing",
}
_BOUNDS = {
    "minLength": "at least",
    "maxLength": "at most",
    "minItems": "at least",
    "maxItems": "at most",
    "minimum": "at least",
    "maximum": "at most",
    "exclusiveMinimum": "more than",
    "exclusiveMaximum": "less than",
}
_Path = tuple[str | int, ...]


class _SchemaFinding(NamedTuple):
    path: _Path
    message: str
    hint: str | None = None
    is_about_key: bool = False


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
    for error in _validator(_SchemaCacheKey(schema)).iter_errors(to_json(root.node)):
        for found in _schema_findings(error, root):
            if found.path in _TOLERATED or _is_reported(found.path, noted, around):
                continue
            at, at_key = _part_at(root, found.path), found.is_about_key
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
def _validator(cache_key: _SchemaCacheKey) -> Any:
    from jsonschema import Draft7Validator, validators

    lenient = validators.extend(Draft7Validator, {"pattern": _pattern})  # type: ignore[no-untyped-call]
    return lenient(cache_key.schema)


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    try:
        return re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        # JavaScript's regular expressions know more than Python's: `\p{L}`, `(?<name>...)`.
        return None


def _pattern(validator: Any, pattern: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    from jsonschema import ValidationError

    if not isinstance(instance, str) or len(instance) > _LONGEST_MATCHED_TEXT:
        return
    compiled = _compiled(pattern) if isinstance(pattern, str) else None
    if compiled is not None and not compiled.search(instance):
        yield ValidationError(f"does not match {pattern}")


def _schema_findings(error: ValidationError, root: Part) -> Iterator[_SchemaFinding]:
    """Places, messages and hints of an error: of the most telling one within."""
    error = _best_match(error)
    path: _Path = tuple(error.absolute_path)
    part = _part_at(root, path)
    name = part.name if path else "the file"
    rule = error.validator
    value: Any = error.validator_value
    instance: Any = error.instance
    if rule == "required":
        for missing in value:
            if missing not in instance:
                yield _SchemaFinding((*path, missing), f"{name} has no {missing!r}")
    elif rule == "additionalProperties" and isinstance(error.schema, dict):
        known = error.schema.get("properties") or {}
        for extra in instance:
            if extra not in known:
                yield _SchemaFinding(
                    (*path, extra),
                    f"{name} should not have the property {extra[:60]!r}",
                    f"Its properties are: {join_names(sorted(known))}." if known else None,
                    is_about_key=True,
                )
    else:
        yield _SchemaFinding(
            path, f"{name} {_requirement_text(rule, value, part)}", _alternatives_hint(error)
        )


def _best_match(error: ValidationError) -> ValidationError:
    """The error inside the alternative that was meant, where it can be told which one was."""
    from jsonschema.exceptions import relevance

    while error.context:
        branches: dict[Any, list[ValidationError]] = {}
        for inner in error.context:
            branches.setdefault(inner.relative_schema_path[0], []).append(inner)
        depth = len(error.absolute_path)
        # What has the right properties was meant; what lacks them is another form.
        fitting = [
            errors
            for errors in branches.values()
            if all(len(inner.absolute_path) > depth for inner in errors)
        ]
        if len(fitting) != 1:
            break
        error = max(fitting[0], key=relevance)
    return error


def _requirement_text(rule: Any, value: Any, part: Part) -> str:
    found = describe(part.node)
    if rule == "type":
        kinds = [value] if isinstance(value, str) else list(value)
        return f"must be {' or '.join(_TYPES.get(k, str(k)) for k in kinds)}, found {found}"
    if rule == "enum":
        return f"must be one of {join_names(map(str, value))}, found {found}"
    if rule == "const":
        return f"must be {value!r}, found {found}"
    if rule == "pattern":
        return f"must have the form {str(value)[:80]}, found {found}"
    if rule in {"minLength", "maxLength"}:
        return f"must be {_BOUNDS[rule]} {value} characters long"
    if rule in {"minItems", "maxItems"}:
        return f"must have {_BOUNDS[rule]} {value} items"
    if rule in _BOUNDS:
        return f"must be {_BOUNDS[rule]} {value}, found {found}"
    if rule == "uniqueItems":
        return "must not have the same item twice"
    return "does not have the form that @forge/manifest asks for"


def _alternatives_hint(error: ValidationError) -> str | None:
    """What the alternatives of an `anyOf` or `oneOf` ask for, where that is properties."""
    instance: Any = error.instance
    wanted: set[str] = set()
    for alternative in error.context or ():
        names: Any = alternative.validator_value
        if alternative.validator == "required":
            wanted.add(" and ".join(name for name in names if name not in instance))
    return f"It needs {', or '.join(sorted(wanted)[:4])}." if wanted else None


def _part_at(root: Part, path: _Path) -> Part:
    """The part at `path`, or the nearest one around it."""
    part = root
    for step in path:
        inner = part.get(step) if isinstance(step, str) else part.item(step)
        if inner is None:
            break
        part = inner
    return part


def _is_reported(path: _Path, noted: frozenset[_Path], around: frozenset[_Path]) -> bool:
    """Whether our own checks have reported this place, or what makes it wrong.

    `around` are the paths of all parts in or at which they have `noted` something.
    """
    if path[:1] == ("modules",) and len(path) > 1 and path[1] in _OWN_MODULES:
        return path[:3] in around or path[:2] in noted
    return path in around
