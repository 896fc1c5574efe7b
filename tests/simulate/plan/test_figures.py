"""The figures that conditions and comparisons speak of."""

from __future__ import annotations

import pytest

from forge_emu.simulate.plan.figures import RunOutcome, all_figures
from tests.simulate.plan.runs import outcome, outcome_with_drops


@pytest.mark.parametrize(
    "run", [outcome(), outcome_with_drops(), RunOutcome(outcome().summary, {})]
)
def test_every_figure_can_be_read(run: RunOutcome) -> None:
    """Of every run, and has a text."""
    for figure in all_figures().values():
        assert figure.value_text(figure.read(run))
        if figure.whole:
            figure.whole(run)
