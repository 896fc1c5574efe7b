"""What the options of a simulation ask for by themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from forge_emu.simulate.options import SimulateOptions


@pytest.mark.parametrize(
    ("given", "on_terminal", "tries"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"report": Path("r.html")}, False, True),
        ({"as_json": True}, True, False),
        ({"seeds": 2}, True, False),
        ({"compare": "env.X=1,2"}, True, False),
        ({"network": True}, True, False),
        ({"remotes": ("a=http://localhost",)}, True, False),
        ({"tries": True, "network": True}, False, True),
        ({"tries": False}, True, False),
    ],
)
def test_changes_are_tried_where_somebody_reads_of_them(
    given: dict[str, Any], on_terminal: bool, tries: bool
) -> None:
    """Of a single run that sends nothing outside, unless the command says otherwise."""
    assert SimulateOptions(**given).should_try_changes(on_terminal) is tries
