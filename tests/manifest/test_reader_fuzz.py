"""Whatever the bytes, the reader answers with an App or a ManifestError, and soon."""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from forge_emu.yamlsource import MAX_BYTES
from tests.manifest.sample import MANIFEST, problems_of

SCHEMA = {
    "type": "object",
    "properties": {
        "app": {"type": "object", "required": ["id"], "additionalProperties": False},
        "modules": {"type": "object", "properties": {"macro": {"oneOf": [{"minItems": 1}, {}]}}},
    },
}
# fmt: off
words = st.sampled_from([
    "app",         "id",         "runtime",         "name",         "memoryMB",         "package",
    "path",         "bundler",         "modules",         "function",         "consumer",
    "trigger",         "key",         "handler",         "timeoutSeconds",         "queue",
    "resolver",         "method",         "endpoint",         "workflow",         "events",
    "eventType",         "filter",         "ignoreSelf",         "expression",         "onError",
    "permissions",         "scopes",         "storage",         "entities",
    "scheduledTrigger",         "avi:jira:created:issue",         "index.run",
    "nodejs22.x",         "a",         "b",
])
# fmt: on
scalars = st.none() | st.booleans() | st.integers() | st.floats() | words | st.text(max_size=5)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=5),
    max_leaves=30,
)
modules = st.dictionaries(
    st.sampled_from(["function", "consumer", "trigger", "macro"]),
    st.lists(st.dictionaries(words, values, max_size=6), max_size=3) | values,
)
manifests = st.fixed_dictionaries({}, optional={"app": values, "modules": modules, "x": values})


def check(raw: bytes) -> None:
    """Every problem has its place within the file, and a message of one line."""
    height = raw.count(b"\n") + raw.count(b"\r") + 10
    for schema in (None, SCHEMA):
        for problem in problems_of(raw, schema):
            assert 0 <= problem.line <= height
            assert 0 <= problem.column <= MAX_BYTES
            assert problem.message
            assert "\n" not in problem.message
            assert len(str(problem)) < 600


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes(raw: bytes) -> None:
    """Binary junk is an error like another."""
    check(raw)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab:-[]{}&*!|>'\"%@`?#,~< \n\t", max_size=60))
def test_any_text_of_yaml_characters(text: str) -> None:
    """Text made of what means something in YAML."""
    check(text.encode())


@settings(max_examples=200, deadline=None)
@given(manifests | values)
def test_any_structure(structure: Any) -> None:
    """Sound YAML with the words of a manifest in any place and of any type."""
    check(yaml.safe_dump(structure).encode())


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(MANIFEST)), st.integers(0, 30), st.text(max_size=3) | words)
def test_any_edit_of_a_sound_manifest(at: int, cut: int, put: str) -> None:
    """What a slip of the hand can do."""
    check((MANIFEST[:at] + put + MANIFEST[at + cut :]).encode("utf-8", "surrogatepass"))


@settings(max_examples=100, deadline=None)
@given(values)
def test_any_schema(schema: Any) -> None:
    """A schema that is none does not keep the manifest from being read."""
    for sound in (schema, {"properties": {"app": schema}, "required": schema, "oneOf": schema}):
        problems_of(MANIFEST, sound)
