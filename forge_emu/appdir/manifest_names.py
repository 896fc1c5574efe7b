"""What the manifest of a directory names, read without loading the app.

A shell waits for it at each TAB, so a manifest with mistakes has the events that can be read.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from forge_emu.errors import ForgeEmuError
from forge_emu.model import MANIFEST_NAMES, Json


def events_of_folder(start: Path) -> dict[str, tuple[str, ...]]:
    """Full names of events in the manifest's order, each with the keys of its triggers.

    The app is that of `start` or of a directory above it; without one there are none.
    """
    found: dict[str, tuple[str, ...]] = {}
    for event, key in _subscriptions(_manifest_of(start)):
        found[event] = (*found.get(event, ()), key)
    return found


def example_event(start: Path) -> str:
    """The event to show in an example: the first that the app at `start` listens to, else a usual
    one; by its short name."""
    return next(iter(event_names_of_folder(start)), "issue-created")


def event_names_of_folder(start: Path) -> list[str]:
    """The events that the app at `start` listens to: their short names, where they have one."""
    from forge_emu.events import known_events, unique_name

    known = known_events()
    return [unique_name(e) if e in known else e for e in events_of_folder(start)]


def queues_of_folder(start: Path) -> list[str]:
    """The queues that consumers of the app serve, in the manifest's order."""
    queues = (consumer.get("queue") for consumer in _modules(_manifest_of(start), "consumer"))
    return list(dict.fromkeys(queue for queue in queues if isinstance(queue, str)))


def functions_of_folder(start: Path) -> list[str]:
    """The functions and endpoints of the app, in the manifest's order."""
    return [*_keys_of(start, "function"), *_keys_of(start, "endpoint")]


def web_triggers_of_folder(start: Path) -> list[str]:
    """The web triggers of the app, in the manifest's order."""
    return _keys_of(start, "webtrigger")


def schedules_of_folder(start: Path) -> list[str]:
    """The scheduled triggers of the app, in the manifest's order."""
    return _keys_of(start, "scheduledTrigger")


def pre_uninstalls_of_folder(start: Path) -> list[str]:
    """The `preUninstall` modules of the app, in the manifest's order."""
    return _keys_of(start, "preUninstall")


def _manifest_of(start: Path) -> Json:
    """The manifest at `start` or above it; None where there is none to read."""
    from forge_emu.yamlsource import MAX_BYTES, read_document, to_json

    path = _manifest_above(start)
    try:
        if path is None or path.stat().st_size > MAX_BYTES:
            return None
        return to_json(read_document(path.read_bytes(), path.name).node)
    except (OSError, ForgeEmuError):
        return None


def _manifest_above(start: Path) -> Path | None:
    try:
        start = start.resolve()
        paths = (folder / name for folder in (start, *start.parents) for name in MANIFEST_NAMES)
        return next((path for path in paths if path.is_file()), None)
    except (OSError, RuntimeError, ValueError):
        return None


def _subscriptions(manifest: Json) -> Iterator[tuple[str, str]]:
    """Every event of every trigger, with the trigger's key."""
    for trigger in _modules(manifest, "trigger"):
        events = trigger.get("events")
        for event in events if isinstance(events, list) else ():
            name = event.get("eventType") if isinstance(event, dict) else event
            if isinstance(name, str):
                yield name, str(trigger.get("key", ""))


def _keys_of(start: Path, kind: str) -> list[str]:
    keys = (module.get("key") for module in _modules(_manifest_of(start), kind))
    return [key for key in keys if isinstance(key, str)]


def _modules(manifest: Json, kind: str) -> Iterator[dict[str, Json]]:
    """The entries of a kind of module."""
    modules = manifest.get("modules") if isinstance(manifest, dict) else None
    entries = modules.get(kind) if isinstance(modules, dict) else None
    yield from (
        each for each in (entries if isinstance(entries, list) else ()) if isinstance(each, dict)
    )
