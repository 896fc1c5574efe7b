"""`modules.trigger`: the events it listens to, their filters, and the scopes they need."""

from __future__ import annotations

from collections.abc import Collection

from forge_emu.events import known_events, nearest_events, scopes_of
from forge_emu.manifest.life_cycle.event_modules import EventModuleReader
from forge_emu.manifest.module_keys import ModuleKeys
from forge_emu.manifest.targets.endpoints import (
    EndpointReader,
    read_endpoint_reference,
)
from forge_emu.manifest.targets.module_reader import TARGETS, ModuleReader
from forge_emu.manifest.trigger_filters import FilterReader, TriggerFilter
from forge_emu.model import Subscription, Trigger
from forge_emu.yamlsource import typed_reading
from forge_emu.yamlsource.findings import Findings
from forge_emu.yamlsource.nodes import MappingNode, Part, SequenceNode

_PROPERTIES = frozenset({"key", "events", "filter", "payload", *TARGETS})
_EVENT_PROPERTIES = frozenset({"eventType", "filter", "payload"})


class TriggerReader(ModuleReader[Trigger]):
    """Reads triggers of `functions` and `endpoints`; `scopes` None means unknown."""

    def __init__(
        self,
        findings: Findings,
        keys: ModuleKeys,
        functions: Collection[str],
        scopes: Collection[str] | None,
        endpoints: EndpointReader,
        event_modules: EventModuleReader,
    ) -> None:
        super().__init__(findings, keys, functions, endpoints)
        self._scopes = scopes
        self._event_modules = event_modules
        self._filters = FilterReader(findings)

    def read_entry(self, part: Part) -> None:
        """Read one entry of `modules.trigger`."""
        if not self._begin_entry(part, _PROPERTIES, "a trigger"):
            return
        key = self._keys.read_key(part)
        own_filter = self._filters.read_filter(part)
        include = self._filters.read_include(part)
        subscriptions = self._subscriptions(part, own_filter, include)
        function_at, endpoint_at = (part.get(name) for name in TARGETS)
        if function_at is not None and endpoint_at is not None:
            read_endpoint_reference(
                self._findings, endpoint_at, "trigger", self._endpoints.declared
            )
        target = self._read_target(part, key, "trigger", "trigger-target")
        if target is None:
            return
        function, endpoint = target
        if key is not None and subscriptions is not None:
            self.modules.append(Trigger(key, function, subscriptions, part.place.line, endpoint))

    def _subscriptions(
        self, part: Part, own: TriggerFilter | None, include: tuple[str, ...]
    ) -> tuple[Subscription, ...] | None:
        events = part.get("events")
        if events is None:
            self._findings.error_missing(
                part, "events", "List them: `events: [avi:jira:created:issue]`."
            )
            return None
        if isinstance(events.node, SequenceNode) and not events.node.items:
            self._findings.warn(events, f"{events.name} is an empty list: it is never triggered")
            return ()
        items = typed_reading.read_list(self._findings, events, "events")
        if items is None:
            return None
        found: dict[str, Subscription] = {}
        for item in items:
            if isinstance(item.node, MappingNode):
                typed_reading.warn_unknown_properties(
                    self._findings, item, _EVENT_PROPERTIES, "an event"
                )
                event = typed_reading.read_required_text(
                    self._findings, item, "eventType", "It is the event's name."
                )
                at = item.get("eventType")
                used = self._filters.read_filter(item) or own or TriggerFilter()
                included = self._filters.read_include(item) or include
            else:
                event, at = typed_reading.read_text(self._findings, item), item
                used, included = own or TriggerFilter(), include
            if event is None or at is None:
                continue
            self._check_event(at, event, used)
            self._filters.check_event(at, event, used, bool(included))
            if event in found:
                self._findings.warn(
                    at, f"{part.name} lists {event[:80]!r} twice; it is delivered once"
                )
            found.setdefault(event, self._subscription(event, used, included))
        return tuple(found.values())

    def _subscription(
        self, event: str, used: TriggerFilter, include: tuple[str, ...]
    ) -> Subscription:
        return Subscription(
            event,
            used.ignore_self,
            used.expression,
            used.on_error,
            used.licensed_only,
            self._filters.place_of(used),
            include,
        )

    def _check_event(self, at: Part, event: str, used: TriggerFilter) -> None:
        if self._event_modules.check_subscription(at, event):
            return
        if event not in known_events():
            near = [] if self._findings.is_crowded else nearest_events(event)
            self._findings.warn(
                at,
                f"{event[:80]!r} is not an event that the platform documents",
                f"Nearest: {', '.join(near)}." if near else "`forge-emu events` lists them.",
                "unknown-event",
            )
            return
        if used.ignore_self and not event.startswith("avi:jira:"):
            self._findings.warn(
                at,
                "trigger filtering with ignoreSelf works only with Jira events, says"
                f" `forge deploy`; {event!r} is none",
                None,
                "ignore-self",
            )
        needed = scopes_of(event)
        if needed is None or self._scopes is None:
            return
        alternatives = [names for names in (needed.classic, needed.granular) if names]
        lacking = [[n for n in names if n not in self._scopes] for names in alternatives]
        if lacking and all(lacking):
            also = f" (or {' and '.join(lacking[1])})" if len(lacking) > 1 else ""
            self._findings.warn(
                at,
                f"Trigger event: {event!r} requires {' and '.join(map(repr, lacking[0]))} scope",
                f"Add {' and '.join(lacking[0])}{also} under permissions.scopes.",
                "missing-scope",
            )
