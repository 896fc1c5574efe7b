"""`--compare`: a setting or a variable, and the values to run it with."""

from __future__ import annotations

import pytest

from forge_emu.errors import UserError
from forge_emu.simulate.plan.sweep import parse_sweep


def test_forms_of_a_sweep() -> None:
    """Settings and variables; values are checked before anything runs."""
    limits = parse_sweep("limits.kvs.write_units_per_minute=4000, 1000")
    assert limits.values == ("4000", "1000")
    assert limits.assignments_for("1000").settings == {"limits.kvs.write_units_per_minute": 1000}
    assert parse_sweep("env.BASE_DELAY=5,20").assignments_for("5").variables == {"BASE_DELAY": "5"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "limits.kvs",
        "limits.kvs.nothing=1,2",
        "env.BASE-DELAY=1,2",
        "env.X=1",
        "env.X=1,1",
        "limits.kvs.write_units_per_minute=4000,many",
    ],
)
def test_wrong_sweeps(text: str) -> None:
    """Quoted."""
    with pytest.raises(UserError, match="--compare: "):
        parse_sweep(text)
