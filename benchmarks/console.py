"""What a frame of the console and a record cost, beside a bare table of rich on the same machine.

Run it: `python benchmarks/console.py`. Compare the ratios, never the times of two machines.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from functools import partial

from rich.console import Console, RenderableType
from rich.table import Table

from forge_emu.console.live.state import Snapshot, ViewState
from forge_emu.console.live.view import render
from forge_emu.model import LimitUsage
from forge_emu.records import (
    AnyBody,
    EventPushed,
    InvocationFinished,
    InvocationStarted,
    Record,
    RetryScheduled,
)
from forge_emu.report.summary_builder import SummaryBuilder
from forge_emu.timeline.timeline import Timeline

EVENTS = 20_000


def sample_records() -> list[Record]:
    """Many events, each pushed, run once and waiting for a retry."""
    bodies: list[AnyBody] = []
    for n in range(EVENTS):
        id, invocation = f"{n:08x}-0000-4000-8000-000000000000", f"i{n}"
        bodies += [
            EventPushed(
                event_id=id, job_id="j", queue="q", due_at=0, size_bytes=9, invocation_id="i"
            ),
            InvocationStarted(
                invocation_id=invocation, function="f", module="consumer", module_key="k",
                attempt=1, instance="w", cold_start=False, event_id=id, queue="q",
            ),
            InvocationFinished(
                invocation_id=invocation, function="f", outcome="retry_requested", duration_ms=1,
                event_id=id,
            ),
            RetryScheduled(
                retry_count=1, retry_reason="R", retry_after_ms=1, due_at=60_000 + n,
                asked_by="app", event_id=id, queue="q",
            ),
        ]  # fmt: skip
    return [Record(seq, seq, "", body) for seq, body in enumerate(bodies, 1)]


def bare_table() -> Table:
    """Forty rows of six cells, as a console might draw them without further thought."""
    found = Table(expand=True)
    for name in ("id", "queue", "state", "attempts", "next", "error"):
        found.add_column(name)
    for n in range(40):
        found.add_row(f"event-{n}", "queue", "waiting", str(n), "next in 40 s", "Error: boom")
    return found


def best_milliseconds(
    console: Console, draw: Callable[[], RenderableType], times: int = 20
) -> float:
    """The best of `times`."""
    best = float("inf")
    for _ in range(times):
        began = time.perf_counter()
        console.print(draw())
        best = min(best, time.perf_counter() - began)
    return best * 1000


def frame_of(snapshot: Snapshot, width: int, height: int) -> RenderableType:
    """One frame."""
    return render(ViewState(snapshot), width, height)


def main() -> None:
    """Print costs and ratios."""
    timeline, builder, stream = Timeline(), SummaryBuilder(), sample_records()
    began = time.perf_counter()
    for record in stream:
        timeline.add_record(record)
    fed = time.perf_counter()
    whole = SummaryBuilder()
    for record in stream:
        whole.add_record(record)
    summed = time.perf_counter()
    for record in stream:
        builder.add_record(record)
    passed = time.perf_counter()
    count = len(stream) / 1e6
    print(f"timeline          {(fed - began) / count:6.1f} us a record")
    print(f"summary           {(summed - fed) / count:6.1f} us a record")
    print(f"summary, not mine {(passed - summed) / count:6.1f} us a record")

    usage = [LimitUsage("x", "events pushed", 412, 500, "events/min", 3, 500)] * 4
    snapshot = Snapshot(timeline, usage, 50_000, 60.0, 42, "current", "sample-app")
    for width, height in ((80, 24), (160, 50)):
        console = Console(
            file=io.StringIO(), width=width, height=height, force_terminal=True, _environ={}
        )
        frame = best_milliseconds(console, partial(frame_of, snapshot, width, height))
        bare = best_milliseconds(console, bare_table)
        size = f"{width}x{height}"
        print(
            f"frame {size:<7} {frame:9.1f} ms, a bare table {bare:.1f} ms: {frame / bare:.2f} of it"
        )


if __name__ == "__main__":
    main()
