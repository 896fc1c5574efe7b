"""The README lists what can be asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from forge_emu.simulate.plan.figures import FIGURES

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")


@pytest.mark.parametrize("name", [name for name in FIGURES if not name.startswith("refused.")])
def test_every_figure_is_in_the_readme(name: str) -> None:
    """By its name, or by the part after the dot where its head stands before it."""
    head, _, rest = name.partition(".")
    listed = f"`{name}`" in README or (f"`.{rest}`" in README and f"`{head}." in README)
    in_words = head in ("product_events", "invocations", "faults", "logs") and f"`{head}" in README
    assert listed or in_words
