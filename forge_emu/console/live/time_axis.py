"""Instants as columns: a time axis with round marks, and the attempts of one event on it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from rich.text import Text

from forge_emu.console import palette as p
from forge_emu.console.rows import Cell, text_from_cells
from forge_emu.model import Instant, Millis
from forge_emu.offsets import axis_label
from forge_emu.timeline.tracks import Track

_STEPS: tuple[Millis, ...] = tuple(
    1_000 * n
    for n in (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400)
)
_MARK_WIDTH = 9
_WAITS = "·─╌"


_LOSSES: Final = {"dropped": p.DROPPED, "expired": p.EXPIRED}


class Axis:
    """`width` columns from `start` to `end`, both on round marks so that frames stay still."""

    def __init__(self, first: Instant, last: Instant, width: int) -> None:
        self.width = max(width, 4)
        marks = max(2, self.width // _MARK_WIDTH)
        length = max(last - first, 5_000)
        days = -(-length // (marks * _STEPS[-1]))
        step = next((s for s in _STEPS if length <= s * marks), days * _STEPS[-1])
        self.step = step
        self.start = first // step * step
        self.end = max(-(-last // step) * step, self.start + step)

    def column(self, at: Instant) -> int:
        """The column of `at`, held within the axis."""
        share = (at - self.start) / (self.end - self.start)
        return min(self.width - 1, max(0, int(share * (self.width - 1) + 0.5)))

    def scale(self, now: Instant) -> Text:
        """The marks, and where now is."""
        cells: list[Cell] = [(" ", "")] * self.width
        at = self.start
        free = 0
        while at <= self.end:
            label = axis_label(at)
            column = min(self.column(at), self.width - len(label))
            if column >= free:
                cells[column : column + len(label)] = [(c, p.DIM) for c in label]
                free = column + len(label) + 1
            at += self.step
        column = self.column(now)
        around = cells[max(0, column - 1) : column + 3]
        if all(char == " " for char, _ in around) and column + 3 <= self.width:
            cells[column : column + 3] = [(c, p.ACCENT) for c in "now"]
        else:
            _clear_word(cells, column)
            cells[column] = ("▾", p.ACCENT)
        return text_from_cells(cells)

    def track_row(self, track: Track, now: Instant) -> Text:
        """Attempts as marks, waits as lines, deferrals as shade, the next delivery as a diamond."""
        cells: list[Cell] = [(" ", "")] * self.width
        began = track.attempts[0].started_at if track.attempts else track.next_due or now
        self._fill_columns(cells, track.first_at, began, ("·", p.DIM))
        # Due, but no instance was free: idle time that nobody asked for.
        for before, after in pairwise(track.attempts):
            if before.finished_at is not None:
                self._fill_columns(cells, before.finished_at, after.started_at, ("·", p.DIM))
        for retry in track.retries:
            asked = retry.asked_by == "app"
            wait = ("─", p.RETRY) if asked else ("╌", p.BAD)
            self._fill_columns(cells, retry.asked_at, retry.due_at, wait)
        for deferral in track.deferrals:
            self._fill_columns(cells, deferral.at, deferral.due_at, p.DEFERRED)
        present = self.column(now)
        if cells[present][0] in " " + _WAITS:
            cells[present] = ("│", p.ACCENT)
        for attempt in track.attempts:
            end = now if attempt.finished_at is None else attempt.finished_at
            self._fill_columns(cells, attempt.started_at, end, ("━", p.ACCENT))
            if attempt.outcome is None:
                cells[self.column(end)] = p.RUNNING
            else:
                cells[self.column(end)] = p.OUTCOMES.get(attempt.outcome, ("?", p.BAD))
        if track.next_due is not None:
            cells[self.column(track.next_due)] = p.DUE
        if track.ended_at is not None and (cell := _LOSSES.get(track.ending or "")):
            cells[min(self.width - 1, self.column(track.ended_at) + 1)] = cell
        return text_from_cells(cells)

    def _fill_columns(self, cells: list[Cell], first: Instant, last: Instant, cell: Cell) -> None:
        if last < self.start or first > self.end:
            return
        for column in range(self.column(first), self.column(last) + 1):
            cells[column] = cell


def _clear_word(cells: list[Cell], column: int) -> None:
    """Take away the word that lies over `column`: half a word would read as another time."""
    first = last = column
    while first >= 0 and cells[first][0] != " ":
        first -= 1
    while last < len(cells) and cells[last][0] != " ":
        last += 1
    for place in range(first + 1, last):
        cells[place] = (" ", "")


def axis_for(tracks: Sequence[Track], now: Instant, width: int) -> Axis:
    """The axis on which all of `tracks` that have not ended, and now, can be seen."""
    live = [t for t in tracks if t.ending is None] or tracks
    first = min((t.first_at for t in live), default=now)
    last = max((t.next_due or now for t in live), default=now)
    return Axis(min(first, now), max(last, now), width)
