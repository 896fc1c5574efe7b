"""`forge_emu.testing.Emulator`: what a test of an app can do, and what it sees."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from forge_emu.testing import CallError, Emulator, PushError, UserError
from tests.conftest import AppDir
from tests.testing.app import write_app


@pytest.fixture
def app(app_dir: AppDir) -> Path:
    return write_app(app_dir)


def test_events_are_followed_to_their_end(app: Path) -> None:
    """In no real time: counts, attempts, what was stored, what was printed."""
    with Emulator(app, seed=1, kvs={"slow": ["EMU-2"]}) as emu:
        receipt = emu.trigger("issue-created", count=3)
        assert (receipt.count, emu.queue("notes").pushed, emu.clock.now) == (3, 0, 0)
        emu.clock.advance("30s")
        assert (emu.queue("notes").pending, emu.clock.now) == (3, 30_000)
        summary = emu.until_idle()

        assert emu.dropped == []
        assert emu.clock.now == 180_000
        assert (emu.queue("notes").pending, emu.queue("notes").succeeded) == (0, 3)
        (slow,) = (event for event in emu.events if event.subject == "EMU-2")
        assert emu.event(slow.id) is slow
        assert [a.outcome for a in slow.attempts] == ["retry_requested", "success"]
        assert slow.logs == ["storing EMU-2"] * 2
        assert len(emu.logs) == 4
        assert emu.event(slow.product_event_id or "") in emu.product_events
        assert emu.kvs["note:EMU-1"] == {"done": True}
        assert sorted(emu.kvs) == ["note:EMU-1", "note:EMU-2", "note:EMU-3", "slow"]
        assert (summary.events.succeeded, summary.retries.total) == (3, 1)
        assert (summary.kvs.calls, summary.kvs.refused, summary.push.refused) == (10, 0, 0)
        assert summary.figure("attempts.max") == 2


def test_the_same_seed_gives_the_same_records(app: Path) -> None:
    """Ids and times too; another seed gives others."""

    def played(seed: int) -> list[object]:
        with Emulator(app, seed=seed) as emu:
            emu.trigger("issue-created", count=5, spread="1m")
            emu.until_idle()
            return [(record.at, record.body) for record in emu.records]

    assert played(1) == played(1) != played(2)


def test_a_failed_event_tells_its_story(app: Path) -> None:
    """An assertion that fails shows it."""
    with Emulator(app, kvs={"bad": ["EMU-1"]}, settings={"async_events.max_retries": 1}) as emu:
        emu.trigger("issue-created")
        emu.until_idle()
        (dropped,) = emu.dropped
    assert (dropped.state, dropped.reason) == ("dropped", "max_retries")
    assert dropped.attempts[0].error is not None
    assert dropped.attempts[0].error.message == "no EMU-1"
    assert "EMU-1: dropped (max_retries) after 2" in repr(dropped)
    assert "attempt 2" in dropped.story


def test_functions_are_called_and_queues_pushed(app: Path) -> None:
    """What they return, what they throw, and what a queue refuses."""
    with Emulator(app, settings={"limits.push.events_per_minute": 2}) as emu:
        assert emu.invoke("double", {"n": 21}) == 42
        with pytest.raises(CallError, match="double failed: error, KeyError") as thrown:
            emu.invoke("double", {})
        assert thrown.value.answer.error is not None
        first, second = emu.push("notes", {"key": "K-{n}"}, count=2, delay="5s")
        with pytest.raises(PushError, match=r"limits\.push\.events_per_minute"):
            emu.push("notes", {"key": "K-3"})
        assert (first.state, second.state, emu.queue("notes").pending) == ("pending", "pending", 2)
        emu.until_idle()
        assert {"note:K-1", "note:K-2"} <= set(emu.kvs)


def test_the_store_is_a_mapping_by_its_own_rules(app: Path) -> None:
    """It is written, read, deleted; what an app could not store is refused."""
    with Emulator(app) as emu:
        emu.kvs["a"] = {"b": [1]}
        emu.kvs.secrets["a"] = "hidden"
        assert (emu.kvs["a"], emu.kvs.secrets["a"]) == ({"b": [1]}, "hidden")
        del emu.kvs["a"]
        assert ("a" in emu.kvs, len(emu.kvs), len(emu.kvs.secrets)) == (False, 0, 1)
        with pytest.raises(KeyError):
            emu.kvs["a"]
        with pytest.raises(KeyError):
            del emu.kvs["a"]
        with pytest.raises(UserError, match="cannot hold"):
            emu.kvs["bad/key"] = 1
        with pytest.raises(UserError, match=r"a cannot be <object .*: Encoding"):
            emu.kvs["a"] = object()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"settings": {"limits.kvs.write": 1}}, "limits.kvs.write"),
        ({"limits": "none"}, "none"),
        ({"kvs": {"bad/key": 1}}, "cannot hold"),
        ({"kvs": "absent.json"}, "absent.json"),
        ({"faults": ["kvs.error"]}, "kvs.error"),
        ({"latency": "fast"}, "fast"),
        ({"sead": 3}, "an emulator has no option 'sead'"),
        ({"kvs": {"a": object()}}, "kvs cannot be"),
    ],
)
def test_wrong_options_are_one_clear_error(
    app: Path, options: dict[str, object], said: str
) -> None:
    """And nothing is left running."""
    with pytest.raises(UserError, match=said), Emulator(app, **options):  # type: ignore[arg-type]
        pytest.fail("it started")


def test_wrong_names_are_said(app: Path, tmp_path: Path) -> None:
    """Of an app, an event, a queue, a function, a span."""
    with pytest.raises(UserError, match="is no directory"), Emulator(tmp_path / "absent"):
        pytest.fail("it started")
    with Emulator(app) as emu:
        for call in (
            lambda: emu.trigger("isue-created"),
            lambda: emu.event("nothing"),
            lambda: emu.queue("nots"),
            lambda: emu.push("nots", {}),
            lambda: emu.invoke("dubble"),
            lambda: emu.clock.advance("soon"),
            lambda: emu.trigger("issue-created", sets={"issue.key": object()}),
        ):
            with pytest.raises(UserError):
                call()
    with pytest.raises(UserError, match="does not run"):
        emu.until_idle()


def test_in_a_coroutine_the_other_class_is_named(app: Path) -> None:
    """Two loops in one thread would wait for each other."""

    async def inside() -> None:
        with Emulator(app):
            pytest.fail("it started")

    with pytest.raises(UserError, match="runs here already"):
        asyncio.run(inside())


def test_a_call_moves_time_no_further_than_its_end(app: Path) -> None:
    """What is due later stays where it is."""
    with Emulator(app) as emu:
        emu.push("notes", {"key": "a"}, delay="60s")
        assert emu.invoke("double", {"n": 2}) == 4
        assert (emu.clock.now, emu.queue("notes").pending) == (0, 1)
        with pytest.raises(UserError):
            emu.invoke("nope")
        assert (emu.clock.now, emu.queue("notes").pending) == (0, 1)
        emu.until_idle()
        assert emu.clock.now == 60_000
