"""What a scenario names has to be in the app: all that is not is said at once, with its place."""

from __future__ import annotations

import pytest

from forge_emu.errors import ManifestError
from forge_emu.simulate.plan.app_check import check_steps
from forge_emu.simulate.plan.scenario import read_scenario
from tests.emulator.app_modules.test_known import APP

SOUND = """\
steps:
  - event: issue-created
  - invoke: work.save
  - {push: work, body: {}}
  - schedule: hourly
  - web: hook
  - site: {issues: 1}
"""
WRONG = """\
steps:
  - invoke: brokn
  - {push: worl, body: {}}
  - schedule: hourl
  - web: hok
"""


def check(text: str) -> None:
    """Check a scenario against the app."""
    check_steps(read_scenario(text.encode(), "play.yml", lambda name, event: {}).steps, APP)


def test_what_the_app_has_may_be_named() -> None:
    """Of every kind."""
    check(SOUND)


def test_all_that_it_lacks_is_said_at_once() -> None:
    """Where it stands in the scenario, with the near name."""
    with pytest.raises(ManifestError) as refusal:
        check(WRONG)
    assert [(p.file, p.line, p.column, p.hint) for p in refusal.value.problems] == [
        ("play.yml", 2, 13, "Did you mean broken?"),
        ("play.yml", 3, 12, "Did you mean work?"),
        ("play.yml", 4, 15, "Did you mean hourly?"),
        ("play.yml", 5, 10, "Did you mean hook?"),
    ]
