"""What an order may name: functions, queues, scheduled triggers and web triggers of the app."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from forge_emu.errors import NotFoundError
from forge_emu.model import App
from forge_emu.nearest import nearest_hint


def function_of(target: str) -> str:
    """The function of `FUNCTION` or `RESOLVER.KEY`."""
    return target.partition(".")[0]


def check_function(target: str, app: App) -> None:
    """Raise NotFoundError where the manifest has no such function or endpoint."""
    function, _, key = target.partition(".")
    if function in app.endpoints and key:
        raise NotFoundError(
            f"{function!r} is an endpoint, which has no definitions such as {key[:60]!r}",
            f"A UI calls it by invokeRemote: forge-emu invoke {function} "
            '--payload \'{"path": "/tasks", "method": "GET"}\'',
        )
    known = {*app.functions, *app.unloaded, *app.endpoints}
    if function not in known:
        what = "functions and endpoints" if app.endpoints else "functions"
        hint = nearest_hint(function, known, f"Its {what}: {_list(known)}.", cutoff=0.5)
        of = f" (of {target!r})" if key else ""
        raise NotFoundError(f"the manifest has no function {function!r}{of}", hint)


def check_queue(queue: str, app: App, mask: Callable[[str], str] = str) -> None:
    """Raise NotFoundError where no consumer serves the queue. `mask` is for the names shown."""
    known = {consumer.queue for consumer in app.consumers}
    if queue not in known:
        shown = sorted(map(mask, known))
        there = f"The app's queues: {_list(shown)}." if known else "The manifest has no consumer."
        hint = nearest_hint(queue, shown, there, cutoff=0.5)
        raise NotFoundError(f"no consumer of the app has a queue {queue!r}", hint)


def check_schedule(key: str, app: App) -> None:
    """Raise NotFoundError where the app has no scheduled trigger `key`."""
    known = [trigger.key for trigger in app.scheduled_triggers]
    check_key(key, known, "scheduled trigger", "modules.scheduledTrigger")


def check_web_trigger(key: str, app: App) -> None:
    """Raise NotFoundError where the app has no web trigger `key`."""
    known = [trigger.key for trigger in app.web_triggers]
    check_key(key, known, "web trigger", "modules.webtrigger")


def check_key(key: str, known: list[str], noun: str, place: str) -> None:
    """Raise NotFoundError where no `noun` has the key; `place` is where the manifest has them."""
    if key not in known:
        there = f"There is {_list(known)}." if known else f"The manifest has none: {place}."
        raise NotFoundError(f"there is no {noun} {key[:100]!r}", nearest_hint(key, known, there))


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"
