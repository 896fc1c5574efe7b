"""What was not awaited: counted by function, named by line, silent where all is awaited."""

from __future__ import annotations

import pytest

from forge_emu.model import Unanswered, UnansweredCall
from forge_emu.records import Record, RequestLost
from forge_emu.report.advice import unawaited
from forge_emu.report.advice.source_places import SourcePlaces
from forge_emu.report.summary import Advice
from forge_emu.report.summary_builder import SummaryBuilder
from tests.report.advice.runs import advice_of
from tests.timeline.stream import BOOM, Stream

UNANSWERED = Unanswered(
    3,
    [
        UnansweredCall("kvs.get", "seen:EMU-1:a", 2, "src/index.js:3"),
        UnansweredCall("queue.push", "work", 1),
    ],
)
SOURCE = """\
export const created = async () => {
  ['a', 'b'].forEach(async (who) => {
    await kvs.get(who);
    await queue.push({ body: { who } });
  });
};
"""


def play(stream: Stream, *, outcome: str = "success") -> None:
    """Two invocations that return too early, and a request of each that is lost later."""
    for number in range(2):
        stream.pushed(0, f"e{number}")
        invocation = stream.started(1, f"e{number}")
        error = BOOM if outcome == "error" else None
        stream.finished(2, invocation, f"e{number}", outcome, error, unanswered=UNANSWERED)


def lose(stream: Stream, invocation: str, place: str | None = "src/index.js:4") -> None:
    """A request is lost."""
    lost = RequestLost(call="queue.push", target="work", place=place, invocation_id=invocation)
    stream.record(3, lost)


def finding(stream_with: str = SOURCE) -> Advice:
    """The finding, with sources."""
    builder = SummaryBuilder()
    builder.places = SourcePlaces(read=lambda: {"src/index.js": stream_with})
    play(Stream(builder.add_record))
    return next(a for a in builder.summary(now=9).advice if a.rule == "not_awaited")


def test_requests_without_an_answer_speak() -> None:
    """With their number, the calls, and how to mend it."""
    found = advice_of(play)["not_awaited"]
    assert found.message.startswith(
        "`store` returned in 2 invocations before 6 requests had an answer (`kvs.get`, "
    )
    assert "`for (const x of xs) { await … }`" in found.message
    assert "lost" not in found.message
    assert found.places == ["src/index.js:3"]
    assert found.detail["requests"] == 6


def test_the_loop_around_the_call_is_a_place() -> None:
    """Of the same file and above it; other loops are not."""
    assert finding().places == ["src/index.js:2", "src/index.js:3"]
    below = "\n\n\n\n" + SOURCE
    assert finding(below).places == ["src/index.js:3"]


def test_lost_requests_are_counted() -> None:
    """Also those of an invocation that had no unanswered request at its return."""

    def timers(stream: Stream) -> None:
        stream.pushed(0, "e")
        invocation = stream.started(1, "e")
        stream.finished(2, invocation, "e")
        lose(stream, invocation)
        lose(stream, "unknown")

    found = advice_of(timers)["not_awaited"]
    assert found.message.startswith("`store` made requests after its return (`queue.push`).")
    assert "1 request of it was lost here." in found.message
    assert found.places == ["src/index.js:4"]


def test_python_is_told_in_its_own_words() -> None:
    """By the ending of the file."""

    def tasks(stream: Stream) -> None:
        stream.pushed(0, "e")
        invocation = stream.started(1, "e")
        lose(stream, invocation, "src/index.py:7")

    assert "asyncio.gather" in advice_of(tasks)["not_awaited"].message


def test_what_a_failed_handler_leaves_behind_does_not_speak() -> None:
    """`Promise.all` rejects with its first error while others are under way."""
    assert "not_awaited" not in advice_of(lambda stream: play(stream, outcome="error"))


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many invocations there are."""
    monkeypatch.setattr(unawaited, "_MOST_INVOCATIONS", 10)
    monkeypatch.setattr(unawaited, "_MOST_PLACES_COUNTED", 5)
    collector = unawaited.UnawaitedCollector()

    def add(record: Record) -> None:
        if (handle := collector.handlers.get(type(record.body))) is not None:
            handle(record.body, record.at)

    stream = Stream(add)
    for n in range(20):
        stream.pushed(0, f"e{n}")
        invocation = stream.started(1, f"e{n}")
        lose(stream, invocation, f"src/index.js:{n}")
    assert len(collector._function_by_invocation) == 10
    assert len(collector.functions["store"].places) == 5
    assert collector.functions["store"].lost == 20
