"""A default import of a CommonJS package in an app that is an ES module."""

from __future__ import annotations

from pathlib import Path

import pytest

from forge_emu.errors import Problem
from forge_emu.runtime.node.bundler.default_imports import with_default_import

FAILED = "src/index.js failed while loading: TypeError: "


@pytest.mark.parametrize(
    ("package", "message", "helps"),
    [
        ('{"type": "module"}', "import_resolver.default is not a constructor", True),
        ('{"type": "module"}', "(0 , import_parse.default) is not a function", False),
        ('{"type": "module"}', "import_parse.default is not a function", True),
        ("{}", "import_resolver.default is not a constructor", False),
        ('{"type": "module"}', "x is not a function", False),
    ],
)
def test_the_hint_says_where_the_class_is(
    tmp_path: Path, package: str, message: str, helps: bool
) -> None:
    """Only where the app's package.json makes its code an ES module."""
    (tmp_path / "package.json").write_text(package)
    problem = Problem("src/index.js", 1, 1, FAILED + message, "at the top level", rule="load")

    found = with_default_import(problem, tmp_path)

    assert ('"type": "module"' in str(found.hint)) == helps
    assert found.message == problem.message
