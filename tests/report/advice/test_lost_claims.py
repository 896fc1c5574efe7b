"""Work that was claimed, failed, and was left alone because of its own claim."""

from __future__ import annotations

import pytest

from forge_emu.records import EventPushed, KvsDone, KvsRefused, RequestMocked
from tests.report.advice.runs import advice_of
from tests.timeline.stream import Stream


def _set(stream: Stream, at: int, by: str, key: str) -> None:
    stream.record(at, KvsDone(operation="set", key=key, bytes=9, units=1, invocation_id=by))


def _taken(stream: Stream, at: int, by: str, key: str, limit: str = "kvs.key_policy") -> None:
    body = KvsRefused(
        operation="set", key=key, code="KEY_CONFLICT", status=409, limit=limit, invocation_id=by
    )
    stream.record(at, body)


@pytest.mark.parametrize("outcome", ["timeout", "error", "out_of_memory", "retry_requested"])
def test_a_claim_that_outlives_its_attempt_speaks(outcome: str) -> None:
    """The next attempt finds it and ends well: nobody has done the work."""

    def play(stream: Stream) -> None:
        for n in range(3):
            stream.pushed(0, f"e{n}")
            first = stream.started(1, f"e{n}")
            _set(stream, 2, first, f"claim-{n}")
            stream.finished(3, first, f"e{n}", outcome)
            again = stream.started(10, f"e{n}")
            _taken(stream, 11, again, f"claim-{n}")
            stream.finished(12, again, f"e{n}")
            stream.ended(12, f"e{n}")

    found = advice_of(play)
    assert found["lost_claim"].detail == {
        "function": "store",
        "events": 3,
        "key": "claim-0",
        "ended": outcome,
    }
    assert "kvs_rejected" not in found
    assert not {word for word in ("limit", "retryAfter") if word in found["lost_claim"].message}


def _other_key(stream: Stream, by: str) -> None:
    _taken(stream, 11, by, "another")


def _other_rule(stream: Stream, by: str) -> None:
    _taken(stream, 11, by, "claim", "kvs.key")


@pytest.mark.parametrize("meets", [_other_key, _other_rule, lambda stream, by: None])
def test_other_refusals_are_no_lost_claim(meets: object) -> None:
    """Only its own claim, met again."""

    def play(stream: Stream) -> None:
        stream.pushed(0, "e")
        first = stream.started(1, "e")
        _set(stream, 2, first, "claim")
        stream.finished(3, first, "e", "timeout")
        again = stream.started(10, "e")
        assert callable(meets)
        meets(stream, again)
        stream.finished(12, again, "e")

    assert "lost_claim" not in advice_of(play)


@pytest.mark.parametrize("work", ["set", "push", "request"])
def test_a_key_that_is_set_after_some_work_may_say_that_it_is_done(work: str) -> None:
    """Then the next attempt is right to do nothing."""

    def play(stream: Stream) -> None:
        stream.pushed(0, "e")
        first = stream.started(1, "e")
        if work == "set":
            _set(stream, 2, first, "result")
        elif work == "push":
            body = EventPushed(
                event_id="f", job_id="j", queue="q", due_at=9, size_bytes=1, invocation_id=first
            )
            stream.record(2, body)
        else:
            body_of_request = RequestMocked(
                service="jira",
                method="POST",
                path="/",
                status=201,
                mock="forge-emu.yml:1",
                invocation_id=first,
            )
            stream.record(2, body_of_request)
        _set(stream, 3, first, "done")
        stream.finished(4, first, "e", "timeout")
        again = stream.started(10, "e")
        _taken(stream, 11, again, "done")
        stream.finished(12, again, "e")

    assert "lost_claim" not in advice_of(play)


def test_a_claim_of_another_event_is_no_lost_one() -> None:
    """Two events for one thing: the second rightly does nothing."""

    def play(stream: Stream) -> None:
        stream.pushed(0, "a")
        stream.pushed(0, "b")
        first = stream.started(1, "a")
        _set(stream, 2, first, "claim")
        stream.finished(3, first, "a", "timeout")
        other = stream.started(4, "b")
        _taken(stream, 5, other, "claim")
        stream.finished(6, other, "b")

    assert "lost_claim" not in advice_of(play)
