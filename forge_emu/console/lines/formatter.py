"""One record, one line: when, what, which event, what became of it."""

from __future__ import annotations

from typing import Any, Final

from rich.text import Text

from forge_emu.console import palette as p
from forge_emu.console.format import escape, short_id
from forge_emu.console.lines.app_rows import APP_ROWS
from forge_emu.console.lines.delivery_rows import DELIVERY_ROWS
from forge_emu.console.lines.row import RowOf, StyledText
from forge_emu.console.lines.service_rows import SERVICE_ROWS
from forge_emu.offsets import offset_text, short_offset_text
from forge_emu.records import Log, Record
from forge_emu.timeline.lineage import NO_CONTEXT, Lineage, RecordContext

_ROWS: Final[dict[type, RowOf]] = {**APP_ROWS, **DELIVERY_ROWS, **SERVICE_ROWS}
_LOUD: Final = frozenset({p.BAD, p.ALERT, p.RETRY, p.LIMIT})


class LineFormatter:
    """Formats records as lines that name the event they concern. Give it every record in order.

    `wide` gives full offsets and details; without it a line is cut for a narrow screen. Give it the
    `Lineage` of a timeline to share it; records are then not added to it here.
    """

    def __init__(self, *, wide: bool = True, lineage: Lineage | None = None) -> None:
        self._wide = wide
        self._lineage = lineage or Lineage()
        self._owns_lineage = lineage is None

    def add_record(self, record: Record) -> None:
        """Add a record that is not shown."""
        if self._owns_lineage:
            self._lineage.add_record(record)

    def format_record(self, record: Record) -> Text:
        """The line of `record`: no newline, no wrapping."""
        return _text_of(self.format_parts(record))

    def format_parts(self, record: Record) -> list[StyledText]:
        """The same line as its parts, for a `LineWriter`."""
        self.add_record(record)
        context = self._lineage.context_of(record)
        return record_parts(record, wide=self._wide, context=context)


def record_line(record: Record, *, wide: bool = True, context: RecordContext | None = None) -> Text:
    """`record` as one line of coloured text. `context` is what it concerns, if known.

    The line is as long as it needs to be: print it with `soft_wrap=True`, or crop it.
    """
    return _text_of(record_parts(record, wide=wide, context=context))


def record_parts(
    record: Record, *, wide: bool = True, context: RecordContext | None = None
) -> list[StyledText]:
    """The same line as its parts, some of which may be empty."""
    body = record.body
    context = context or _own_context(body)
    (glyph, style), verb, details = _ROWS[type(body)](body, wide)
    loud = style in _LOUD
    id = context.event_id or context.product_event_id or context.call_id
    name = short_id(id) if id else "-"
    parts = [
        (offset_text(record.at) if wide else f"{short_offset_text(record.at):>9}", p.DIM),
        (f" {glyph} ", style),
        (f"{verb:<9}", style if loud else p.PLAIN),
        (f" {name:<8}", p.ACCENT if name != "-" else p.DIM),
    ]
    if context.subject:
        parts.append((f" {escape(context.subject)}", p.TITLE))
    if context.place and not isinstance(body, Log):
        parts.append((f" {escape(context.place)}", p.DIM))
    gap = ("  " if wide else " ", p.PLAIN)
    for part in details:
        if part[0]:
            parts += (gap, part)
    return parts


def _text_of(parts: list[StyledText]) -> Text:
    text = Text(no_wrap=True, overflow="ellipsis", end="")
    for part, style in parts:
        text.append(part, style)
    return text


def _own_context(body: Any) -> RecordContext:
    """What a record concerns by its own fields."""
    ids = [getattr(body, name, None) for name in ("event_id", "product_event_id")]
    event_id, product_event_id = (id if isinstance(id, str) else None for id in ids)
    places = (getattr(body, name, None) for name in ("queue", "trigger"))
    place = next((x for x in places if isinstance(x, str)), None)
    call_id = getattr(body, "call_id", None)
    if isinstance(call_id, str):
        return RecordContext(call_id=call_id)
    if event_id is None and product_event_id is None and place is None:
        return NO_CONTEXT
    return RecordContext(event_id, product_event_id, None, None, place)
