"""Which of the retried events a screen shows."""

from __future__ import annotations

import heapq
from typing import Literal, NamedTuple

from forge_emu.model import Instant
from forge_emu.timeline.tracks import Track

TrackOrder = Literal["due", "attempts"]
"""How retried events are ordered."""

SELECTABLE_BEYOND = 10
"""Events beyond a window that can be selected next."""


class TrackWindow(NamedTuple):
    """Some of the retried events, how many come before and after, the ids to select from, and how
    many a filter hides."""

    tracks: list[Track]
    before: int
    after: int
    selectable: list[str]
    hidden: int


def window_of(
    tracks: list[Track],
    untracked: int,
    most: int,
    matching: str,
    around: str | None,
    order: TrackOrder,
) -> TrackWindow:
    """Up to `most` of `tracks`, from the first one or further down where only that shows `around`.

    `untracked` are there, too, and nothing more is known of them.
    """
    by_order = _by_next_due if order == "due" else _by_attempts
    total = len(tracks) + untracked
    if matching:
        text = matching.lower()
        tracks = [t for t in tracks if t.matches(text)]
        untracked = 0
    known = len(tracks)
    before = 0
    if any(t.id == around for t in tracks):
        tracks.sort(key=by_order)
        index = next(i for i, t in enumerate(tracks) if t.id == around)
        before = max(0, index - most + 1)
    else:
        tracks = heapq.nsmallest(most + SELECTABLE_BEYOND, tracks, key=by_order)
    shown = tracks[before : before + most]
    first = max(0, before - SELECTABLE_BEYOND)
    reach = [t.id for t in tracks[first : before + most + SELECTABLE_BEYOND]]
    after = known - before - len(shown) + untracked
    return TrackWindow(shown, before, after, reach, total - known - untracked)


def _by_next_due(track: Track) -> tuple[Instant, str]:
    if track.next_due is not None:
        return track.next_due, track.id
    return track.running_since or 0, track.id


def _by_attempts(track: Track) -> tuple[int, Instant, str]:
    return -track.attempts_made, *_by_next_due(track)
