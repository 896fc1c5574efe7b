"""Counts and paces that are wrong, each with what it has to be."""

from __future__ import annotations

import pytest

from forge_emu.errors import ManifestError
from forge_emu.simulate.plan.scenario import read_scenario


@pytest.mark.parametrize("kind", ["event: issue-created", "invoke: echo"])
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("count: 1.5", "must be a whole number"),
        ("rate: fast", "rate must be a rate"),
        ("rate: 5/s, ramp: 1/s..2/s", "rate and ramp exclude each other"),
        ("ramp: 1/s..2/s", "neither a count nor `over`"),
        ("burst: many", "is no burst"),
        ("rate: 1000000/s, spread: 1h", "makes 3,600,000,000 events"),
        ("spread: 400d", "must be a span of time"),
        ("at: 1m, time: 1m", "at and time mean the same"),
    ],
)
def test_a_wrong_pace_is_said(kind: str, text: str, words: str) -> None:
    """For every kind of step that has one."""
    with pytest.raises(ManifestError) as refusal:
        read_scenario(f"steps: [{{{kind}, {text}}}]".encode(), "play.yml", lambda n, e: {})
    assert words in refusal.value.problems[0].message
