"""A loop through the app's own writes: found, named by its lines, silent where there is none."""

from __future__ import annotations

from forge_emu.model import App, Trigger
from forge_emu.records import (
    InvocationStarted,
    ProductEventFiltered,
    ProductEventSent,
    RequestAnswered,
)
from forge_emu.report.advice.source_places import SourcePlaces
from forge_emu.report.summary import Advice
from forge_emu.report.summary_builder import SummaryBuilder
from tests.timeline.stream import Stream

UPDATED = "avi:jira:updated:issue"
COMMENTED = "avi:jira:commented:issue"


def run(stream: Stream, number: int, caused: str, filtered: str | None = None) -> None:
    """The handler of an updated issue writes, which makes the event `caused`."""
    id = f"i{number}"
    stream.record(0, InvocationStarted(
        invocation_id=id, function="on-event", module="trigger", module_key="on-update",
        attempt=1, instance="on-event/1", cold_start=False, product_event_id=f"p{number}",
    ))  # fmt: skip
    stream.record(1, RequestAnswered(
        service="fpp/app/jira", method="PUT", path="/rest/api/3/issue/EMU-1", status=204,
        account="a", invocation_id=id, events=[caused], place="src/index.js:4",
    ))  # fmt: skip
    sent(stream, number + 1, caused, id)
    if filtered is not None:
        body = ProductEventFiltered(
            product_event_id=f"p{number + 1}", trigger="on-update", reason=filtered
        )
        stream.record(2, body)


def sent(stream: Stream, number: int, name: str, caused_by: str | None = None) -> None:
    """A product event happened."""
    more = {} if caused_by is None else {"caused_by": caused_by}
    stream.record(
        0, ProductEventSent(product_event_id=f"p{number}", name=name, size_bytes=1, **more)
    )


def findings(*runs: tuple[str, str | None]) -> list[Advice]:
    """Those of a chain of runs, each with what its write caused."""
    builder = SummaryBuilder()
    trigger = Trigger("on-update", "on-event", (), 12)
    app = App("id", "Test", "manifest.yml", None, {}, (), (trigger,))
    builder.places = SourcePlaces(app)
    stream = Stream(builder.add_record)
    sent(stream, 0, UPDATED)
    for number, (caused, filtered) in enumerate(runs):
        run(stream, number, caused, filtered)
    return [each for each in builder.summary(now=9).advice if each.rule == "own_events"]


def test_a_loop_is_named_with_the_lines_of_the_write_and_of_the_trigger() -> None:
    """And with what ended it."""
    (found,) = findings((UPDATED, None), (UPDATED, None), (UPDATED, "cyclic_limit"))

    assert found.places == ["src/index.js:4", "manifest.yml:12"]
    assert found.message.startswith(
        "`on-event` hears of its own writes: 3 events `avi:jira:updated:issue`"
    )
    assert "The cyclic limit ended 1 loop." in found.message
    assert found.detail["stopped"] == 1


def test_events_that_are_ignored_or_of_another_name_are_no_loop() -> None:
    """Nothing is said then."""
    assert findings((UPDATED, "ignore_self")) == []
    assert findings((COMMENTED, None)) == []
