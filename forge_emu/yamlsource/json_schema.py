"""What a JSON Schema says against a document, in words, each with the part that it is about.

The schema may be anybody's. It is checked by jsonschema-rs, which is imported in a tenth of the
time that others take, with JavaScript's regular expressions and an end to those that run on.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from forge_emu.nearest import did_you_mean, nearest
from forge_emu.yamlsource.findings import join_names
from forge_emu.yamlsource.nodes import Part, describe, to_json

if TYPE_CHECKING:
    from jsonschema_rs import Draft7Validator, ValidationError

_TYPES: Final = {
    "string": "text",
    "array": "a list",
    "object": "a mapping",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "nothing",
}
_BOUNDS: Final = {
    "minLength": "at least",
    "maxLength": "at most",
    "minItems": "at least",
    "maxItems": "at most",
    "minimum": "at least",
    "maximum": "at most",
    "exclusiveMinimum": "more than",
    "exclusiveMaximum": "less than",
}
_ALTERNATIVES: Final = frozenset({"anyOf", "oneOf"})
_GAVE_UP: Final = frozenset({"BacktrackLimitExceeded", "RegexEngineFailure"})
"""Kinds of errors that are about the schema's pattern, not about the document."""


class SchemaFinding(NamedTuple):
    """What is wrong at `path`; that of what is missing ends with its name."""

    path: tuple[str | int, ...]
    message: str
    hint: str | None = None
    is_about_key: bool = False


class DocumentSchema:
    """A schema of draft 7, ready to check documents. Raises ValueError where it is none.

    `asker` is who asks for the form, for messages. Nothing that it refers to is fetched.
    """

    def __init__(self, schema: Any, asker: str) -> None:
        from jsonschema_rs import Draft7Validator

        self._schema = schema
        self._asker = asker
        self._validator: Draft7Validator = Draft7Validator(
            schema, validate_formats=False, offline=True
        )

    def findings(self, root: Part) -> Iterator[SchemaFinding]:
        """What it says against the document. Raises ValueError for what is no JSON."""
        for error in self._validator.iter_errors(to_json(root.node)):
            if type(error.kind).__name__ not in _GAVE_UP:
                yield from self._of_error(_best_match(error), root)

    def _of_error(self, error: ValidationError, root: Part) -> Iterator[SchemaFinding]:
        path = tuple(error.instance_path)
        part = part_at(root, path)
        name = part.name if path else "the file"
        kind: Any = error.kind
        rule = kind.name
        if rule == "required":
            yield SchemaFinding((*path, kind.property), f"{name} has no {kind.property!r}")
        elif rule == "additionalProperties" and hasattr(kind, "unexpected"):
            known = sorted(self._around(error).get("properties") or {})
            for extra in kind.unexpected:
                yield _unknown_property(path, name, extra, known)
        elif rule == "propertyNames":
            message = f"{name} has a key of another form than {self._asker} asks for"
            yield SchemaFinding(path, message, self._form(kind.error))
        else:
            text = _requirement_text(kind, part) or (
                f"does not have the form that {self._asker} asks for"
            )
            hint = _alternatives_hint(error) or self._form(error)
            yield SchemaFinding(path, f"{name} {text}", hint)

    def _around(self, error: ValidationError) -> dict[str, Any]:
        """The part of the schema whose keyword has failed; empty where it cannot be found."""
        found: Any = self._schema
        for step in error.schema_path[:-1]:
            try:
                found = found[step]
            except (KeyError, IndexError, TypeError):
                return {}
        return found if isinstance(found, dict) else {}

    def _form(self, error: ValidationError) -> str | None:
        """What the schema itself says of the form, as editors show it."""
        form = self._around(error).get("patternErrorMessage")
        return form if isinstance(form, str) else None


def part_at(root: Part, path: tuple[str | int, ...]) -> Part:
    """The part at `path`, or the nearest one around it."""
    part = root
    for step in path:
        inner = part.get(step) if isinstance(step, str) else part.item(step)
        if inner is None:
            break
        part = inner
    return part


def _unknown_property(
    path: tuple[str | int, ...], name: str, extra: str, known: list[str]
) -> SchemaFinding:
    hint = did_you_mean(nearest(extra, known))
    if hint is None and known:
        hint = f"Its properties are: {join_names(known)}."
    message = f"{name} should not have the property {extra[:60]!r}"
    return SchemaFinding((*path, extra), message, hint, is_about_key=True)


def _branches(error: ValidationError) -> list[list[ValidationError]]:
    """What each of the alternatives says, where the error is of alternatives."""
    return list(getattr(error.kind, "context", ()))


def _best_match(error: ValidationError) -> ValidationError:
    """The error inside the alternative that was meant, where it can be told which one was."""
    while branches := _branches(error):
        depth = len(error.instance_path)
        # What has the right properties was meant; what lacks them is another form.
        fitting = [
            errors
            for errors in branches
            if errors and all(len(inner.instance_path) > depth for inner in errors)
        ]
        if len(fitting) != 1:
            break
        error = min(fitting[0], key=_distance)
    return error


def _distance(error: ValidationError) -> tuple[int, bool]:
    """The outermost error tells most, and that of a rule more than that of alternatives."""
    return len(error.instance_path), error.kind.name in _ALTERNATIVES


def _requirement_text(kind: Any, part: Part) -> str | None:
    """What the value must be; None where the rule cannot be told in a word."""
    rule, value = kind.name, kind.value
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
    return None


def _alternatives_hint(error: ValidationError) -> str | None:
    """What the alternatives of an `anyOf` or `oneOf` ask for, where that is properties."""
    wanted: set[str] = set()
    for alternative in _branches(error):
        kinds: list[Any] = [inner.kind for inner in alternative]
        missing = [kind.property for kind in kinds if kind.name == "required"]
        if missing:
            wanted.add(" and ".join(missing))
    return f"It needs {', or '.join(sorted(wanted)[:4])}." if wanted else None
