"""Kinds of modules: known, shown, unknown; and functions that several modules use."""

from __future__ import annotations

from typing import Any

import pytest

from tests.manifest.sample import MANIFEST, app_of, problems_of


def with_modules(text: str) -> str:
    """The sound manifest with further modules."""
    return MANIFEST.replace("  function:\n", f"{text}  function:\n", 1)


def test_modules_that_a_product_shows_are_counted_and_give_no_warning() -> None:
    """By product: there is nothing to emulate in them, so `check --strict` can be used."""
    text = with_modules(
        "  jira:issuePanel:\n    - {key: a, resource: r}\n    - {key: b, resource: r}\n"
        "  macro:\n    - {key: c, resource: r}\n  connect-jira:webhooks: []\n"
    )
    app = app_of(text)

    assert app.shown_modules == {"Jira": 2, "Confluence": 1}
    assert app.other_modules == {"connect-jira:webhooks": 0}
    assert app.warnings == ()


def test_connect_and_enforcement_are_known() -> None:
    """The start of a run names them."""
    text = (
        MANIFEST.replace("permissions:\n", "permissions:\n  enforcement: app-managed\n")
        + "connectModules:\n  jira:lifecycle: {}\n  jira:webhooks: [{}, {}]\n"
    )
    app = app_of(text)

    assert (app.connect_modules, app.app_managed) == (3, True)
    assert not app_of(MANIFEST).app_managed


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("workflow", None),
        ("fifoConsumer", None),
        ("remote", None),
        ("endpoint", "modules.endpoint[0] has no 'remote'"),
        ("jira:isuePanel", "Did you mean jira:issuePanel"),
        ("scheduledTriger", "Did you mean scheduledTrigger"),
        ("shiny:thing", "'shiny:thing' is not a kind of module that Forge has; it is ignored"),
    ],
)
def test_kinds_of_modules_are_known_by_name(kind: str, said: str | None) -> None:
    """Those of the schema are never called unknown; others get the nearest name."""
    found = problems_of(with_modules(f"  {kind}:\n    - {{key: other}}\n"))

    assert len(found) == (1 if said else 0)
    assert said is None or said in f"{found[0].message} {found[0].hint}"


def test_a_kind_that_the_apps_own_schema_knows_is_known() -> None:
    """It may be newer than forge-emu."""
    schema: Any = {"definitions": {"ModuleSchema": {"properties": {"shiny:thing": {}}}}}
    app = app_of(with_modules("  shiny:thing:\n    - {key: a}\n"), schema)

    assert (app.warnings, app.other_modules) == ((), {"shiny:thing": 1})


def test_functions_alone_are_no_app() -> None:
    """Something has to use them."""
    text = "modules:\n" + MANIFEST[MANIFEST.index("  function:\n") :]

    assert [p.message for p in problems_of(text)] == ["document must have at least 1 module"]


@pytest.mark.parametrize(
    ("timeout", "other", "rule"),
    [
        (100, "scheduledTrigger:\n    - {key: x, function: consumer, interval: hour}", None),
        (55, "webtrigger:\n    - {key: x, function: consumer}", None),
        (56, "webtrigger:\n    - {key: x, function: consumer}", "shared-function"),
        (25, "jira:issuePanel:\n    - {key: x, resolver: {function: consumer}}", None),
        (26, "jira:issuePanel:\n    - {key: x, resolver: {function: consumer}}", "shared-function"),
        (26, "action:\n    - {key: x, function: consumer}", "shared-function"),
        (5, "jira:issuePanel:\n    - {key: x, resolver: {function: pusher}}", None),
    ],
)
def test_shared_functions_speak_where_the_official_lint_does(
    timeout: int, other: str, rule: str | None
) -> None:
    """Where the declared timeout is more than another module grants."""
    text = MANIFEST.replace("timeoutSeconds: 100", f"timeoutSeconds: {timeout}")
    text = text.replace("  function:\n    - key", f"  {other}\n  function:\n    - key", 1)
    found = [p.rule for p in problems_of(text) if p.rule != "not-emulated"]

    assert found == ([rule] if rule else [])


def test_the_module_that_calls_a_function_is_known() -> None:
    """Of those that no product shows: it says what the function gets."""
    validators = (
        "  jira:workflowValidator:\n    - {key: v, name: n, description: d, function: pusher}\n"
    )

    assert app_of(with_modules(validators)).called_by == {"pusher": ("jira:workflowValidator", "v")}


def test_other_uses_of_a_function_are_known() -> None:
    """The lowest timeout of all uses counts, whether a module is emulated or not."""
    app = app_of(
        with_modules(
            "  webtrigger:\n    - {key: w, function: pusher}\n"
            "  jira:issuePanel:\n    - {key: p, resource: r, resolver: {function: pusher}}\n"
        )
    )

    assert app.other_uses == {"pusher": ("jira:issuePanel",)}
    assert app.shown_by == {"pusher": ("jira:issuePanel", "p")}
    assert [w.function for w in app.web_triggers] == ["pusher"]
