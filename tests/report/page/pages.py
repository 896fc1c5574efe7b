"""Runs made by hand, as the page of the report shows them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from msgspec.structs import replace

from forge_emu.model import ErrorReport, LimitUsage
from forge_emu.records import KvsDone, KvsRefused
from forge_emu.report.page import PageBuilder, RunInfo, render_page
from forge_emu.report.summary_builder import SummaryBuilder
from forge_emu.reporting import BUILT_PAGE
from tests.timeline.stream import Stream

NASTY = "</script><script>document.title='broken'</script><img src=x onerror=alert(1)>&\u2028"
WRITES = "limits.kvs.write_units_per_minute"


class ReportedStream:
    """A stream, and everything that reads it for a report."""

    def __init__(self) -> None:
        self.summary = SummaryBuilder()
        self.builder = PageBuilder()
        self.stream = Stream(self.summary.add_record, self.builder.add_record)

    def html(
        self,
        now: int,
        about: RunInfo | None = None,
        payloads: dict[str, Any] | None = None,
        **more: Any,
    ) -> bytes:
        """The page as of `now`, with what is in events; `more` are fields of the summary."""
        usage = [LimitUsage(WRITES, "KVS writes", 0, 4_000, "units/min", 3, 3_990, 1_200.5)]
        summary = replace(self.summary.summary(now=now, usage=usage), **more)
        about = about or RunInfo(
            "1.0", "Sample", "ari:1", "forge-emu run", "2026-11-25T10:00:00.000Z"
        )
        template = BUILT_PAGE.read_text("utf-8")
        columns = self.builder.columns(now)
        if payloads is not None:
            columns["payloads"] = payloads
        return render_page(template, summary, columns, about)

    def write(self, file: Path, now: int, **more: Any) -> Path:
        """The page in a file."""
        file.write_bytes(self.html(now, **more))
        return file


def import_of_issues(
    events: int, played: ReportedStream | None = None, *, first: int = 0
) -> ReportedStream:
    """An import: every tenth event meets a limit, every hundredth is dropped, one has bad names.

    With `played`, more of one: so many events from the number `first` on.
    """
    played = played or ReportedStream()
    stream = played.stream
    if not first:
        stream.loaded()
    for n in range(first, first + events):
        at, id = n * 50, f"event-{n}"
        stream.sent(at, f"product-{n}", subject=NASTY if n == 0 else f"EMU-{n}")
        by = stream.triggered(at, f"product-{n}")
        stream.pushed(at + 5, id, by=by)
        stream.returned(at + 20, by, f"product-{n}")
        stream.product_succeeded(at + 20, f"product-{n}")
        if n % 100 == 7:
            _add_dropped_event(stream, at + 505, id, n)
        elif n % 10 == 0:
            _add_retried_event(stream, at + 505, id)
        else:
            _add_stored_event(stream, at + 505, id)
    return played


def _add_stored_event(stream: Stream, at: int, id: str) -> None:
    invocation = stream.started(at, id)
    stream.record(
        at + 5,
        KvsDone(operation="set", key=f"k-{id}", bytes=115_000, units=12, invocation_id=invocation),
    )
    stream.finished(at + 20, invocation, id)
    stream.ended(at + 20, id)


def _add_retried_event(stream: Stream, at: int, id: str) -> None:
    invocation = stream.started(at, id)
    stream.record(
        at + 5,
        KvsRefused(
            operation="set",
            key=NASTY,
            code="RATE_LIMIT_EXCEEDED",
            status=429,
            limit=WRITES,
            invocation_id=invocation,
            units=12,
        ),
    )
    stream.finished(at + 20, invocation, id, "retry_requested")
    stream.retry(at + 20, id, at + 30_020)
    _add_stored_event(stream, at + 30_020, id)


def _add_dropped_event(stream: Stream, at: int, id: str, n: int) -> None:
    error = ErrorReport("TypeError", f"{NASTY} number {n}", "at store (src/index.js:3:10)")
    stream.failed(at, id, outcome="error", error=error)
    stream.retry(at + 20, id, at + 5_020, by="platform")
    stream.failed(at + 5_020, id, outcome="error", error=error)
    stream.dropped(at + 5_040, id)
