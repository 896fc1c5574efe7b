"""What covers the middle of the console on request: the limits, the keys, a broken build."""

from __future__ import annotations

import textwrap
from typing import Any

from rich.text import Text

from forge_emu.console import palette as p
from forge_emu.console.format import escape, plural
from forge_emu.console.live.state import Screen, Snapshot
from forge_emu.console.payload_lines import payload_lines
from forge_emu.console.rows import cut, fit, row, title
from forge_emu.settings import EMULATOR_CHOICE, Setting, Settings, SettingValue, all_settings

KEYS: tuple[tuple[str, str], ...] = (
    ("space", "pause delivery, or go on"),
    (".", "deliver the first event in line (while paused)"),
    (">", "skip to the next due time"),
    ("up, k", "select the event above"),
    ("down, j", "select the event below"),
    ("r", "retry the selected event now"),
    ("Enter", "what is in the selected event: body, attempts, logs, requests"),
    ("s", "sort by the next delivery, or by attempts"),
    ("Tab", "scroll the records: up, down, PgUp, PgDn; End or Tab follows again"),
    ("/", "filter by id, subject, queue or error; Enter keeps it, Esc clears it"),
    ("l", "limits and settings, with their sources"),
    ("e", "what the last build found"),
    ("o", "open the live page in the browser"),
    ("?", "this list"),
    ("Esc", "close what is open, follow again, clear the filter, the selection"),
    ("q", "stop, as Ctrl-C does: the first drains, the second stops at once"),
)

_GLYPHS: tuple[tuple[tuple[str, str], str], ...] = (
    (p.OUTCOMES["success"], "success"),
    (p.OUTCOMES["retry_requested"], "the app asked for a retry"),
    (p.OUTCOMES["error"], "error"),
    (p.OUTCOMES["timeout"], "timeout"),
    (p.OUTCOMES["out_of_memory"], "out of memory"),
    (p.OUTCOMES["platform_error"], "platform error, not counted"),
    (p.OUTCOMES["interrupted"], "interrupted by another invocation here; delivered again"),
    (p.RUNNING, "running"),
    (p.DUE, "next delivery"),
    (p.DROPPED, "dropped"),
    (p.EXPIRED, "expired: platform errors until its window ended"),
    (("─", p.RETRY), "waits for a retry the app asked for"),
    (("╌", p.BAD), "waits for a retry of the platform's own"),
    (p.DEFERRED, "put off by a limit; the app never learns of it"),
    (("·", p.DIM), "waits for its first delivery"),
)


def overlay_rows(snapshot: Snapshot, screen: Screen, width: int, height: int) -> list[Text]:
    """The open overlay in exactly `height` rows, scrolled to `screen.scroll`."""
    if screen.overlay == "limits":
        rows, name = _limits_rows(snapshot.settings or Settings(), width), "Limits and settings"
    elif screen.overlay == "keys":
        rows, name = _keys_rows(snapshot, width), "Keys"
    elif screen.overlay == "payload" and screen.payload is not None:
        rows, name = _payload_rows(screen.payload, width), "What is in it"
    else:
        rows, name = _problems_rows(snapshot, width), "Last build"
    room = max(1, height - 1)
    last = max(0, len(rows) - room)
    screen.scroll = min(max(0, screen.scroll), last)
    shown = rows[screen.scroll : screen.scroll + room]
    note = f"{screen.scroll + 1}-{screen.scroll + len(shown)} of {len(rows)}" if last else ""
    shown += [fit(row(), width) for _ in range(room - len(shown))]
    return [title(name, width, note), *shown]


def _limits_rows(settings: Settings, width: int) -> list[Text]:
    """Every setting under its group: what it is, its value, and where that comes from."""
    name_width = min(30, width * 3 // 8)
    value_width = min(24, width // 5)
    rows = []
    group = ""
    for setting in all_settings():
        found, _, name = setting.name.rpartition(".")
        if found != group:
            group = found
            rows.append(fit(row((f" {group}", p.TITLE)), width))
        value = settings[setting.name]
        changed = setting.name in settings.overrides
        unit = setting.unit if value is not None else ""
        text = row(("   " + cut(name, name_width - 3), p.RETRY if changed else p.PLAIN))
        text.append(" " + cut(f"{_value_text(value)} {unit}", value_width), p.ACCENT)
        text.append(" " + _origin_text(setting, changed), p.DIM)
        rows.append(fit(text, width))
    return rows


def _value_text(value: SettingValue) -> str:
    if value is None:
        return "no limit"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:,g}" if isinstance(value, int | float) else value


def _origin_text(setting: Setting[Any], changed: bool) -> str:
    origin = (
        setting.source if setting.source == EMULATOR_CHOICE else f"{setting.date} {setting.source}"
    )
    return f"set by you, was {_value_text(setting.default)}; {origin}" if changed else origin


def _keys_rows(snapshot: Snapshot, width: int) -> list[Text]:
    """The keys, the signs of the time axis, and where web triggers are."""
    rows = [fit(row((f" {key:>8}  ", p.ACCENT), (what, p.PLAIN)), width) for key, what in KEYS]
    rows.append(fit(row(), width))
    for (glyph, style), what in _GLYPHS:
        rows.append(fit(row((f" {glyph:>8}  ", style), (what, p.PLAIN)), width))
    if snapshot.web_triggers:
        rows += [fit(row(), width), fit(row((" web triggers", p.TITLE)), width)]
    for key, url in snapshot.web_triggers:
        rows.append(fit(row((f"   {escape(key)}", p.ACCENT)), width))
        rows.append(fit(row((f"     {escape(url)}", p.PLAIN)), width))
    return rows


def _payload_rows(payload: dict[str, Any], width: int) -> list[Text]:
    """The lines of an event, the long ones in several rows."""
    rows: list[Text] = []
    for line in payload_lines(payload):
        # Where characters are two columns wide, fewer of them fit.
        step = max(1, (width - 1) // (1 if line.cell_len == len(line) else 2))
        parts = [line[at : at + step] for at in range(0, len(line), step)]
        rows += [fit(row((" ", p.PLAIN)).append_text(part), width) for part in parts or [line]]
    return rows


def _problems_rows(snapshot: Snapshot, width: int) -> list[Text]:
    if not snapshot.problems:
        return [fit(row((" The last build found nothing wrong.", p.DIM)), width)]
    errors = sum(problem.severity == "error" for problem in snapshot.problems)
    words = "The last good version goes on." if errors else "The app is loaded."
    rows = [fit(row((f" {plural(len(snapshot.problems), 'finding')}. {words}", p.DIM)), width)]
    for problem in snapshot.problems:
        style = p.BAD if problem.severity == "error" else p.RETRY
        rows += [
            fit(row((" " + part, style)), width)
            for part in _wrap_text(escape(str(problem)), width - 2)
        ]
        if problem.hint:
            rows += [
                fit(row(("   " + part, p.PLAIN)), width)
                for part in _wrap_text(escape(problem.hint), width - 4)
            ]
    return rows


def _wrap_text(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, max(10, width)) or [""]
