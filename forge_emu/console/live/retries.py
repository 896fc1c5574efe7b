"""The rows of retried events: id, attempts over time, and the time to the next delivery."""

from __future__ import annotations

from rich.text import Text

from forge_emu import settings as s
from forge_emu.console import palette as p
from forge_emu.console.format import escape, plural, short_id
from forge_emu.console.live.state import Screen, Snapshot
from forge_emu.console.live.time_axis import axis_for
from forge_emu.console.rows import cut, fit, row, title
from forge_emu.durations import countdown_text, duration_text
from forge_emu.model import MINUTE, Instant
from forge_emu.settings import Settings
from forge_emu.timeline.tracks import Track
from forge_emu.timeline.windows import TrackWindow

_ID, _SUBJECT, _NEXT = 8, 9, 15


def retry_rows(snapshot: Snapshot, screen: Screen, width: int, height: int) -> list[Text]:
    """The section in at most `height` rows. Notes in `screen.rows` which events it shows."""
    timeline, now = snapshot.timeline, snapshot.now
    room = max(0, height - 2)
    window = timeline.next_tracks(room, screen.filter, screen.selected, screen.order)
    if (window.before or window.after) and room > 1:
        # The last row says how many are left out.
        window = timeline.next_tracks(room - 1, screen.filter, screen.selected, screen.order)
    tracks, screen.rows = window.tracks, window.selectable
    left_out = window.before + window.after
    free = room - len(tracks) - (1 if left_out else 0)
    ended = timeline.last_ended(min(free, room // 2 + 1), screen.filter)
    shown = tracks + ended
    rows = [_title_row(window, screen, width)]
    if not shown or height < 3:
        return rows[: max(1, height)]
    wide = width >= 120
    place = 16 if wide else 0
    cause = min(46, (width - 90) // 2 + 15) if wide else 0
    attempts = _attempts_width(snapshot)
    fixed = 1 + _ID + 1 + _SUBJECT + 1 + place + attempts + 2 + _NEXT + cause
    axis_width = width - fixed
    if axis_width < 12:
        axis_width = max(4, axis_width + _SUBJECT + 1)
        subject = 0
    else:
        subject = _SUBJECT
    axis = axis_for(shown, now, axis_width)
    lead = 1 + _ID + 1 + (subject + 1 if subject else 0) + place + attempts + 1
    rows.append(fit(row((" " * lead, "")).append_text(axis.scale(now)), width))
    for track in shown:
        text = _track_columns(track, track.id == screen.selected, subject, place)
        text.append(f"{_attempts_text(track, snapshot):>{attempts}} ", p.DIM)
        text.append_text(axis.track_row(track, now))
        text.append(" ")
        words, style = _next_delivery_text(track, now, snapshot.paused)
        text.append(cut(words, _NEXT - 1), style)
        if cause:
            text.append(" ")
            text.append(cut(_cause_text(track), cause - 1), p.DIM)
        rows.append(fit(text, width))
    if left_out:
        rows.append(fit(row((left_out_text(window.before, window.after), p.DIM)), width))
    return rows


def left_out_text(before: int, after: int) -> str:
    """How many events there is no room for, above the shown ones and below."""
    above = f"{before:,} above" if before else ""
    below = f"and {after:,} more" if after else ""
    return f"  … {', '.join(words for words in (above, below) if words)}"


def selected_row(snapshot: Snapshot, screen: Screen, width: int) -> Text | None:
    """What is known of the selected event, on one row; None where a filter hides it."""
    track = snapshot.timeline.tracks.get(screen.selected or "")
    if track is None or (screen.filter and not track.matches(screen.filter.lower())):
        return None
    words = [escape(track.place), plural(track.attempts_made, "attempt"), _cause_text(track)]
    return fit(row((" ▸ ", p.ACCENT), (" · ".join(w for w in words if w), p.PLAIN)), width)


def _track_columns(track: Track, selected: bool, subject: int, place: int) -> Text:
    style = "reverse" if selected else p.DIM if track.ending else p.ACCENT
    text = row(
        ("▸" if selected else " ", p.ACCENT),
        (cut(short_id(track.id.partition("/")[0]), _ID), style),
        (" ", ""),
    )
    if subject:
        name = escape(track.subject) if track.subject else "" if place else escape(track.place)
        text.append(cut(name, subject) + " ", p.DIM if track.ending else p.TITLE)
    if place:
        text.append(cut(escape(track.place), place - 1) + " ", p.DIM)
    return text


def _title_row(window: TrackWindow, screen: Screen, width: int) -> Text:
    """How many there are, how many of them a filter leaves, and the order."""
    total = window.before + len(window.tracks) + window.after
    all_of_them = f" of {total + window.hidden:,}" if screen.filter else ""
    note = f"{total:,}{all_of_them} under way"
    if not total + window.hidden:
        note = "nothing is being retried"
    elif screen.order == "attempts":
        note += ", by attempts"
    return title("Retries", width, note, p.RETRY if total else p.DIM)


def _most_attempts(track: Track, snapshot: Snapshot) -> int | None:
    """How many attempts an event has: a first one, and the retries that its kind may have."""
    # A product event has a track for each of its triggers.
    setting = s.PRODUCT_MAX_RETRIES if "/" in track.id else s.ASYNC_MAX_RETRIES
    retries = (snapshot.settings or Settings())[setting]
    return None if retries is None else int(retries) + 1


def _attempts_text(track: Track, snapshot: Snapshot) -> str:
    """`2/5`; `7x` where there may be any number, or where some have not counted."""
    most = _most_attempts(track, snapshot)
    made = track.attempts_made
    return f"{min(made, 999)}x" if most is None or made > most else f"{made}/{most}"


def _attempts_width(snapshot: Snapshot) -> int:
    settings = snapshot.settings or Settings()
    most = max(settings[s.PRODUCT_MAX_RETRIES] or 0, settings[s.ASYNC_MAX_RETRIES] or 0) + 1
    return max(3, 2 * len(f"{most:.0f}") + 1)


def _next_delivery_text(track: Track, now: Instant, paused: bool) -> tuple[str, str]:
    if track.ending == "succeeded":
        return "succeeded", p.GOOD
    if track.ending:
        return track.ending, p.DIM if track.ending == "cancelled" else p.ALERT
    if track.next_due is not None:
        if track.next_due <= now:
            return ("due, paused" if paused else "due"), p.RETRY
        wait = countdown_text(track.next_due - now)
        words = f"next in {wait}"
        return (words if len(words) < _NEXT else f"in {wait}"), p.RETRY
    since = track.running_since
    if since is not None:
        took = now - since
        # Whole minutes of a long one: there is no room for more.
        return f"running {duration_text(took - took % MINUTE if took > MINUTE else took)}", p.ACCENT
    # Ended badly without a retry: it is kept until its retention window ends.
    return "waits to end", p.DIM


def _cause_text(track: Track) -> str:
    """Why it is retried: the last failure, the reason of the retry, or the limit."""
    if track.ending == "dropped":
        return track.reason or ""
    failure = track.last_failure
    if track.deferrals and (failure is None or track.deferrals[-1].at > (failure.finished_at or 0)):
        return f"deferred by {escape(track.deferrals[-1].limit)}"
    if failure is None:
        return ""
    if failure.error:
        return escape(f"{failure.error.name}: {failure.error.message}")
    if failure.refused_by:
        return f"⊘ {escape(failure.refused_by.removeprefix('limits.'))}"
    if failure.outcome == "retry_requested" and track.retries:
        return escape(track.retries[-1].reason)
    return p.OUTCOME_WORDS.get(failure.outcome or "", "")
