"""One frame of the console: exactly `height` rows of at most `width` columns. Pure.

Everything that could grow with the number of events is windowed, so a frame costs the same after
ten events and after a hundred thousand.
"""

from __future__ import annotations

from rich.cells import cell_len
from rich.console import RenderableType
from rich.text import Text

from forge_emu.console import palette as p
from forge_emu.console.format import LAG_SHOWN, escape, lag_text
from forge_emu.console.live.footer import footer_rows
from forge_emu.console.live.gauges import queue_rows, usage_rows
from forge_emu.console.live.overlays import overlay_rows
from forge_emu.console.live.record_rows import record_rows
from forge_emu.console.live.retries import retry_rows, selected_row
from forge_emu.console.live.state import Screen, Snapshot, ViewState
from forge_emu.console.live.wave import wave_rows
from forge_emu.console.rows import Frame, cut, fit, justify, row, side_by_side
from forge_emu.offsets import clock_text

SIDE_BY_SIDE = 120
"""Columns from which queues and limits stand next to each other."""
_LEAST_RECORDS = 4
_LEAST_FOR_PAGE = 16
"""Rows from which the link to the live page may have one of its own."""


def render(state: ViewState, width: int, height: int) -> RenderableType:
    """The frame for a terminal of `width` columns and `height` rows."""
    return Frame(frame_rows(state, max(20, width), max(8, height)))


def frame_rows(state: ViewState, width: int, height: int) -> list[Text]:
    """The rows of the frame."""
    snapshot, screen = state.snapshot, state.screen
    rows = _header_rows(snapshot, width, height)
    foot = footer_rows(snapshot, screen, width)
    room = height - len(rows) - len(foot)
    rows += _gauge_rows(snapshot, width, max(2, min(room - 7, max(11, room * 2 // 5))))
    rows += wave_rows(snapshot.attempts, width, height)
    room = height - len(rows) - len(foot)
    if screen.overlay:
        rows += overlay_rows(snapshot, screen, width, max(2, room))
    else:
        rows += _middle_rows(snapshot, screen, width, room)
    rows = rows[: height - len(foot)]
    rows += [fit(row(), width) for _ in range(height - len(foot) - len(rows))]
    return rows + foot


def _speed_text(snapshot: Snapshot) -> str:
    """`x20`, and what this machine reaches of it where that is less."""
    if snapshot.speed is None:
        return "virtual"
    if snapshot.lag_ms >= LAG_SHOWN:
        return lag_text(snapshot.lag_ms)
    measured = snapshot.measured_speed
    if measured is None or measured > 0.9 * snapshot.speed:
        return f"x{snapshot.speed:g}"
    return f"x{snapshot.speed:g} (this machine: x{measured:.2g})"


def _header_rows(snapshot: Snapshot, width: int, height: int) -> list[Text]:
    state, style = "delivering", p.GOOD
    if snapshot.stopping:
        state, style = "draining", p.RETRY
    elif snapshot.paused:
        state, style = "paused", f"{p.RETRY} reverse"
    right = row((f" {state} ", style))
    facts = [
        (clock_text(snapshot.now), p.ACCENT),
        (_speed_text(snapshot), p.DIM if snapshot.speed == 1 else p.ACCENT),
        (f"limits {snapshot.limits}", p.DIM if snapshot.limits == "current" else p.RETRY),
        (escape(snapshot.next_run or ""), p.DIM),
        (f"seed {snapshot.seed}", p.DIM),
        (snapshot.page or snapshot.url or "", p.DIM),
    ]
    room = width - right.cell_len - 1
    left = row((" forge-emu ", f"{p.TITLE} reverse"))
    # The name gives way to clock and speed.
    most = room - left.cell_len - sum(len(fact) + 2 for fact, _ in facts[:2]) - 2
    name = escape(snapshot.app_name)
    left.append(
        f" {name if cell_len(name) <= most else cut(name, max(most, 8)).rstrip()} ", p.TITLE
    )
    for fact, fact_style in facts:
        if fact and left.cell_len + len(fact) + 2 <= room:
            left.append(f"  {fact}", fact_style)
    rows = [justify(left, right, width)]
    if snapshot.page and snapshot.page not in left.plain and height >= _LEAST_FOR_PAGE:
        rows.append(fit(row((" o ", p.ACCENT), ("page ", p.DIM), (snapshot.page, p.ACCENT)), width))
    errors = [x for x in snapshot.problems if x.severity == "error"]
    if errors:
        more = f" and {len(errors) - 1} more" if len(errors) > 1 else ""
        words = f" ✗ build failed{more} (e shows it): {escape(str(errors[0]))}"
        rows.append(fit(row((words, p.ALERT)), width))
    return rows


def _gauge_rows(snapshot: Snapshot, width: int, height: int) -> list[Text]:
    if width >= SIDE_BY_SIDE:
        left = min(72, max(60, width * 4 // 9))
        most = max(height, len(snapshot.usage) + 1)
        return side_by_side(
            queue_rows(snapshot.timeline, left, most),
            usage_rows(snapshot.usage, width - left - 2, most),
            left,
            width,
        )
    queues = len(snapshot.timeline.queues) + 2
    limits = len(snapshot.usage) + 1 if snapshot.usage else 0
    if queues + limits > height:
        queues = min(queues, max(4, height - limits))
        limits = max(0, height - queues)
    rows = queue_rows(snapshot.timeline, width, queues)
    return rows + (usage_rows(snapshot.usage, width, limits) if limits > 1 else [])


def _middle_rows(snapshot: Snapshot, screen: Screen, width: int, height: int) -> list[Text]:
    """Retries above, records below; what one does not need the other gets."""
    timeline = snapshot.timeline
    chosen = selected_row(snapshot, screen, width)
    wanted = len(timeline.tracks) + min(len(timeline.ended), 6) + (3 if chosen else 2)
    least = min(_LEAST_RECORDS + 1, height // 2)
    share = min(wanted, max(height * 2 // 3, 3), height - least)
    if not timeline.tracks and not timeline.ended:
        share = min(1, height)
    rows = retry_rows(snapshot, screen, width, share - (1 if chosen else 0))
    if chosen:
        rows.append(chosen)
    return rows + record_rows(snapshot, screen, width, height - len(rows))
