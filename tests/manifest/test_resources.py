"""What user interfaces are made of."""

from __future__ import annotations

import pytest

from forge_emu.manifest.resources import read_resources
from forge_emu.model import Resource
from forge_emu.yamlsource import read_document


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "resources:\n  - key: main\n    path: static/main/build\n",
            (Resource("main", "static/main/build", 3, 11),),
        ),
        ("app: {}", ()),
        ("resources: 5", ()),
        ("resources: [5, {key: a}, {path: b}, {key: [a], path: b}, {key: a, path: {}}]", ()),
    ],
)
def test_resources_have_a_key_and_a_path(text: str, found: tuple[Resource, ...]) -> None:
    """What is wrong with others is no matter of theirs."""
    assert read_resources(read_document(text.encode(), "manifest.yml")) == found
