"""The product events that the app of a directory listens to, read without loading the app.

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
    from forge_emu.yamlsource import MAX_BYTES, read_document, to_json

    path = _manifest_above(start)
    try:
        if path is None or path.stat().st_size > MAX_BYTES:
            return {}
        manifest = to_json(read_document(path.read_bytes(), path.name).node)
    except (OSError, ForgeEmuError):
        return {}
    found: dict[str, tuple[str, ...]] = {}
    for event, key in _subscriptions(manifest):
        found[event] = (*found.get(event, ()), key)
    return found


def _manifest_above(start: Path) -> Path | None:
    try:
        start = start.resolve()
        paths = (folder / name for folder in (start, *start.parents) for name in MANIFEST_NAMES)
        return next((path for path in paths if path.is_file()), None)
    except (OSError, RuntimeError, ValueError):
        return None


def _subscriptions(manifest: Json) -> Iterator[tuple[str, str]]:
    """Every event of every trigger, with the trigger's key."""
    modules = manifest.get("modules") if isinstance(manifest, dict) else None
    triggers = modules.get("trigger") if isinstance(modules, dict) else None
    for trigger in triggers if isinstance(triggers, list) else ():
        events = trigger.get("events") if isinstance(trigger, dict) else None
        for event in events if isinstance(events, list) else ():
            name = event.get("eventType") if isinstance(event, dict) else event
            if isinstance(name, str):
                yield name, str(trigger.get("key", ""))
