"""Lines about the app and the emulator: loading, logs, what is done by hand."""

from __future__ import annotations

from forge_emu.console import palette as p
from forge_emu.console.format import escape, plural, speed_text
from forge_emu.console.lines.row import RecordRow, RowOf, StyledText
from forge_emu.durations import duration_text
from forge_emu.errors import Problem
from forge_emu.records import (
    ActedByHand,
    AppLoaded,
    AppRejected,
    AppReloaded,
    ControlRefused,
    EmulatorRestarted,
    Log,
)


def _loaded_row(body: AppLoaded | AppReloaded, wide: bool) -> RecordRow:
    verb = "ready" if isinstance(body, AppLoaded) else "reloaded"
    parts: list[StyledText] = [
        (escape(body.app_id), p.TITLE),
        (
            f"{plural(len(body.triggers), 'trigger')}, {plural(len(body.consumers), 'consumer')}, "
            f"{plural(len(body.functions), 'function')}",
            p.DIM,
        ),
    ]
    if isinstance(body, AppLoaded):
        parts.append((f"seed {body.seed}, {speed_text(body.speed)}, limits {body.limits}", p.DIM))
        if body.faults:
            parts.append((escape(f"faults {', '.join(body.faults)}"), p.LIMIT))
        if body.url:
            parts.append((body.url, p.ACCENT))
    parts += _problem_parts(body.problems)
    return ("●", p.GOOD), verb, parts


def _restarted_row(body: EmulatorRestarted, wide: bool) -> RecordRow:
    how = "went on" if body.clean else "went on after it was ended by force"
    parts: list[StyledText] = [
        (f"{how}, {duration_text(body.away_ms)} later", p.TITLE),
        (f"{body.pending:,} pending", p.PLAIN),
    ]
    if body.overdue:
        parts.append((f"{body.overdue:,} overdue", p.RETRY))
    if body.interrupted:
        parts.append((f"{body.interrupted:,} were running and run again", p.RETRY))
    return ("●", p.GOOD), "restarted", parts


def _rejected_row(body: AppRejected, wide: bool) -> RecordRow:
    return (
        ("✗", p.ALERT),
        "rejected",
        [("the last good version goes on", p.DIM), *_problem_parts(body.problems)],
    )


def _problem_parts(problems: list[Problem]) -> list[StyledText]:
    if not problems:
        return []
    gravest = min(problems, key=lambda found: found.severity != "error")
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return [(escape(str(gravest)) + more, p.BAD if gravest.severity == "error" else p.RETRY)]


def _by_hand_row(body: ActedByHand, wide: bool) -> RecordRow:
    words = body.action.replace("_", " ")
    parts: list[StyledText] = [
        (f"{words} {escape(body.queue) if body.queue else 'all'}", p.PLAIN)
        if body.action in ("pause", "resume")
        else (f"{words} of {plural(body.events, 'event')}{_queue_text(body)}", p.PLAIN)
    ]
    return ("☞", p.ACCENT), "by hand", parts


def _queue_text(body: ActedByHand) -> str:
    return f" to {escape(body.queue)}" if body.queue else ""


def _control_refused_row(body: ControlRefused, wide: bool) -> RecordRow:
    parts: list[StyledText] = [
        (f"request to forge-emu refused: {escape(f'{body.method} {body.path}')}", p.ALERT),
        (f"({body.status})", p.BAD),
        (escape(body.reason), p.LIMIT),
    ]
    if body.unrecorded:
        parts.append((f"and {body.unrecorded:,} before it", p.LIMIT))
    return ("⊘", p.ALERT), "refused", parts


def _log_row(body: Log, wide: bool) -> RecordRow:
    style = {"warn": p.RETRY, "error": p.BAD, "debug": p.DIM}.get(body.level, p.PLAIN)
    verb = {"warn": "warning"}.get(body.level, body.level[:9])
    return ("│", style or p.DIM), verb, [(escape(body.message), style)]


APP_ROWS: dict[type, RowOf] = {
    AppLoaded: _loaded_row,
    AppReloaded: _loaded_row,
    AppRejected: _rejected_row,
    EmulatorRestarted: _restarted_row,
    ActedByHand: _by_hand_row,
    ControlRefused: _control_refused_row,
    Log: _log_row,
}
