"""Runs the app in forge-emu, in virtual time: `pytest`."""

import pytest

pytestmark = pytest.mark.forge_emu(seed=1, scope="module")


def test_a_burst_of_issues_loses_no_note(forge_emu):
    forge_emu.trigger("issue-created", count=1000)
    forge_emu.until_idle()
    assert forge_emu.dropped == []
    assert len([key for key in forge_emu.kvs if key.startswith("note:")]) == 1000


def test_a_note_has_what_the_issue_says(forge_emu):
    forge_emu.trigger("issue-created", key="EMU-7", sets={"issue.fields.summary": "Late"})
    forge_emu.until_idle()
    assert forge_emu.kvs["note:EMU-7"] == {"summary": "Late", "attempts": 1}
