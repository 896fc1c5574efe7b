"""The schema of the app's own @forge/manifest: what it adds, and what it must not do."""

from __future__ import annotations

from typing import Any

import pytest

from forge_emu.errors import ManifestError
from tests.manifest.sample import MANIFEST, app_of, lines, manifest_with, problems_of

SCHEMA: dict[str, Any] = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "additionalProperties": False,
    "required": ["app"],
    "properties": {
        "app": {"$ref": "#/definitions/App"},
        "permissions": {},
        "resources": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["key", "path"],
                "additionalProperties": False,
                "properties": {
                    "key": {"type": "string", "pattern": "^[a-z]+$"},
                    "path": {"type": "string", "minLength": 2, "maxLength": 8},
                },
            },
        },
        "modules": {
            "type": "object",
            "properties": {
                "consumer": {
                    "items": {
                        "oneOf": [
                            {"required": ["queue", "function"]},
                            {"required": ["queue", "endpoint"]},
                        ],
                        "properties": {"queue": {"type": "string", "maxLength": 36}},
                    }
                },
                "jira:jqlFunction": {
                    "items": {
                        "oneOf": [
                            {"required": ["endpoint"]},
                            {
                                "required": ["function"],
                                "properties": {"interval": {"enum": ["hour", "day"]}},
                            },
                        ]
                    }
                },
                "macro": {
                    "type": "array",
                    "minItems": 1,
                    "uniqueItems": True,
                    "items": {
                        "anyOf": [
                            {"required": ["key", "function"]},
                            {"required": ["key", "resource"]},
                        ],
                        "properties": {
                            "layout": {"enum": ["block", "inline"]},
                            "height": {"type": "number", "exclusiveMinimum": 0, "maximum": 10},
                            "title": {"type": ["string", "object"]},
                            "render": {"const": "native"},
                        },
                    },
                },
            },
        },
    },
    "definitions": {
        "App": {
            "type": "object",
            "required": ["id", "runtime"],
            "properties": {
                "id": {"type": "string"},
                "runtime": {"type": "object"},
                "licensing": {"type": "object"},
            },
        }
    },
}


def test_a_sound_manifest_has_no_problems() -> None:
    """A schema that is met says nothing."""
    assert app_of(MANIFEST, SCHEMA) == app_of(MANIFEST)


@pytest.mark.parametrize(
    ("added", "said"),
    [
        ("resources: 5\n", "1:12 resources must be a list, found the number 5"),
        ("resources: [{key: a}]\n", "1:13 resources[0] has no 'path'"),
        (
            "resources: [{key: a, path: ui, x: 1}]\n",
            "1:32 resources[0] should not have the property 'x'",
        ),
        (
            "resources: [{key: A, path: ui}]\n",
            "1:19 resources[0].key must have the form ^[a-z]+$, found the text 'A'",
        ),
        (
            "resources: [{key: a, path: u}]\n",
            "1:28 resources[0].path must be at least 2 characters long",
        ),
        (
            "resources: [{key: a, path: uiuiuiuiu}]\n",
            "1:28 resources[0].path must be at most 8 characters long",
        ),
    ],
)
def test_what_only_the_schema_knows_is_an_error(added: str, said: str) -> None:
    """Its findings have the place of the value, in words."""
    assert lines(problems_of(added + MANIFEST, SCHEMA)) == [f"manifest.yml:{said}"]


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ("{key: m}", "modules.macro[0] does not have the form that @forge/manifest asks for"),
        (
            "{key: m, function: pusher, layout: wide}",
            "modules.macro[0].layout must be one of block, inline, found the text 'wide'",
        ),
        (
            "{key: m, function: pusher, height: 0}",
            "modules.macro[0].height must be more than 0, found the number 0",
        ),
        (
            "{key: m, function: pusher, height: 11}",
            "modules.macro[0].height must be at most 10, found the number 11",
        ),
        (
            "{key: m, function: pusher, title: 3}",
            "modules.macro[0].title must be text or a mapping, found the number 3",
        ),
        (
            "{key: m, function: pusher, render: web}",
            "modules.macro[0].render must be 'native', found the text 'web'",
        ),
    ],
)
def test_modules_that_are_not_emulated_are_checked_by_the_schema(item: str, said: str) -> None:
    """Where our own checks do not look, Atlassian's do."""
    text = manifest_with("  consumer:\n", f"  macro:\n    - {item}\n  consumer:\n")
    errors = [p.message for p in problems_of(text, SCHEMA) if p.severity == "error"]

    assert errors == [said]


def test_a_wrong_module_that_is_not_emulated_keeps_nothing_from_running() -> None:
    """It is an error for `check`; what is emulated is there all the same."""
    text = manifest_with("  consumer:\n", "  macro: [{key: m}]\n  consumer:\n")
    app = app_of(text, SCHEMA)
    assert [p.severity for p in app.warnings] == ["error"]
    assert list(app.functions) == list(app_of(MANIFEST).functions)
    with pytest.raises(ManifestError):
        app_of("resources: 5\n" + MANIFEST, SCHEMA)


def test_the_form_that_was_meant_is_the_one_complained_of() -> None:
    """Where the properties fit one alternative, its error is told and not the others'."""
    text = manifest_with(
        "  consumer:\n",
        "  jira:jqlFunction: [{key: s, function: pusher, interval: year}]\n  consumer:\n",
    )

    assert lines(problems_of(text, SCHEMA)) == [
        "manifest.yml:7:59 modules.jira:jqlFunction[0].interval must be one of hour, day,"
        " found the text 'year'",
    ]


def test_alternatives_are_named_by_what_they_lack() -> None:
    """Where several forms are allowed, the hint says what each asks for."""
    text = manifest_with("  consumer:\n", "  macro: [{key: m}]\n  consumer:\n")
    [problem] = [p for p in problems_of(text, SCHEMA) if p.severity == "error"]

    assert problem.hint == "It needs function, or resource."


@pytest.mark.parametrize(
    "text",
    [
        manifest_with("queue: work", "queue: 5"),
        manifest_with("queue: work", f"queue: {'q' * 40}"),
        manifest_with("      function: consumer\n", ""),
        manifest_with("  id: ari:cloud:ecosystem::app/7c1dd9d6-93c3-4a8e-b3f1-bd3b3f4e0f0a\n", ""),
        manifest_with("app:\n", "app: 5\nx:\n"),
        manifest_with("modules:\n", "unknown: 1\nmodules:\n"),
    ],
)
def test_a_problem_is_not_told_twice(text: str) -> None:
    """What our own checks have said, the schema does not say again."""
    assert problems_of(text, SCHEMA) == problems_of(text)


def test_a_name_of_the_app_is_tolerated() -> None:
    """Newer schemas have no `app.name`; apps still do."""
    text = manifest_with("app:\n", "app:\n  name: Mine\n")

    strict = {"properties": {"id": {}, "runtime": {}}, "additionalProperties": False}

    assert app_of(text, {"properties": {"app": strict}}).name == "Mine"


def test_no_more_than_twenty_findings_come_from_the_schema() -> None:
    """A schema that does not fit the app gives no flood."""
    added = "resources:\n" + "  - {key: A, path: x}\n" * 30

    assert len(problems_of(added + MANIFEST, SCHEMA)) == 20


@pytest.mark.parametrize(
    "schema",
    [
        5,
        [],
        {"$ref": "#/definitions/Absent"},
        {"$ref": "#"},
        {"$ref": "https://example.invalid/schema.json"},
        {"properties": 5},
        {"type": "no-such-type"},
        {"required": 5},
        {"items": {"pattern": "("}},
    ],
    ids=str,
)
def test_a_schema_that_cannot_be_used_is_left_aside(schema: Any) -> None:
    """The app is loaded all the same, at most with a warning."""
    problems = problems_of(MANIFEST, schema)

    assert all(p.severity == "warning" and p.rule == "schema" for p in problems)


@pytest.mark.parametrize(
    ("pattern", "met"),
    [(r"^\p{L}+:(?<n>cloud)", True), (r"^\p{L}+:(?<n>clod)", False), (r"^(?=(.+)+$)x", False)],
)
def test_patterns_are_those_of_javascript(pattern: str, met: bool) -> None:
    r"""`\p{L}` and names of groups mean what they mean there; none runs on."""
    schema = {"properties": {"app": {"properties": {"id": {"pattern": pattern}}}}}

    assert (problems_of(MANIFEST, schema) == ()) is met


def test_a_pattern_that_is_given_up_refuses_nothing() -> None:
    """Whether the text has the form is not known then."""
    text = manifest_with("app:\n", f"app:\n  name: {'a' * 60}b\n")
    pattern = {"pattern": r"^(?=(a|a)+c)\1$"}
    assert problems_of(text, {"properties": {"app": {"properties": {"name": pattern}}}}) == ()


def test_a_very_large_manifest_is_not_checked_by_the_schema() -> None:
    """It would take too long; a warning says so."""
    added = "resources:\n" + "  - {key: A, path: x}\n" * 7_000
    [problem] = problems_of(added + MANIFEST, SCHEMA)

    assert problem.severity == "warning"
    assert "is not checked against the schema" in problem.message


def test_rules_for_kinds_that_the_manifest_has_not_are_left_out() -> None:
    """They take memory and time."""
    kinds: dict[str, Any] = {
        name: {} for name in ("function", "consumer", "trigger", "scheduledTrigger")
    }
    broken = {"items": {"pattern": "("}}
    schema = {
        "properties": {"modules": {"$ref": "#/definitions/ModuleSchema"}},
        "definitions": {
            "ModuleSchema": {
                "additionalProperties": False,
                "properties": {**kinds, "macro": {"minItems": 2}, "jira:other": broken},
            }
        },
    }
    assert problems_of(MANIFEST, schema) == ()
    macro = manifest_with("  consumer:\n", "  macro: [{key: m}]\n  consumer:\n")
    assert [p.message for p in problems_of(macro, schema)] == [
        "modules.macro must have at least 2 items"
    ]
