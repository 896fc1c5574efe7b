"""The rules about the app itself: when each speaks, and when it is silent."""

from __future__ import annotations

import pytest

from forge_emu.errors import Problem
from forge_emu.model import ErrorReport
from forge_emu.records import Log, RequestMocked, RequestUnsupported
from tests.report.advice.runs import advice_of
from tests.timeline.stream import BOOM, Stream


@pytest.mark.parametrize(
    ("alike", "others", "speaks"), [(9, 1, True), (8, 2, False), (4, 0, False)]
)
def test_one_error_behind_nearly_all_failures_speaks(alike: int, others: int, speaks: bool) -> None:
    """Nine in ten, of at least five."""

    def play(stream: Stream) -> None:
        stream.pushed(0, "e")
        for n in range(alike + others):
            error = BOOM if n < alike else ErrorReport("Other", "abcdefghij"[n])
            stream.failed(n, "e", outcome="error", error=error)

    assert ("same_error" in advice_of(play)) is speaks


@pytest.mark.parametrize(
    ("refusal", "cure"),
    [
        ("limits.push.events_per_minute", "a growing, random wait"),
        ("limits.push.payload_kb", "does not mend it"),
        (None, "does not mend it"),
    ],
)
def test_one_error_of_a_rate_is_not_called_beyond_mending(refusal: str | None, cure: str) -> None:
    """Where what refused has room again later, a retry is what helps."""

    def play(stream: Stream) -> None:
        stream.pushed(0, "e")
        for n in range(5):
            invocation = stream.started(n, "e")
            if refusal:
                stream.push_refused(n, by=invocation, limit=refusal)
            stream.finished(n, invocation, "e", "error", BOOM)

    message = advice_of(play)["same_error"].message
    assert cure in message
    assert ("does not mend" in message) is (cure == "does not mend it")


@pytest.mark.parametrize(
    ("outcome", "status", "words"),
    [
        ("error", 429, "a growing, random wait"),
        ("error", 503, "a growing, random wait"),
        ("error", 404, "does not mend it"),
        ("platform_error", 200, "delivers again by itself"),
        ("timeout", 200, None),
        ("interrupted", 200, None),
    ],
)
def test_one_error_says_who_can_mend_it(outcome: str, status: int, words: str | None) -> None:
    """A busy product passes, the platform's errors are its own, timeouts have their own rule.

    An interruption is no failure at all.
    """

    def play(stream: Stream) -> None:
        stream.pushed(0, "e")
        for n in range(5):
            invocation = stream.started(n, "e")
            stream.record(
                n,
                RequestMocked(
                    service="jira",
                    method="GET",
                    path="/",
                    status=status,
                    mock="forge-emu.yml:1",
                    invocation_id=invocation,
                ),
            )
            stream.finished(n, invocation, "e", outcome, BOOM)

    found = advice_of(play).get("same_error")
    assert (found is None) is (words is None)
    assert words is None or (found is not None and words in found.message)


def test_the_removed_storage_export_is_recognised_even_when_it_was_caught() -> None:
    """An app that logs the TypeError and asks for a retry never fails, and never stores."""
    text = (
        "TypeError: Cannot read properties of undefined (reading 'set')\n    at store (src/i.js:3)"
    )
    found = advice_of(lambda stream: stream.record(0, Log(level="error", message=text)))

    assert "`@forge/kvs`" in found["storage_undefined"].message


def test_product_events_nobody_listens_to_speak() -> None:
    """By the event's name."""

    def play(stream: Stream) -> None:
        stream.sent(0, "p", name="avi:jira:updated:issue")
        stream.product_dropped(0, "p", "no_trigger")

    assert "`avi:jira:updated:issue`" in advice_of(play)["no_trigger"].message


def test_a_queue_without_a_consumer_speaks() -> None:
    """By the queue's name."""

    def play(stream: Stream) -> None:
        stream.pushed(0, "e", queue="nowhere")
        stream.dropped(500, "e", "no_consumer")

    said = "1 event pushed to queue `nowhere` had no consumer and was dropped. "
    assert advice_of(play)["no_consumer"].message.startswith(said)


def test_a_single_event_whose_handler_does_not_load_is_one() -> None:
    """The words agree with the count."""

    def play(stream: Stream) -> None:
        stream.pushed(0, "e", queue="work")
        stream.dropped(500, "e", "not_loaded")

    said = "1 event had a handler that does not load. It was dropped; the other handlers ran."
    assert advice_of(play)["not_loaded"].message == said


def test_events_whose_handler_does_not_load_speak() -> None:
    """With the error that is to blame, and its place."""
    problem = Problem("src/panel.js", 3, 1, "no such export", rule="export")

    def play(stream: Stream) -> None:
        stream.loaded(problems=[problem])
        stream.sent(0, "p")
        stream.product_dropped(0, "p", "not_loaded")
        stream.pushed(0, "e", queue="work")
        stream.dropped(500, "e", "not_loaded")

    finding = advice_of(play)["not_loaded"]
    assert finding.message.startswith("2 events had a handler that does not load: src/panel.js:3:1")
    assert finding.places == ["src/panel.js:3"]


def test_calls_of_what_is_not_emulated_speak() -> None:
    """With method and path."""
    call = RequestUnsupported(
        service="jira", method="PUT", path="/x", message="not yet", invocation_id=None
    )

    assert "`PUT /x`" in advice_of(lambda stream: stream.record(0, call))["unsupported"].message


def test_the_removed_storage_import_is_repeated_with_place_and_fix() -> None:
    """File and line, and what to do; other findings of the build are not repeated."""
    removed = Problem(
        "src/index.js", 3, 10, "`storage` is gone", "Import `kvs`.", "warning", "storage-removed"
    )
    other = Problem("manifest.yml", 1, 1, "unknown event", severity="warning")
    found = advice_of(lambda stream: stream.loaded(problems=[removed, other]))

    assert {rule: a.message for rule, a in found.items()} == {
        "storage_removed": "src/index.js:3:10 `storage` is gone. Import `kvs`."
    }


@pytest.mark.parametrize(
    ("level", "message", "speaks"),
    [
        ("warn", "Log truncated: over 100 lines", True),
        ("info", "Log truncated: over 100 lines", False),
        ("warn", "the catalogue was truncated", False),
    ],
)
def test_truncated_logs_speak(level: str, message: str, speaks: bool) -> None:
    """The runtime's own notice counts, an app's words do not."""
    found = advice_of(lambda stream: stream.record(0, Log(level=level, message=message)))

    assert ("logs_truncated" in found) is speaks
