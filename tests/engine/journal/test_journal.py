"""Records are numbered, stamped and masked as they come in, and handed out once."""

from __future__ import annotations

import pytest

from forge_emu import records as r
from forge_emu.engine.journal.journal import Journal
from forge_emu.engine.journal.secrets import Secrets

EPOCH = 1_700_000_000_000


def log(message: str = "") -> r.Log:
    """Something that happened."""
    return r.Log(level="info", message=message)


def test_records_are_numbered_from_one_and_handed_out_once() -> None:
    """The numbers go on after that."""
    journal = Journal(0)
    assert journal.seq == 0
    journal.record(log(), 0)
    journal.record(log(), 5)
    assert [record.seq for record in journal.take_records()] == [1, 2]
    assert journal.take_records() == []
    journal.record(log(), 5)
    assert [record.seq for record in journal.take_records()] == [3]


def test_numbers_go_on_from_those_of_before_a_restart() -> None:
    """No number comes twice."""
    journal = Journal(0)
    journal.seq = 41
    journal.record(log(), 0)
    assert [record.seq for record in journal.take_records()] == [42]


@pytest.mark.parametrize("order", [(0, 0, 1, 1, 1_000), (1_000, 0, 1_000)])
def test_each_record_has_the_real_time_of_its_instant(order: tuple[int, ...]) -> None:
    """Also where many happen at one instant, or the first one happens at 0."""
    journal = Journal(EPOCH)
    for now in order:
        journal.record(log(), now)
    stamps = {
        0: "2023-11-14T22:13:20.000Z",
        1: "2023-11-14T22:13:20.001Z",
        1_000: "2023-11-14T22:13:21.000Z",
    }
    found = [(record.at, record.time) for record in journal.take_records()]
    assert found == [(now, stamps[now]) for now in order]


def test_what_is_a_secret_when_a_record_comes_in_is_masked() -> None:
    """What was recorded before it was one stays."""
    secrets = Secrets()
    journal = Journal(0, secrets)
    body = log("opensesame")
    journal.record(body, 0)
    secrets.add_variable("KEY", "opensesame")
    journal.record(body, 0)
    first, second = journal.take_records()
    assert first.body is body
    assert second.body == log("[KEY]")
