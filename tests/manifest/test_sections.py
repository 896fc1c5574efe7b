"""The sections of a manifest."""

from __future__ import annotations

from typing import Any

import pytest

from tests.manifest.sample import MANIFEST, problems_of


@pytest.mark.parametrize("section", ["connectModules", "resources", "remotes", "services"])
def test_a_section_without_a_value_is_refused(section: str) -> None:
    """A comment alone is no list and no mapping."""
    [problem] = problems_of(f"{MANIFEST}{section}:\n  # none\n")

    assert problem.message.startswith(f"{section} must be a ")
    assert problem.line == MANIFEST.count("\n") + 1


def test_a_section_that_forge_does_not_have_is_refused() -> None:
    """Forge takes no further properties, not even for anchors."""
    [problem] = problems_of(f"x-common: &scopes [a]\n{MANIFEST}")

    assert problem.severity == "error"
    assert problem.message == "document should not have the property 'x-common'"


def test_a_section_that_the_apps_own_schema_knows_is_known() -> None:
    """It may be newer than forge-emu."""
    schema: Any = {"properties": {"shiny": {}}}

    assert problems_of(f"{MANIFEST}shiny: 1\n", schema) == ()
