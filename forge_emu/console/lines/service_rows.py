"""Lines about what handlers called: the store, products, the outside, what is not emulated."""

from __future__ import annotations

from forge_emu.console import palette as p
from forge_emu.console.format import escape, plural
from forge_emu.console.lines.row import RecordRow, RowOf, StyledText, size_text
from forge_emu.durations import duration_text
from forge_emu.records import (
    AppEventPublished,
    FaultInjected,
    KvsDone,
    KvsRefused,
    RequestAnswered,
    RequestEnded,
    RequestLost,
    RequestMocked,
    RequestRefused,
    RequestSent,
    RequestUnsupported,
)


def _kvs_done_row(body: KvsDone, wide: bool) -> RecordRow:
    units = plural(body.units, "unit")
    parts: list[StyledText] = [
        (_kvs_call_text(body), p.PLAIN),
        (f"{size_text(body.bytes)}, {units}", p.DIM),
    ]
    return ("·", p.DIM), "kvs", parts


def _kvs_call_text(body: KvsDone | KvsRefused) -> str:
    """What was asked of the store; a query asks for keys that begin with something."""
    key = f"{body.key}*" if body.operation == "query" else body.key
    return f"{body.operation} {escape(key)}"


def _kvs_refused_row(body: KvsRefused, wide: bool) -> RecordRow:
    parts: list[StyledText] = [
        (f"{_kvs_call_text(body)} refused", p.ALERT),
        (f"{body.code} ({body.status})", p.BAD),
        (body.limit or "", p.LIMIT),
    ]
    return ("⊘", p.ALERT), "refused", parts


def _fault_row(body: FaultInjected, wide: bool) -> RecordRow:
    return ("ϟ", p.LIMIT), "fault", [(escape(body.rule), p.LIMIT)]


def _answered_row(body: RequestAnswered, wide: bool) -> RecordRow:
    style = p.BAD if body.status >= 400 else p.DIM
    parts: list[StyledText] = [
        (escape(f"{body.method} {body.path}"), p.PLAIN),
        (str(body.status), style),
        (escape(body.limit or ""), p.LIMIT),
    ]
    if isinstance(body.retry_after_ms, int):
        parts.append((f"again after {duration_text(body.retry_after_ms)}", p.DIM))
    return ("·", p.DIM), "site", parts


def _mocked_row(body: RequestMocked, wide: bool) -> RecordRow:
    style = p.BAD if body.status >= 400 else p.DIM
    parts: list[StyledText] = [
        (escape(f"{body.method} {body.host or ''}{body.path}"), p.PLAIN),
        (str(body.status), style),
        (body.mock, p.DIM),
    ]
    return ("·", p.DIM), "mocked", parts


def _sent_row(body: RequestSent, wide: bool) -> RecordRow:
    return ("↗", p.ACCENT), "sent", [(_request_text(body), p.PLAIN)]


def _ended_row(body: RequestEnded, wide: bool) -> RecordRow:
    status = str(body.error if body.status is None else body.status)
    bad = body.status is None or body.status >= 400
    parts: list[StyledText] = [
        (_request_text(body), p.PLAIN),
        (escape(status), p.BAD if bad else p.DIM),
        (duration_text(body.duration_ms), p.DIM),
    ]
    if body.status is None:
        return ("↙", p.BAD), "failed", parts
    return ("↙", p.ACCENT), "answered", parts


def _refused_row(body: RequestRefused, wide: bool) -> RecordRow:
    parts: list[StyledText] = [(escape(body.message), p.BAD), (body.limit, p.LIMIT)]
    return ("⊘", p.ALERT), "refused", parts


def _request_text(body: RequestSent | RequestEnded) -> str:
    return escape(f"{body.method} {body.host}{body.path}")


def _published_row(body: AppEventPublished, wide: bool) -> RecordRow:
    parts: list[StyledText] = [
        (escape(body.name), p.PLAIN),
        ("" if body.heard else "no trigger of the app listens to it", p.DIM),
    ]
    return ("◆", p.ACCENT), "published", parts


def _unsupported_row(body: RequestUnsupported, wide: bool) -> RecordRow:
    parts: list[StyledText] = [
        (escape(f"{body.service} {body.method} {body.path}"), p.PLAIN),
        (escape(body.message), p.BAD),
    ]
    return ("⊘", p.BAD), "missing", parts


def _lost_row(body: RequestLost, wide: bool) -> RecordRow:
    parts: list[StyledText] = [
        (escape(f"{body.call} {body.target}".rstrip()), p.ALERT),
        ("nobody waited for it", p.LIMIT),
        (escape(body.place or ""), p.DIM),
    ]
    return ("⊘", p.ALERT), "lost", parts


SERVICE_ROWS: dict[type, RowOf] = {
    KvsDone: _kvs_done_row,
    KvsRefused: _kvs_refused_row,
    FaultInjected: _fault_row,
    RequestAnswered: _answered_row,
    RequestMocked: _mocked_row,
    RequestSent: _sent_row,
    RequestEnded: _ended_row,
    RequestRefused: _refused_row,
    AppEventPublished: _published_row,
    RequestUnsupported: _unsupported_row,
    RequestLost: _lost_row,
}
