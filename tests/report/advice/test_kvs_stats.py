"""Counts of the store, and the findings from them: when each speaks, and when it is silent."""

from __future__ import annotations

import pytest

from forge_emu.records import KvsDone
from tests.report.advice.runs import advice_of
from tests.timeline.stream import Stream


def _stored(stream: Stream, key: str, size: int, units: int) -> None:
    invocation = stream.started(0, "e")
    stream.record(
        0,
        KvsDone(operation="set", key=key, bytes=size, units=units, invocation_id=invocation),
    )
    stream.finished(0, invocation, "e")


@pytest.mark.parametrize(
    ("writes", "size", "units", "speaks"),
    [
        (20, 1_200, 1, True),
        (19, 1_200, 1, False),
        (20, 11_000, 2, True),
        (20, 7_000, 1, False),
        (20, 115_000, 12, False),
    ],
)
def test_writes_that_round_up_badly_speak(writes: int, size: int, units: int, speaks: bool) -> None:
    """Half as much again paid as used; a batch is rounded up once."""

    def play(stream: Stream) -> None:
        stream.pushed(0, "e")
        for n in range(writes):
            _stored(stream, f"k{n}", size, units)

    found = advice_of(play)

    assert ("write_rounding" in found) is speaks
    if speaks:
        wanted = {1_200: "cost 3 units instead of 25", 11_000: "cost 28 units instead of 50"}
        assert wanted[size] in found["write_rounding"].message


@pytest.mark.parametrize(
    ("shared", "own", "speaks"), [(18, 2, True), (17, 3, False), (17, 1, False)]
)
def test_a_key_that_everybody_writes_speaks(shared: int, own: int, speaks: bool) -> None:
    """Nine in ten invocations, of at least twenty."""

    def play(stream: Stream) -> None:
        stream.pushed(0, "e")
        for n in range(shared + own):
            _stored(stream, "counter" if n < shared else f"k{n}", 9_000, 1)

    found = advice_of(play)

    assert ("hot_key" in found) is speaks
    if speaks:
        assert "`counter`" in found["hot_key"].message
        assert found["hot_key"].detail == {"key": "counter", "invocations": 18, "storing": 20}


def test_a_hot_key_is_found_among_any_number_of_others() -> None:
    """The count of keys is bounded; a key that everybody writes is never lost."""

    def play(stream: Stream) -> None:
        stream.pushed(0, "e")
        for n in range(3_000):
            invocation = stream.started(0, "e")
            for key in (f"k{n}", "counter"):
                stream.record(
                    0,
                    KvsDone(
                        operation="set", key=key, bytes=9_000, units=1, invocation_id=invocation
                    ),
                )
            stream.finished(0, invocation, "e")

    assert advice_of(play)["hot_key"].detail["key"] == "counter"


def _done(stream: Stream, operation: str, keys: list[str], size: int, units: int) -> None:
    invocation = stream.started(0, "e")
    stream.record(
        0,
        KvsDone(
            operation=operation,
            key=f"{keys[0]} and more",
            bytes=size,
            units=units,
            invocation_id=invocation,
            keys=keys,
        ),
    )
    stream.finished(0, invocation, "e")


@pytest.mark.parametrize("operation", ["batch_set", "transact"])
def test_a_hot_key_is_found_within_batches_and_transactions(operation: str) -> None:
    """Each of their keys counts as written."""

    def play(stream: Stream) -> None:
        stream.pushed(0, "e")
        for n in range(20):
            _done(stream, operation, [f"k{n}", "counter"], 200, 1)

    assert advice_of(play)["hot_key"].detail == {"key": "counter", "invocations": 20, "storing": 20}


def test_a_hot_key_is_found_in_large_batches() -> None:
    """A hundred keys of each invocation's own cost no more than a hundredth of the count."""

    def play(stream: Stream) -> None:
        stream.pushed(0, "e")
        for n in range(1_000):
            _done(stream, "batch_set", ["counter", *(f"k{n}:{i}" for i in range(99))], 200, 1)

    found = advice_of(play)["hot_key"].detail
    assert found["key"] == "counter"
    assert found["invocations"] >= 980


@pytest.mark.parametrize("operation", ["batch_get", "batch_delete", "query"])
def test_keys_that_are_only_read_or_removed_are_not_hot(operation: str) -> None:
    """Nothing is overwritten."""

    def play(stream: Stream) -> None:
        stream.pushed(0, "e")
        for _ in range(20):
            _done(stream, operation, ["counter"], 200, 1)

    assert "hot_key" not in advice_of(play)


def test_batches_are_not_told_to_use_batches() -> None:
    """Only values that were set one by one could have been set together."""

    def play(stream: Stream) -> None:
        stream.pushed(0, "e")
        for n in range(20):
            _done(stream, "batch_set", [f"k{n}"], 20, 1)

    assert "write_rounding" not in advice_of(play)


def test_the_batch_of_the_advice_has_as_many_keys_as_one_may_have() -> None:
    """By the setting in force."""

    def play(stream: Stream) -> None:
        stream.pushed(0, "e")
        for n in range(20):
            _stored(stream, f"k{n}", 1_200, 1)

    found = advice_of(play, limits__kvs__batch_keys=10)["write_rounding"]
    assert "10 such values in one `kvs.batchSet` cost 2 units instead of 10" in found.message
