"""`modules.event`: the events that the app publishes itself, and triggers that listen to them.

https://developer.atlassian.com/platform/forge/manifest-reference/modules/event/ (2025-06-30), and
the schema of `@forge/manifest` 13.7.0.
"""

from __future__ import annotations

import re
from typing import Final

from forge_emu.manifest.module_keys import ModuleKeys
from forge_emu.model import EventModule, app_event_name, split_app_event
from forge_emu.yamlsource import typed_reading
from forge_emu.yamlsource.findings import Findings
from forge_emu.yamlsource.nodes import Part, SequenceNode

ANYBODY: Final = "*"
"""As a recipient: every app on the site."""
MOST_RECIPIENTS: Final = 100

_RECIPIENT: Final = re.compile(r"ari:cloud:ecosystem::app/\S+")
_PROPERTIES: Final = frozenset({"key", "name", "allowedRecipients"})


class EventModuleReader:
    """Reads the event modules of the app `app_id`."""

    def __init__(self, findings: Findings, keys: ModuleKeys, app_id: str) -> None:
        self._findings = findings
        self._keys = keys
        self._app_id = app_id
        self.event_modules: list[EventModule] = []
        self._declared: set[str] = set()

    def read_entry(self, part: Part) -> None:
        """Read one entry of `modules.event`."""
        if not typed_reading.require_mapping(self._findings, part):
            return
        typed_reading.warn_unknown_properties(self._findings, part, _PROPERTIES, "an event module")
        key = self._keys.read_key(part)
        name = typed_reading.read_required_text(
            self._findings, part, "name", "It is what people read, such as `name: Order placed`."
        )
        recipients = self._recipients(part)
        if key is None:
            return
        self._declared.add(key)
        if name is not None and recipients is not None:
            self.event_modules.append(EventModule(key, name, recipients, part.place.line))

    def check_subscription(self, at: Part, event: str) -> bool:
        """Whether a trigger's `event` has the form of an app event; says what is wrong with it."""
        parts = split_app_event(event)
        if parts is None:
            return False
        app, key = parts
        if app == self._app_id.rpartition("/")[2] and key not in self._declared:
            known = sorted(self._declared)
            near = self._findings.nearest(key, known)
            names = ", ".join(app_event_name(self._app_id, each) for each in near)
            self._findings.warn(
                at,
                f"the app publishes no event {key[:60]!r}: modules.event does not declare it",
                f"Did you mean {names}?"
                if names
                else f"Declare it: `event: [{{key: {key[:60]}, name: …, allowedRecipients: []}}]`.",
                "unknown-event",
            )
        return True

    def _recipients(self, part: Part) -> tuple[str, ...] | None:
        at = part.get("allowedRecipients")
        if at is None:
            self._findings.error_missing(
                part,
                "allowedRecipients",
                "Write `allowedRecipients: []` for the app alone, or ['*'] for every app.",
            )
            return None
        if isinstance(at.node, SequenceNode) and not at.node.items:
            return ()
        items = typed_reading.read_list(self._findings, at, "recipients")
        if items is None:
            return None
        if len(items) > MOST_RECIPIENTS:
            self._findings.error(
                at, f"{at.name} has {len(items)} entries, {MOST_RECIPIENTS} are allowed"
            )
        found: dict[str, None] = {}
        for item in items:
            if (recipient := typed_reading.read_text(self._findings, item)) is None:
                continue
            self._check_recipient(item, recipient, known=recipient in found)
            found[recipient] = None
        return tuple(found)

    def _check_recipient(self, item: Part, recipient: str, *, known: bool) -> None:
        if known:
            self._findings.error(item, f"{item.name}: {recipient[:80]!r} is there twice")
        elif recipient != ANYBODY and not _RECIPIENT.fullmatch(recipient):
            self._findings.warn(
                item,
                f"{item.name}: {recipient[:80]!r} is no app",
                "Write its ARI, ari:cloud:ecosystem::app/<uuid>, or '*' for every app.",
                "event-recipient",
            )
