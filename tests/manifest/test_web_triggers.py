"""Web triggers of a manifest: what is read of them, and what is wrong with them."""

from __future__ import annotations

import pytest

from forge_emu.model import StaticOutput
from tests.manifest.sample import MANIFEST, app_of, lines, problems_of

REST = MANIFEST[MANIFEST.index("permissions:") :]
STATIC = "response: {type: static, outputs: [%s]}"
OUTPUT = "{key: ok, statusCode: 201, contentType: text/plain, body: done}"


def manifest(more: str = "", target: str = "function: hear") -> str:
    """An app of one web trigger."""
    more = f", {more}" if more else ""
    return (
        f"modules:\n  webtrigger:\n    - {{key: hook, {target}{more}}}\n"
        f"  function:\n    - {{key: hear, handler: index.run}}\n{REST}"
    )


def test_a_web_trigger_without_response_is_dynamic() -> None:
    """Its address has the first format."""
    app = app_of(manifest())
    (trigger,) = app.web_triggers

    assert (trigger.key, trigger.function, trigger.outputs) == ("hook", "hear", None)
    assert (trigger.url_format, trigger.endpoint, trigger.line) == ("v1", None, 3)
    assert app.modules_using("hear") == ["the web trigger 'hook'"]


def test_a_static_web_trigger_has_outputs() -> None:
    """Content type and body may be missing."""
    outputs = f"{OUTPUT}, {{key: no, statusCode: 403}}"
    (trigger,) = app_of(manifest(f"urlFormat: v2, {STATIC % outputs}")).web_triggers

    assert trigger.url_format == "v2"
    assert trigger.outputs == (
        StaticOutput("ok", 201, "text/plain", "done"),
        StaticOutput("no", 403, None, None),
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (manifest(target="function: heer"), "webtrigger references undefined function"),
        (manifest(target="urlFormat: v1"), "function"),
        (manifest("endpoint: e"), "exactly one of"),
        (manifest("urlFormat: v3"), "urlFormat cannot be 'v3'"),
        (manifest("response: {type: fixed}"), "type cannot be 'fixed'"),
        (manifest("response: {}"), "type"),
        (manifest("response: {type: static}"), "outputs"),
        (manifest("response: {type: dynamic, outputs: []}"), "only allowed where the type"),
        (manifest(STATIC % "{key: a}"), "statusCode"),
        (manifest(STATIC % "{key: a, statusCode: many}"), "must be a whole number"),
        (manifest(STATIC % ("{key: a, statusCode: 200, body: %s}" % ("x" * 1025))), "1024 are"),
        (manifest(STATIC % ", ".join([OUTPUT] * 21)), "21 entries, 20 are allowed"),
        (manifest("request: {signature: {}}"), "signature"),
        (manifest("request: {authentication: basic}"), "cannot be 'basic'"),
        (manifest("color: red"), "color"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, message: str) -> None:
    """With line and column."""
    assert any(message in line and "manifest.yml:" in line for line in lines(problems_of(text)))
