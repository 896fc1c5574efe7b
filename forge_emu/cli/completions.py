"""What a shell offers after TAB. Everything heavy is imported only when it is asked for."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem


def event_names(ctx: click.Context, param: click.Parameter, start: str) -> list[CompletionItem]:
    """Short names of events; the platform's own names once `avi:` is typed."""
    from forge_emu.events import all_templates, known_events, short_name

    if start.startswith("avi"):
        return [CompletionItem(name) for name in sorted(known_events()) if name.startswith(start)]
    titles = {template.name: template.title for template in all_templates()}
    names = sorted({*titles, *map(short_name, known_events())}, key=lambda n: (n not in titles, n))
    return [CompletionItem(n, help=titles.get(n)) for n in names if n.startswith(start)]


def setting_names(ctx: click.Context, param: click.Parameter, start: str) -> list[CompletionItem]:
    """Names of settings with their `=`, and after it the words that the setting takes."""
    from forge_emu.settings import all_settings

    name, equals, value = start.partition("=")
    if not equals:
        return [
            CompletionItem(f"{s.name}=", help=s.doc)
            for s in all_settings()
            if s.name.startswith(name)
        ]
    found = next((s for s in all_settings() if s.name == name), None)
    words = found.choices if found else ()
    if found and isinstance(found.default, bool):
        words = ("true", "false")
    return [CompletionItem(f"{name}={word}") for word in words if word.startswith(value)]


def record_types(ctx: click.Context, param: click.Parameter, start: str) -> list[CompletionItem]:
    """Types of records and their first parts, also after a comma."""
    from forge_emu.records import RECORD_TYPES

    before, comma, last = start.rpartition(",")
    names = sorted({*RECORD_TYPES, *(name.partition(".")[0] for name in RECORD_TYPES)})
    return [CompletionItem(before + comma + name) for name in names if name.startswith(last)]


def faults(ctx: click.Context, param: click.Parameter, start: str) -> list[CompletionItem]:
    """Each kind of fault with an amount."""
    from forge_emu.settings.faults import FAULTS

    written = {f"{kind.name}={kind.example}": kind.effect for kind in FAULTS}
    return [
        CompletionItem(text, help=effect)
        for text, effect in written.items()
        if text.startswith(start)
    ]


def conditions(ctx: click.Context, param: click.Parameter, start: str) -> list[CompletionItem]:
    """Figures, also after a comma. Those of limits without `limits.`, unless it is typed."""
    from forge_emu.simulate.plan.figures import all_figures

    before, comma, last = start.rpartition(",")
    names = {
        name if last.startswith("refused.l") else name.replace("refused.limits.", "refused."): doc
        for name, doc in ((figure.name, figure.doc) for figure in all_figures().values())
    }
    return [
        CompletionItem(before + comma + name, help=doc)
        for name, doc in names.items()
        if name.startswith(last)
    ]
