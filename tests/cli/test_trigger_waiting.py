"""How far `trigger --wait` says an order is."""

from __future__ import annotations

from io import StringIO
from typing import cast

import pytest
from rich.console import Console

from forge_emu.cli.trigger import waiting
from forge_emu.cli.trigger.waiting import ended_of_all, rest_text, wait_until_settled
from forge_emu.control.client import Client
from forge_emu.control.contract import BatchStatus, TriggerReceipt


def _status(*, succeeded: int, pushed: int, pending: int, now: int = 0) -> BatchStatus:
    return BatchStatus(
        batch="b",
        total=10,
        sent=10,
        succeeded=succeeded,
        dropped=0,
        events_pushed=pushed,
        events_succeeded=pushed - pending,
        events_dropped=0,
        events_cancelled=0,
        events_pending=pending,
        pending=10 - succeeded,
        settled=succeeded == 10 and not pending,
        now=now,
    )


def test_the_bar_moves_while_queued_events_are_handled() -> None:
    """Each event that ends moves it, whether it is of a product or of a queue."""
    steps = [(0, 0, 0), (4, 4, 4), (10, 10, 10), (10, 10, 6), (10, 10, 1)]
    told = [ended_of_all(_status(succeeded=s, pushed=n, pending=p)) for s, n, p in steps]
    assert told == [(0, 10), (4, 14), (10, 20), (14, 20), (19, 20)]


def test_the_emulated_time_is_said_and_what_was_dropped() -> None:
    """While everything waits for a retry, this goes on."""
    status = _status(succeeded=10, pushed=10, pending=3, now=80_000)
    assert rest_text(status) == "1:20.000 emulated"


def test_waiting_ends_when_all_has_settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the emulator answers is asked for again until then."""
    answers = [
        _status(succeeded=4, pushed=4, pending=4),
        _status(succeeded=10, pushed=4, pending=0),
    ]
    pauses: list[float] = []
    monkeypatch.setattr(waiting, "sleep", pauses.append)

    class Answering:
        def batch_status(self, batch: str) -> BatchStatus:
            return answers.pop(0)

    receipt = TriggerReceipt(
        batch="b", event="avi:jira:created:issue", count=10, first="EMU-1", last="EMU-10"
    )
    wait_until_settled(cast(Client, Answering()), receipt, Console(file=StringIO()))
    assert (answers, len(pauses)) == ([], 1)
