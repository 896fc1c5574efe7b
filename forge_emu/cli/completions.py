"""What a shell offers after TAB. Everything heavy is imported only when it is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import click
from click.shell_completion import CompletionItem

from forge_emu.model import Json

_MOST_EVENTS: Final = 200
_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}$")


def event_names(ctx: click.Context, param: click.Parameter, start: str) -> list[CompletionItem]:
    """Short names of events, those that the app listens to first; the platform's own names once
    `avi:` is typed. The commands of a group that takes an event follow the app's own."""
    from forge_emu.appdir.manifest_names import events_of_folder
    from forge_emu.events import all_templates
    from forge_emu.model import split_app_event

    own = events_of_folder(_app_folder(ctx))
    ordered = sorted(all_templates(), key=lambda t: (t.event not in own, t.name))
    full = start.startswith("avi")
    named = [(t.event if full else t.name, t.title) for t in ordered]
    heard = sum(template.event in own for template in ordered)
    if isinstance(ctx.command, click.Group):
        found = ctx.command.commands.items()
        named[heard:heard] = [(name, each.get_short_help_str()) for name, each in found]
    if full:
        # What apps publish has no short name.
        named = [*((event, "") for event in own if split_app_event(event)), *named]
    return [CompletionItem(name, help=title) for name, title in named if name.startswith(start)]


def app_then_event(ctx: click.Context, param: click.Parameter, start: str) -> list[CompletionItem]:
    """Files and folders, and events once there is an app: named before, or where the user stands.

    A shell offers its files where no event begins like the word.
    """
    files = [CompletionItem(start, type="file")]
    return files + (event_names(ctx, param, start) if _has_app(ctx) else [])


def _has_app(ctx: click.Context) -> bool:
    from forge_emu.model import MANIFEST_NAMES

    return bool(ctx.params.get("arguments")) or any(Path(n).is_file() for n in MANIFEST_NAMES)


def _app_folder(ctx: click.Context) -> Path:
    """The app that the words so far name, or where the user stands."""
    outer = ctx.parent.params.get("app_dir") if ctx.parent else None
    folder = ctx.params.get("app_dir") or outer
    arguments = ctx.params.get("arguments")
    if not folder and isinstance(arguments, tuple) and arguments:
        folder = arguments[0]
    return Path(str(folder or "."))


def statuses(ctx: click.Context, param: click.Parameter, start: str) -> list[CompletionItem]:
    """The statuses of an issue of the emulated site."""
    from forge_emu.events.changes import statuses as known

    return [CompletionItem(n) for n in known() if n.lower().startswith(start.lower().strip("'\""))]


def queue_names(ctx: click.Context, param: click.Parameter, start: str) -> list[CompletionItem]:
    """The queues that the app's consumers serve."""
    from forge_emu.appdir.manifest_names import queues_of_folder

    return _beginning(queues_of_folder(_app_folder(ctx)), start)


def functions(ctx: click.Context, param: click.Parameter, start: str) -> list[CompletionItem]:
    """The functions and endpoints of the app."""
    from forge_emu.appdir.manifest_names import functions_of_folder

    return _beginning(functions_of_folder(_app_folder(ctx)), start)


def web_triggers(ctx: click.Context, param: click.Parameter, start: str) -> list[CompletionItem]:
    """The web triggers of the app."""
    from forge_emu.appdir.manifest_names import web_triggers_of_folder

    return _beginning(web_triggers_of_folder(_app_folder(ctx)), start)


def schedules(ctx: click.Context, param: click.Parameter, start: str) -> list[CompletionItem]:
    """The scheduled triggers of the app."""
    from forge_emu.appdir.manifest_names import schedules_of_folder

    return _beginning(schedules_of_folder(_app_folder(ctx)), start)


def pre_uninstalls(ctx: click.Context, param: click.Parameter, start: str) -> list[CompletionItem]:
    """The `preUninstall` modules of the app."""
    from forge_emu.appdir.manifest_names import pre_uninstalls_of_folder

    return _beginning(pre_uninstalls_of_folder(_app_folder(ctx)), start)


def event_ids(ctx: click.Context, param: click.Parameter, start: str) -> list[CompletionItem]:
    """Events of the running emulator by what they are about, or by their ids: those that wait, run,
    were dropped or expired."""
    from forge_emu.cli.parsing.emulator_answers import emulator_answer

    answer = emulator_answer(_app_folder(ctx), "/v1/queue", limit=_MOST_EVENTS)
    found: dict[str, str] = {}
    for event in _objects(answer, "events"):
        place = f"{event.get('queue') or event.get('trigger')}, {event.get('state')}"
        id = str(event.get("event_id") or event.get("product_event_id"))
        found.setdefault(str(event.get("subject") or id), place)
        found[id] = place
    # Ids are long: they are offered once one begins to be typed.
    return [
        CompletionItem(name, help=place)
        for name, place in found.items()
        if name.startswith(start) and (start or not _UUID.match(name))
    ]


def log_targets(ctx: click.Context, param: click.Parameter, start: str) -> list[CompletionItem]:
    """The functions of the app, and events of the running emulator."""
    return functions(ctx, param, start) + event_ids(ctx, param, start)


def kvs_keys(ctx: click.Context, param: click.Parameter, start: str) -> list[CompletionItem]:
    """Keys of the store: of the running emulator, or in the state that the last one has left."""
    from forge_emu.cli.parsing.emulator_answers import emulator_answer
    from forge_emu.control.session import FOLDER
    from forge_emu.store.key_names import stored_keys
    from forge_emu.store.schema import STATE_FILE

    folder = _app_folder(ctx)
    secret, entity = bool(ctx.params.get("secret")), str(ctx.params.get("entity") or "")
    query = {"secret": int(secret), "entity": entity, "show_secrets": 0, "after": ""}
    answer = emulator_answer(folder, "/v1/kvs", prefix=start, **query)
    if answer is None:
        state = folder.resolve() / FOLDER / STATE_FILE
        keys = stored_keys(state, start, secret=secret, entity=entity)
    else:
        keys = [str(entry.get("key")) for entry in _objects(answer, "entries")]
    return _beginning(keys, start)


def outcomes(ctx: click.Context, param: click.Parameter, start: str) -> list[CompletionItem]:
    """How an attempt or an event may have ended."""
    from forge_emu.control.filters import OUTCOMES

    return _beginning(OUTCOMES, start)


def _objects(answer: Json, name: str) -> list[dict[str, Json]]:
    """The objects in a list of an answer."""
    found = answer.get(name) if isinstance(answer, dict) else None
    return [x for x in found if isinstance(x, dict)] if isinstance(found, list) else []


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


def _beginning(names: Iterable[str], start: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in names if name.startswith(start)]
