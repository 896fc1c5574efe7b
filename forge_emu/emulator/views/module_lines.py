"""What the start of a run says of an app's modules: one line for all that are alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from forge_emu.manifest.module_kinds import SHOWN
from forge_emu.model import App
from forge_emu.yamlsource.findings import join_names

_MOST_URLS: Final = 5
"""Web triggers whose address is said; the others are counted."""


def module_lines(
    app: App, urls: Mapping[str, str] | None = None, *, starts: bool = True
) -> list[str]:
    """The modules that nothing here starts, with their number, and what can start the app.

    `urls` are the addresses of web triggers by key; None where nothing is served. `starts` says
    whether it is worth saying what starts an app that no product event does.
    """
    found = list(_web_trigger_lines(urls or {}))
    if count := sum(app.shown_modules.values()):
        products = join_names(sorted(app.shown_modules))
        found.append(f"ui modules: {count}, shown by {products}, nothing to emulate")
    if app.other_modules:
        kinds = (f"{kind} {n}" if n != 1 else kind for kind, n in sorted(app.other_modules.items()))
        count = sum(app.other_modules.values())
        by_hand = (f" but `forge-emu invoke {key}`" for key in app.functions if _is_other(app, key))
        named = f"other modules: {count} ({join_names(kinds)})"
        found.append(f"{named}, nothing here starts them{next(by_hand, '')}")
    if app.connect_modules:
        found.append(
            f"connectModules: {app.connect_modules}, of Connect, not emulated: their webhooks and "
            "pages are not called"
        )
    if app.app_managed:
        found.append(
            "permissions.enforcement is app-managed: what a user may do is up to the app on Forge; "
            "scopes are checked here all the same"
        )
    if starts and not any(trigger.subscriptions for trigger in app.triggers):
        found.append(_starts_without_trigger(app))
    return found


def _is_other(app: App, function: str) -> bool:
    """Whether a module that nothing here starts would call the function."""
    return any(kind in app.other_modules for kind in app.other_uses.get(function, ()))


def _web_trigger_lines(urls: Mapping[str, str]) -> Iterator[str]:
    """Where each web trigger is, up to a number of them."""
    for key, url in list(urls.items())[:_MOST_URLS]:
        yield f"web trigger {key}: {url}"
    if (more := len(urls) - _MOST_URLS) > 0:
        yield f"web triggers: {more} more, `forge-emu trigger web` lists them"


def _starts_without_trigger(app: App) -> str:
    """What starts an app that no product event reaches."""
    resolvers = sorted(
        key for key in app.functions if SHOWN.intersection(app.other_uses.get(key, ()))
    )
    others = sorted(key for key in app.functions if key not in resolvers)
    ways = []
    if app.scheduled_triggers:
        ways.append(f"`forge-emu trigger schedule {app.scheduled_triggers[0].key}` runs a schedule")
    if app.web_triggers:
        ways.append(f"`forge-emu trigger web {app.web_triggers[0].key}` calls a web trigger")
    if resolvers:
        names = " or ".join(f"{key}.KEY" for key in resolvers[:3])
        ways.append(f"`forge-emu invoke {names}` calls a resolver, as a UI does")
    if shown := [key for key in app.endpoints if key in app.shown_by]:
        ways.append(f"`forge-emu invoke {shown[0]}` calls a remote, as a UI does")
    if others:
        ways.append(f"`forge-emu invoke {others[0]}` runs a function")
    if app.consumers:
        ways.append(f"`forge-emu queue push {app.consumers[0].queue}` pushes to a queue")
    text = "no product event starts this app: it has no triggers"
    return f"{text}. {'; '.join(ways)}" if ways else text
