"""Requests that nothing answered, and the events that succeeded all the same."""

from __future__ import annotations

from typing import Any

from forge_emu.records import RequestRefused, RequestUnsupported
from forge_emu.report.collectors.missing_answers import MissingAnswersCollector
from forge_emu.report.summary import MissingAnswers
from forge_emu.timeline.handlers import hand_out, merge_handlers
from forge_emu.timeline.invocations import ObservedInvocations
from tests.timeline.stream import Stream


class Requests:
    """A stream whose invocations make requests."""

    def __init__(self) -> None:
        invocations = ObservedInvocations()
        self.collector = MissingAnswersCollector(invocations)
        handlers = merge_handlers((self.collector.handlers, invocations.handlers))
        self.stream = Stream(lambda record: hand_out((record,), handlers))

    @property
    def found(self) -> MissingAnswers:
        """What the summary says."""
        found: MissingAnswers = self.collector.result()["missing_answers"]
        return found

    def refuse(self, by: str | None, limit: str, mock: str | None = None) -> None:
        """A request to the outside was refused."""
        body: dict[str, Any] = {"service": "egress", "method": "GET", "host": "h", "path": "/"}
        self.stream.record(
            5,
            RequestRefused(
                **body, status=None, limit=limit, message="", mock=mock, invocation_id=by
            ),
        )

    def miss(self, by: str, mock: str) -> None:
        """A request to the platform got status 501."""
        self.stream.record(
            5,
            RequestUnsupported(
                service="jira", method="GET", path="/", message="", invocation_id=by, mock=mock
            ),
        )


def test_success_after_a_request_that_nothing_answered() -> None:
    """It counts once for each event, whichever of its attempts or triggers made how many."""
    requests = Requests()
    stream = requests.stream
    for n in range(3):
        stream.sent(n, f"p{n}")
        by = stream.triggered(n, f"p{n}")
        stream.pushed(n, f"e{n}", by=by)
        if n < 2:
            requests.miss(by, "a")
            requests.refuse(by, "egress.held_back", "b")
        stream.returned(n, by, f"p{n}")
        stream.product_succeeded(n, f"p{n}")

    assert requests.found == MissingAnswers(requests=4, product_events=2, mocks=["a", "b"])


def test_limits_are_answers() -> None:
    """A refusal by number or by time was the platform's."""
    requests = Requests()
    for limit in ("limits.egress.requests_per_runtime_minute", "limits.egress.request_seconds"):
        requests.refuse("i1", limit)

    assert requests.found == MissingAnswers()


def test_what_was_dropped_has_not_succeeded() -> None:
    """And a request outside of invocations belongs to no event."""
    requests = Requests()
    requests.stream.sent(0, "p")
    by = requests.stream.triggered(0, "p")
    requests.refuse(by, "egress.permission", "a")
    requests.refuse(None, "egress.https")
    requests.stream.product_dropped(1, "p", "max_retries", 1)

    first = "permissions.external.fetch.backend"
    mocks = [f"a  # first allow h in the manifest: {first}"]
    assert requests.found == MissingAnswers(requests=2, mocks=mocks)
