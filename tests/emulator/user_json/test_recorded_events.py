"""Payloads of a file: how they are changed, noted and stored."""

from __future__ import annotations

import pytest

from forge_emu.control.contract import TriggerOrder
from forge_emu.emulator.user_json import recorded_events as r
from forge_emu.errors import UserError
from forge_emu.events import ThingNumbers
from forge_emu.model import RecordedEvent


def events(count: int) -> list[RecordedEvent]:
    """Payloads about issues."""
    return [
        RecordedEvent("issue-created", {"issue": {"key": f"EMU-{n}"}}, n)
        for n in range(1, count + 1)
    ]


def test_changes_are_made_to_each() -> None:
    """And its event is named in full."""
    order = r.checked_order(TriggerOrder("", 1, sets=[("issue.id", "7")], recorded=events(2)))
    assert order.count == 2
    assert {each.event for each in order.recorded} == {"avi:jira:created:issue"}
    assert [str(each.payload["issue"]["id"]) for each in order.recorded] == ["7", "7"]


def test_an_unknown_event_is_named_by_its_number() -> None:
    """The second of two."""
    wrong = [*events(1), RecordedEvent("nothing-known", {}, 0)]
    with pytest.raises(UserError, match="event 2: "):
        r.checked_order(TriggerOrder("", 2, recorded=wrong))


def test_issues_of_the_payloads_exist() -> None:
    """The next one made has the number after them."""
    numbers = ThingNumbers()
    r.note_things(events(12), numbers)
    assert numbers.next_issue == 13


@pytest.mark.parametrize("sent", [0, 99, 100, 101, 249, 250])
def test_rows_go_when_all_of_them_is_sent(sent: int) -> None:
    """What is left gives the events that are not sent."""
    every = events(250)
    rows = r.encode_rows("b", every)
    for id in r.sent_rows("b", 0, sent, 250):
        del rows[id]
    orders, found = r.split_rows({"b": b"order", **{k: v for k, v in rows.items() if v}})
    left = r.decode_rows(found.get("b", []), 250)
    assert orders == {"b": b"order"}
    assert left[sent:] == every[sent:]
