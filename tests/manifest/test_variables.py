"""`environment.variables` of a manifest, and the placeholders that they fill."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from forge_emu.errors import ManifestError, Problem
from forge_emu.manifest import read_manifest
from forge_emu.model import App
from tests.manifest.sample import FILES, MANIFEST, lines

DECLARED = "environment:\n  variables:\n    - NAME\n    - {key: OTHER, default: std}\n"


def read(text: str, values: Mapping[str, str] | None = None) -> App:
    """The app, with values for its variables."""
    return read_manifest(
        text.encode(), "manifest.yml", has_file=FILES.__contains__, values=values or {}
    )


def problems(text: str, values: Mapping[str, str] | None = None) -> tuple[Problem, ...]:
    """Everything that is said of a manifest."""
    try:
        return tuple(read(text, values).warnings)
    except ManifestError as error:
        return error.problems


@pytest.mark.parametrize(
    ("queue", "values", "becomes"),
    [
        ("${NAME}", {"NAME": "given"}, "given"),
        ("${OTHER}", {}, "std"),
        ("${OTHER}", {"OTHER": "given"}, "given"),
        ("a-${NAME}-${OTHER}-${NAME}", {"NAME": "x"}, "a-x-std-x"),
        ("'${NAME}'", {"NAME": "x"}, "x"),
        ("${NAME}", {"NAME": "5"}, "5"),
    ],
)
def test_placeholders_of_declared_variables_get_their_values(
    queue: str, values: dict[str, str], becomes: str
) -> None:
    """Anywhere in a value; what is given goes before the default."""
    app = read(DECLARED + MANIFEST.replace("queue: work", f"queue: {queue}"), values)

    assert app.consumers[0].queue == becomes


def test_every_part_of_the_manifest_is_filled() -> None:
    """Ids, runtimes, handlers, scopes, events, keys of functions."""
    text = DECLARED + MANIFEST.replace("nodejs22.x", "${NAME}.x").replace(
        "app/7c1dd9d6", "app/${OTHER}"
    ).replace("index.push", "${HANDLER}.push").replace("created:issue", "${VERB}:issue").replace(
        "function: pusher", "function: ${KEY}"
    ).replace("read:jira-work", "${SCOPE}")
    text = text.replace(
        "    - NAME\n", "    - NAME\n    - HANDLER\n    - VERB\n    - KEY\n    - SCOPE\n"
    )
    values = {"NAME": "nodejs22", "HANDLER": "index", "VERB": "created", "KEY": "pusher"}
    app = read(text, {**values, "SCOPE": "read:jira-work"})

    assert app.id.startswith("ari:cloud:ecosystem::app/std-")
    assert app.runtime == "nodejs22.x"
    assert app.functions["pusher"].handler == "index.push"
    assert app.triggers[0].subscriptions[0].event == "avi:jira:created:issue"
    assert app.scopes == ("read:jira-work", "storage:app")
    assert app.warnings == ()


def test_a_value_is_not_looked_at_again() -> None:
    """What it holds is text, placeholders included."""
    found = problems(
        DECLARED + MANIFEST.replace("queue: work", "queue: ${NAME}"), {"NAME": "${OTHER}"}
    )

    assert ["'$'" in p.message for p in found] == [True]


def test_a_value_is_always_text() -> None:
    """A number that is wanted cannot come from a variable, as on Forge."""
    found = problems(
        DECLARED + MANIFEST.replace("timeoutSeconds: 100", "timeoutSeconds: ${NAME}"), {"NAME": "5"}
    )

    assert [p.message for p in found] == [
        "modules.function[1].timeoutSeconds must be a number, found the text '5'"
    ]


def test_keys_are_left_alone() -> None:
    """Only values are filled."""
    found = problems(
        DECLARED + MANIFEST.replace("  consumer:\n", "  ${OTHER}:\n    - {key: x}\n  consumer:\n")
    )

    assert [p.rule for p in found] == ["module-kind"]


def test_a_variable_without_a_value_is_an_error_where_it_is_used() -> None:
    """With file and line, and how to give it."""
    [problem] = [
        p
        for p in problems(DECLARED + MANIFEST.replace("queue: work", "queue: q${NAME}"))
        if p.rule == "variable"
    ]

    assert str(problem) == "manifest.yml:13:14 could not find environment variable 'NAME'"
    assert problem.severity == "error"
    assert "--env-file" in str(problem.hint)
    assert "FORGE_USER_VAR_NAME" in str(problem.hint)


def test_a_variable_without_a_value_is_one_error() -> None:
    """The other places are named, and nothing else is said of what they will hold."""
    text = DECLARED + MANIFEST.replace("queue: work", "queue: q${NAME}")
    text += "remotes:\n  - key: backend\n    baseUrl: ${NAME}\n"

    errors = [str(p) for p in problems(text) if p.severity == "error"]

    line = text.split("\n").index("    baseUrl: ${NAME}") + 1
    assert errors == [
        f"manifest.yml:13:14 could not find environment variable 'NAME', also in line {line}"
    ]


def test_a_variable_that_is_not_used_needs_no_value() -> None:
    """As in Forge's reader."""
    assert problems(DECLARED + MANIFEST) == ()


def test_a_variable_that_is_not_declared_is_left_as_it_is() -> None:
    """Forge leaves it too; a warning says so, even where a value is known."""
    found = problems(MANIFEST + "  name: App ${STAGE}\n", {"STAGE": "test"})

    assert lines(found) == [
        "warning: manifest.yml:25:9 ${STAGE} is not declared, so Forge leaves it as it stands"
    ]
    assert read(MANIFEST + "  name: App ${STAGE}\n").name == "App ${STAGE}"


@pytest.mark.parametrize(
    "text", ["$NAME", "${1A}", "${}", "${ NAME }", "$ {NAME}", "{NAME}", "%NAME%"]
)
def test_other_forms_are_no_placeholders(text: str) -> None:
    """They are text."""
    assert read(f"{DECLARED}{MANIFEST}  name: '{text}'\n").name == text


@pytest.mark.parametrize("text", ["\\${NAME}", "$${NAME}"])
def test_there_is_no_escape(text: str) -> None:
    """What stands before a placeholder stays."""
    app = read(f"{DECLARED}{MANIFEST}  name: '{text}'\n", {"NAME": "x"})

    assert app.name == f"{text[0]}x"


def test_a_value_that_an_alias_repeats_is_filled_once() -> None:
    """The same text stands in two places."""
    text = DECLARED + MANIFEST.replace(
        "      events:\n        - avi:jira:created:issue\n",
        "      events: &e ['avi:jira:${NAME}:issue']\n    - key: second\n      function: pusher\n"
        "      events: *e\n",
    )

    events = [t.subscriptions[0].event for t in read(text, {"NAME": "created"}).triggers]
    assert events == ["avi:jira:created:issue"] * 2


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ("environment: 5\n", "environment must be a mapping, found the number 5"),
        ("environment: {variables: A}\n", "environment.variables must be a list"),
        (
            "environment: {variables: [5]}\n",
            "environment.variables[0] must be text, found the number 5",
        ),
        ("environment: {variables: [A-B]}\n", "'A-B' is no name of a variable"),
        ("environment: {variables: [{default: x}]}\n", "environment.variables[0] has no 'key'"),
        ("environment: {variables: [{key: A}]}\n", "environment.variables[0] has no 'default'"),
        (
            "environment: {variables: [{key: A, default: 5}]}\n",
            "environment.variables[0].default must be text, found the number 5",
        ),
    ],
)
def test_declarations_that_forge_refuses(declared: str, said: str) -> None:
    """Each with its place."""
    assert [p.message for p in problems(declared + MANIFEST)] == [said]


def test_an_empty_default_is_a_value() -> None:
    """It fills with nothing."""
    text = "environment: {variables: [{key: A, default: ''}]}\n" + MANIFEST
    assert read(text.replace("queue: work", "queue: work${A}")).consumers[0].queue == "work"
