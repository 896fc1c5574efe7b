"""The invocations under way: known from their start to the last reader of their end."""

from __future__ import annotations

from forge_emu.records import InvocationFinished, InvocationStarted
from forge_emu.timeline.handlers import hand_out, merge_handlers
from forge_emu.timeline.invocations import ObservedInvocations
from forge_emu.timeline.timeline import Timeline
from tests.timeline.stream import Stream


def test_an_invocation_that_ends_is_known_to_those_before() -> None:
    """What one reader has noted is there, too; afterwards nothing of it is left."""
    invocations = ObservedInvocations()
    seen: list[tuple[str | None, str | None, str | None]] = []

    def note(body: InvocationFinished, at: int) -> None:
        found = invocations.by_id[body.invocation_id]
        seen.append((found.delivery, found.event, found.refused_by))

    handlers = merge_handlers(({InvocationFinished: note}, invocations.handlers))
    stream = Stream(lambda record: hand_out((record,), handlers))
    stream.sent(0, "p")
    stream.pushed(0, "e")
    first, second = stream.triggered(1, "p", key="one"), stream.started(2, "e")
    invocations.by_id[second].refused_by = "limit"
    stream.returned(3, first, "p")
    stream.finished(4, second, "e", "success")

    assert seen == [("p/one", "p", None), ("e", "e", "limit")]
    assert invocations.by_id == {}


def test_an_attempt_of_an_earlier_run_is_known_to_its_timeline_alone() -> None:
    """Its end in this run completes the track; the summary has never heard of it."""
    invocations = ObservedInvocations()
    timeline = Timeline(None, invocations)
    stream = Stream()
    stream.pushed(0, "e")
    interrupted = stream.started(5, "e")
    for record in stream.records:
        timeline.resume_from(record)
    assert invocations.by_id == {}

    stream.finished(9, interrupted, "e", "platform_error")
    timeline.add_record(stream.records[-1])

    (attempt,) = timeline.tracks["e"].attempts
    assert (attempt.number, attempt.started_at, attempt.finished_at) == (1, 5, 9)


def test_a_call_delivers_nothing() -> None:
    """It has no event whose attempt it is."""
    invocations = ObservedInvocations()
    body = InvocationStarted(
        invocation_id="i",
        function="f",
        module="resolver",
        module_key="r",
        attempt=1,
        instance="1",
        cold_start=True,
        call_id="c",
    )
    invocations.handlers[InvocationStarted](body, 0)

    found = invocations.by_id["i"]
    assert (found.delivery, found.event) == (None, None)
