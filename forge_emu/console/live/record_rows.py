"""The last records, those that the filter leaves, scrolled to where the developer reads."""

from __future__ import annotations

from bisect import bisect

from rich.text import Text

from forge_emu.console import palette as p
from forge_emu.console.format import escape, plural
from forge_emu.console.lines import record_line
from forge_emu.console.live.state import Screen, Snapshot
from forge_emu.console.rows import fit, row, title
from forge_emu.records import Record
from forge_emu.timeline.timeline import Timeline


def record_rows(snapshot: Snapshot, screen: Screen, width: int, height: int) -> list[Text]:
    """The section in at most `height` rows. Notes in `screen` which records keys scroll among."""
    if height < 2:
        return []
    timeline = snapshot.timeline
    found = _matching_records(timeline, screen)
    screen.record_numbers, screen.record_rows = [record.seq for record in found], height - 1
    last = len(found)
    if screen.last_record is not None:
        last = max(bisect(screen.record_numbers, screen.last_record), min(last, height - 1))
    first = max(0, last - height + 1)
    rows = [_title_row(timeline, screen, width, first, last, len(found))]
    if timeline.added <= 1 and height >= 4:
        words = " Nothing has happened yet."
        if snapshot.start_hint:
            words += f" In another terminal: {escape(snapshot.start_hint)}"
        rows.append(fit(row((words, p.DIM)), width))
        first = max(first, last - height + 2)
    for record in found[first:last]:
        context = timeline.lineage.context_of(record)
        rows.append(fit(record_line(record, wide=width >= 100, context=context), width))
    return rows


def _title_row(
    timeline: Timeline, screen: Screen, width: int, first: int, last: int, found: int
) -> Text:
    """How many there are; of those that are kept, which ones are shown and how many are hidden."""
    kept = len(timeline.recent)
    note = plural(timeline.added, "record")
    if screen.filter:
        note = f"{found:,} of the last {kept:,}"
    if screen.records_focused:
        which = f"{first + 1:,} to {last:,} of {found:,}" if found else "none"
        note = f"{which} of the last {kept:,}" if screen.filter else which
        note += ", End follows" if screen.last_record is not None else ", up scrolls"
    name = "▸ Records" if screen.records_focused else "Records"
    return title(name, width, note, p.RETRY if screen.filter or screen.records_focused else p.DIM)


def _matching_records(timeline: Timeline, screen: Screen) -> list[Record]:
    """Those of the last records whose line has the filter in it. Each line is written once."""
    if not screen.filter:
        screen.record_texts.clear()
        return list(timeline.recent)
    text = screen.filter.lower()
    texts = {}
    for record in timeline.recent:
        if (written := screen.record_texts.get(record.seq)) is None:
            context = timeline.lineage.context_of(record)
            written = record_line(record, context=context).plain.lower()
        texts[record.seq] = written
    screen.record_texts = texts
    return [record for record in timeline.recent if text in texts[record.seq]]
